"""What a person can set: one field each, with its default, its meaning and who may set it.

This file says what there is; settings_sources.py reads it from files, the environment and the
editor; settings_docs.py writes the README's table and the manifest of the VS Code extension.
To add a setting, add a field.

A file inside a workspace can come from anyone. It may set only what is marked `workspace=True`:
what sends no text elsewhere, runs nothing, and writes nothing about the person's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from arriero import settings_kinds as kinds
from arriero.settings_kinds import Kind
from arriero.settings_kinds import Secret as Secret

Group = TypeVar("Group")

# The model card's first example, and what keeps an answer to what can be inserted.
SYSTEM_PROMPT = (
    "You are a helpful and honest code assistant. You answer exactly what is asked, and briefly."
)


@dataclass(frozen=True, slots=True)
class About:
    """What a field says of itself. The values of a `joined` setting add up over all sources."""

    kind: Kind
    description: str
    workspace: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. `path` is its name in TOML and in editors, such as `deadlines.connect`."""

    path: str
    default: object
    about: About

    @property
    def env(self) -> str:
        """Its environment variable, such as `ARRIERO_DEADLINES_CONNECT`."""
        return "ARRIERO_" + self.path.upper().replace(".", "_")


def about(
    kind: Kind, description: str, *, workspace: bool = False, joined: bool = False
) -> Mapping[str, About]:
    """Return the metadata of a setting's field."""
    return {"about": About(kind, description, workspace, joined)}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds. A 70B model behind a queue can be slow to begin."""

    connect: float = field(
        default=5.0,
        metadata=about(
            kinds.seconds(0.01, 600), "Seconds to wait for a connection to the model server."
        ),
    )
    first_token: float = field(
        default=60.0,
        metadata=about(kinds.seconds(0.01, 3600), "Seconds from the request to the first token."),
    )
    # TGI sends a sign of life every 15 seconds (axum's KeepAlive): two of them have to be lost.
    between_tokens: float = field(
        default=30.0,
        metadata=about(
            kinds.seconds(0.01, 3600), "Seconds between two signs of life of a running answer."
        ),
    )
    total: float = field(
        default=180.0,
        metadata=about(
            kinds.seconds(0.01, 86_400), "Seconds for one request in all, repetitions included."
        ),
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """When and where code is suggested."""

    enabled: bool = field(
        default=True,
        metadata=about(kinds.YES_NO, "Suggest code while you type.", workspace=True),
    )
    languages: Mapping[str, bool] = field(
        default_factory=dict,
        metadata=about(
            kinds.SWITCHES,
            "Languages to suggest code in: a list of those that are on, or a table such as "
            '`{"*": true, "markdown": false}`.',
            workspace=True,
        ),
    )
    pace: float = field(
        default=0.15,
        metadata=about(
            kinds.seconds(0, 10),
            "Seconds that the typing has to rest before the model is asked.",
            workspace=True,
        ),
    )
    one_line_tokens: int = field(
        default=64,
        metadata=about(
            kinds.whole(1, 16_384),
            "Tokens that a suggestion for the rest of one line may have at most.",
            workspace=True,
        ),
    )

    def wants(self, language: str) -> bool:
        """Whether to suggest code in documents with this LSP language identifier."""
        return self.enabled and self.languages.get(language, self.languages.get("*", True))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How another suggestion is chosen than the likeliest one, which is always the first.

    The defaults are those of the completion example on the card of CodeLlama-70b. TGI takes no
    temperature of 0 and no top_p of 1: both mean that the field is left out.
    """

    temperature: float = field(
        default=0.2,
        metadata=about(
            kinds.number(0.01, 2),
            "How far a suggestion that you ask for again at the same place may stray from the "
            "likeliest.",
            workspace=True,
        ),
    )
    top_p: float = field(
        default=0.9,
        metadata=about(
            kinds.number(0.01, 0.99),
            "The share of all likelihood that such a suggestion is chosen from.",
            workspace=True,
        ),
    )
    seed: int = field(
        default=1,
        metadata=about(
            kinds.whole(0, 2**31),
            "Makes the choice repeatable; each time you ask again, the next number is used.",
            workspace=True,
        ),
    )


@dataclass(frozen=True, slots=True)
class Actions:
    """Which code actions are offered."""

    enabled: tuple[str, ...] | None = field(
        default=None,
        metadata=about(
            kinds.NAMES,
            "Ids of the code actions to offer; all, where it is not set.",
            workspace=True,
        ),
    )

    def wants(self, action: str) -> bool:
        """Whether to offer the action with this id."""
        return self.enabled is None or action in self.enabled


@dataclass(frozen=True, slots=True)
class Local:
    """The small model on this computer."""

    enabled: bool = field(
        default=True,
        metadata=about(kinds.YES_NO, "Use the small model on this computer while no `url` is set."),
    )
    gguf: Path | None = field(
        default=None,
        metadata=about(
            kinds.FILE, "GGUF file of the local model, in place of the one that is fetched."
        ),
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Times in seconds, sizes in tokens."""

    url: str = field(
        default="",
        metadata=about(
            kinds.ADDRESS, "Address of the model server, the only place that gets your code."
        ),
    )
    backend: str = field(
        default="auto",
        metadata=about(
            kinds.choice("auto", "tgi", "vllm", "sglang", "llama.cpp", "openai"),
            "Kind of the model server, in place of the one that it is found to be.",
        ),
    )
    api_key: Secret = field(
        default=Secret(),
        metadata=about(kinds.SECRET, "Key of the model server; sent to `url` and nowhere else."),
    )
    headers: Mapping[str, Secret] = field(
        default_factory=dict,
        metadata=about(
            kinds.HEADERS, "More headers for the model server, such as a gateway asks for."
        ),
    )
    ca_file: Path | None = field(
        default=None,
        metadata=about(
            kinds.FILE, "PEM file of the authorities to trust, in place of the system's."
        ),
    )
    model: str = field(
        default="",
        metadata=about(
            kinds.TEXT, "Name of the model, in place of the one that the server reports."
        ),
    )
    dialect: str = field(
        default="",
        metadata=about(kinds.TEXT, "Prompt format, in place of the one that fits the model."),
    )
    tokenizer: Path | None = field(
        default=None,
        metadata=about(
            kinds.FILE, "The model's `tokenizer.json`, or its folder, to count tokens exactly."
        ),
    )
    context_tokens: int | None = field(
        default=None,
        metadata=about(
            kinds.whole(256, 1_000_000),
            "Tokens that prompt and answer may have together, in place of the server's limit.",
        ),
    )
    max_new_tokens: int = field(
        default=200,  # as on the card of CodeLlama-70b-Instruct
        metadata=about(
            kinds.whole(1, 16_384), "Tokens that one answer may have at most.", workspace=True
        ),
    )
    system_prompt: str = field(
        default=SYSTEM_PROMPT,
        metadata=about(
            kinds.TEXT,
            "What a model that chats is told it is; actions add the language it is an expert in.",
        ),
    )
    deadlines: Deadlines = field(default_factory=Deadlines)
    completion: Completion = field(default_factory=Completion)
    sampling: Sampling = field(default_factory=Sampling)
    actions: Actions = field(default_factory=Actions)
    ignore: tuple[str, ...] = field(
        default=(),
        metadata=about(
            kinds.NAMES,
            "Files never to send, as lines of a `.gitignore`; the lines of all sources add up.",
            workspace=True,
            joined=True,
        ),
    )
    local: Local = field(default_factory=Local)
    log_level: str = field(
        default="warning",
        metadata=about(
            kinds.choice("debug", "info", "warning", "error"),
            "How much the log tells; your code stands in it at `debug` and nowhere else.",
        ),
    )


def build(values: Mapping[str, object]) -> Settings:
    """Return the settings that hold these values, keyed by path, and the defaults elsewhere."""
    return _build(Settings, values, "")


def _build(kind: type[Group], values: Mapping[str, object], prefix: str) -> Group:
    held: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        path = prefix + each.name
        if is_dataclass(each.default_factory):
            held[each.name] = _build(each.default_factory, values, path + ".")
        elif path in values:
            held[each.name] = values[path]
    return kind(**held)


def _rows(group: Any, prefix: str) -> Iterator[Row]:
    for each in fields(group):
        held = getattr(group, each.name)
        if is_dataclass(held):
            yield from _rows(held, f"{prefix}{each.name}.")
        else:
            yield Row(prefix + each.name, held, each.metadata["about"])


# Every setting there is, in the order of the fields.
ROWS = tuple(_rows(Settings(), ""))
