"""What a person can set: one field each, with its default, its meaning and who may set it.

This file says what there is; settings_sources.py reads it from files, the environment and the
editor; settings_docs.py writes the README's table and the manifest of the VS Code extension.
To add a setting, add a field.

A file inside a workspace can come from anyone. It may set only what is marked `workspace=True`:
what sends no text elsewhere, runs nothing, and writes nothing about the person's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from arriero import settings_kinds as kinds
from arriero.settings_kinds import Kind, OwnAction
from arriero.settings_kinds import Secret as Secret

Group = TypeVar("Group")

# The model card's first example, and what keeps an answer to what can be inserted.
SYSTEM_PROMPT = (
    "You are a helpful and honest code assistant. You answer exactly what is asked, and briefly."
)


@dataclass(frozen=True, slots=True)
class About:
    """What a field says of itself.

    `workspace`: a file of a workspace may set it. Not `editor`: an editor may not, since what it
    sends can stand in its logs. The values of a `joined` setting add up over all sources. One that
    `narrows` says what leaves: a file of a workspace can make that less, and never more.
    """

    kind: Kind
    description: str
    workspace: bool = False
    editor: bool = True
    joined: bool = False
    narrows: bool = False


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


def setting(kind: Kind, default: Any, description: str, **more: bool) -> Any:
    """Declare a setting, as a field; `more` are the switches of About."""
    about = {"about": About(kind, description, **more)}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=about)
    return field(default=default, metadata=about)


def group(kind: type[Group], beginning: str = "") -> Any:
    """Declare a table of settings; `beginning` is put before the description of each."""
    return field(default_factory=kind, metadata={"beginning": beginning})


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A model server: where it is, what opens it, and what is known of its model beforehand."""

    url: str = setting(
        kinds.ADDRESS,
        "",
        "Address of the model server; `unix:///path` for a socket. Your code goes nowhere else.",
    )
    replicas: tuple[str, ...] = setting(
        kinds.ADDRESSES,
        (),
        "Addresses of more servers with the same model and key. Each document keeps to one; "
        "where that fails, another is asked.",
    )
    backend: str = setting(
        kinds.choice("auto", "tgi", "vllm", "sglang", "llama.cpp", "openai"),
        "auto",
        "Kind of the model server, in place of the one that it is found to be.",
    )
    api_key: Secret = setting(
        kinds.SECRET,
        Secret(),
        "Key of the model server; sent to it and to nobody else.",
        editor=False,
    )
    api_key_file: Path | None = setting(
        kinds.FILE, None, "File that has the key in it, and nothing else."
    )
    api_key_command: tuple[str, ...] = setting(
        kinds.COMMAND, (), "Program and arguments that print the key; run without a shell."
    )
    api_key_keyring: str = setting(
        kinds.TEXT,
        "",
        "Where the system's keyring has the key, as `service/user` (needs `arriero[keyring]`).",
    )
    model: str = setting(
        kinds.TEXT, "", "Name of the model, in place of the one that the server reports."
    )
    dialect: str = setting(
        kinds.TEXT, "", "Prompt format, in place of the one that fits the model."
    )
    tokenizer: Path | None = setting(
        kinds.FILE, None, "The model's `tokenizer.json`, or its folder, to count tokens exactly."
    )
    context_tokens: int | None = setting(
        kinds.whole(256, 1_000_000),
        None,
        "Tokens that prompt and answer may have together, in place of the server's limit.",
    )


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds. A 70B model behind a queue can be slow to begin."""

    connect: float = setting(
        kinds.seconds(0.01, 600), 5.0, "Seconds to wait for a connection to the model server."
    )
    info: float = setting(
        kinds.seconds(0.01, 600), 10.0, "Seconds for what the model server says of itself."
    )
    first_token: float = setting(
        kinds.seconds(0.01, 3600), 60.0, "Seconds from the request to the first token."
    )
    # TGI sends a sign of life every 15 seconds (axum's KeepAlive): two of them have to be lost.
    between_tokens: float = setting(
        kinds.seconds(0.01, 3600), 30.0, "Seconds between two signs of life of a running answer."
    )
    total: float = setting(
        kinds.seconds(0.01, 86_400), 180.0, "Seconds for one request in all, repetitions included."
    )


@dataclass(frozen=True, slots=True)
class Completion:
    """When and where code is suggested."""

    enabled: bool = setting(kinds.YES_NO, True, "Suggest code while you type.", workspace=True)
    languages: Mapping[str, bool] = setting(
        kinds.SWITCHES,
        {},
        "Languages to suggest code in: a list of those that are on, or a table such as "
        '`{"*": true, "markdown": false}`.',
        workspace=True,
    )
    pace: float = setting(
        kinds.seconds(0, 10),
        0.15,
        "Seconds that the typing has to rest before the model is asked.",
        workspace=True,
    )
    one_line_tokens: int = setting(
        kinds.whole(1, 16_384),
        64,
        "Tokens that a suggestion for the rest of one line may have at most.",
        workspace=True,
    )

    def wants(self, language: str) -> bool:
        """Whether to suggest code in documents with this LSP language identifier."""
        return self.enabled and self.languages.get(language, self.languages.get("*", True))


@dataclass(frozen=True, slots=True)
class Context:
    """What a model is shown beside the file itself."""

    enabled: bool = setting(
        kinds.YES_NO,
        True,
        "Show the model parts of other files: the definitions that the code needs, what you edited "
        "last, tests, similar code.",
        workspace=True,
        narrows=True,
    )
    limit: int = setting(
        kinds.whole(0, 16_384),
        1200,  # a third of what 4096 tokens leave for the prompt
        "About how many tokens of a prompt parts of other files may have.",
        workspace=True,
        narrows=True,
    )
    sources: Mapping[str, bool] = setting(
        kinds.SWITCHES,
        {},
        "Which parts: a list of those that are on, or a table such as "
        '`{"*": true, "similar": false}`. There are `cells` (of the same notebook), `recent`, '
        "`definitions`, `tests`, `similar` and `open`.",
        workspace=True,
        narrows=True,
    )

    def wants(self, kind: str) -> bool:
        """Whether to show parts of a kind (core/context.py)."""
        return self.enabled and self.sources.get(kind, self.sources.get("*", True))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How another suggestion is chosen than the likeliest one, which is always the first.

    The defaults are those of the completion example on the card of CodeLlama-70b. TGI takes no
    temperature of 0 and no top_p of 1: both mean that the field is left out.
    """

    temperature: float = setting(
        kinds.number(0.01, 2),
        0.2,
        "How far a suggestion that you ask for again at the same place may stray from the "
        "likeliest.",
        workspace=True,
    )
    top_p: float = setting(
        kinds.number(0.01, 0.99),
        0.9,
        "The share of all likelihood that such a suggestion is chosen from.",
        workspace=True,
    )
    seed: int = setting(
        kinds.whole(0, 2**31),
        1,
        "Makes the choice repeatable; each time you ask again, the next number is used.",
        workspace=True,
    )


@dataclass(frozen=True, slots=True)
class Actions:
    """Which code actions are offered."""

    enabled: tuple[str, ...] | None = setting(
        kinds.NAMES,
        None,
        "Ids of the code actions to offer; all, where it is not set.",
        workspace=True,
    )

    confirm: bool = setting(
        kinds.YES_NO,
        True,
        "Let the editor ask before it makes an edit of the model's, where it can.",
    )
    own: Mapping[str, OwnAction] = setting(
        kinds.OWN_ACTIONS,
        {},
        "Actions of your own: a table of ids, each with `title` and `instruction`; `answer` says "
        "where the answer goes (`replace`, `below` or `show`), `kind` and `languages` when it is "
        "offered.",
        workspace=True,
    )

    def wants(self, action: str) -> bool:
        """Whether to offer the action with this id."""
        return self.enabled is None or action in self.enabled


@dataclass(frozen=True, slots=True)
class Local:
    """The small model on this computer."""

    enabled: bool = setting(
        kinds.YES_NO, True, "Use the small model on this computer while no `url` is set."
    )
    gguf: Path | None = setting(
        kinds.FILE, None, "GGUF file of the local model, in place of the one that is fetched."
    )


@dataclass(frozen=True, slots=True)
class Settings(ModelServer):
    """Everything that can be set. Times in seconds, sizes in tokens."""

    typing: ModelServer = group(ModelServer, "For suggestions while you type, if set: ")
    headers: Mapping[str, Secret] = setting(
        kinds.HEADERS,
        {},
        "More headers for the model servers, such as a gateway asks for.",
        editor=False,
    )
    ca_file: Path | None = setting(
        kinds.FILE, None, "PEM file of the authorities to trust, in place of the system's."
    )
    ca_dir: Path | None = setting(
        kinds.FILE, None, "Folder of such files, named as `openssl rehash` names them."
    )
    client_certificate: Path | None = setting(
        kinds.FILE, None, "PEM file of the certificate that arriero shows to the model server."
    )
    client_key: Path | None = setting(
        kinds.FILE, None, "PEM file of that certificate's key, where the same file has none."
    )
    verify: bool = setting(
        kinds.YES_NO, True, "Check the model server's certificate. Without it, anyone can read."
    )
    proxy: Secret = setting(
        kinds.PROXY,
        Secret(),
        "Proxy on the way to the model server, in place of HTTP_PROXY and HTTPS_PROXY.",
        editor=False,
    )
    concurrency: int = setting(
        kinds.whole(1, 1000),
        4,
        "Requests that run on one model server at once. One of them is kept for what you ask for.",
    )
    max_new_tokens: int = setting(
        kinds.whole(1, 16_384),
        200,  # as on the card of CodeLlama-70b-Instruct
        "Tokens that one answer may have at most.",
        workspace=True,
    )
    system_prompt: str = setting(
        kinds.TEXT,
        SYSTEM_PROMPT,
        "What a model that chats is told it is; actions add the language it is an expert in.",
    )
    deadlines: Deadlines = group(Deadlines)
    completion: Completion = group(Completion)
    context: Context = group(Context)
    sampling: Sampling = group(Sampling)
    actions: Actions = group(Actions)
    ignore: tuple[str, ...] = setting(
        kinds.NAMES,
        (),
        "Files never to send, as lines of a `.gitignore`; the lines of all sources add up.",
        workspace=True,
        joined=True,
    )
    trusted: bool = setting(
        kinds.YES_NO,
        True,
        "Whether you trust the workspace, as VS Code tells by itself. If not, of its settings only "
        "`ignore` counts, and nothing is sent that you did not ask for.",
    )
    local: Local = group(Local)
    log_level: str = setting(
        kinds.choice("debug", "info", "warning", "error"),
        "warning",
        "How much the log tells; your code stands in it at `debug` and nowhere else.",
    )

    def while_typing(self) -> Settings | None:
        """Return the settings for suggestions while people type, where their model is another."""
        if not self.typing.url:
            return None
        server = {each.name: getattr(self.typing, each.name) for each in fields(ModelServer)}
        return replace(self, **server)

    def secrets(self) -> Iterator[Secret]:
        """Yield every value that nobody may see."""
        yield from (self.api_key, self.typing.api_key, self.proxy, *self.headers.values())


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


def _rows(group: Any, prefix: str = "", beginning: str = "") -> Iterator[Row]:
    for each in fields(group):
        held = getattr(group, each.name)
        if is_dataclass(held):
            begins = each.metadata["beginning"]
            yield from _rows(held, f"{prefix}{each.name}.", begins)
        else:
            about = each.metadata["about"]
            description = beginning + about.description
            yield Row(prefix + each.name, held, replace(about, description=description))


# Every setting there is, in the order of the fields.
ROWS = tuple(_rows(Settings()))
