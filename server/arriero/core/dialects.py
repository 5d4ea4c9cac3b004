"""Prompt formats: turns in, the exact text for the model out.

Only this module writes a model's own syntax. The leading `<s>` is always left out: every server
adds it (TGI: `add_special_tokens` is fixed to true on /generate), and a doubled one spoils answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arriero.core.escape import escape
from arriero.errors import DialogError


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `destination` stands in the prompt only where the message names one."""

    role: str
    content: str
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model. `text` is final: already escaped, without `<s>`.

    `stop` are strings that end the answer (they may stay in it: TGI keeps them), `end_ids` token
    ids that do. `max_new_tokens` counts tokens.
    """

    text: str
    stop: tuple[str, ...]
    end_ids: frozenset[int]
    max_new_tokens: int


@dataclass(frozen=True, slots=True)
class Dialect:
    """One row of the table. `render(turns, prefill)` returns the prompt's text.

    A dialect that does not `converse` is for models that only continue text.
    """

    name: str
    render: Callable[[Sequence[Turn], str], str]
    stop: tuple[str, ...]
    end_ids: frozenset[int]
    converses: bool


def source_destination(turns: Sequence[Turn], prefill: str = "") -> str:
    """Write CodeLlama-70b-Instruct's format; the answer then goes on from the prefill.

    Source: the model card, and `dialog_prompt_tokens` in facebookresearch/codellama (1af62e1):
    an empty system turn where there is none, strict alternation, the last turn from the user.
    """
    said = "".join(f"{_header(turn)}\n\n {_body(turn.content)} <step> " for turn in _whole(turns))
    # The prefill follows the reply's last space at once: the form of the training data.
    return said + "Source: assistant\nDestination: user\n\n " + escape(prefill)


def plain(turns: Sequence[Turn], prefill: str = "") -> str:
    """Join the contents as one text that a model without a chat format can go on with."""
    contents = (turn.content.strip() for turn in turns)
    return "".join(f"{content}\n\n" for content in contents if content) + prefill


def _header(turn: Turn) -> str:
    if turn.destination is None:
        return f"Source: {turn.role.strip()}"
    return f"Source: {turn.role.strip()}\nDestination: {turn.destination.strip()}"


def _body(content: str) -> str:
    # Content of blanks alone tokenizes differently here and in the reference; "" does not.
    return escape(content.strip())


def _whole(turns: Sequence[Turn]) -> list[Turn]:
    """Return the dialog with its system turn, or raise DialogError for the first turn amiss."""
    if not turns:
        raise DialogError("The dialog is empty: it needs at least one turn from the user.")
    whole = list(turns) if turns[0].role == "system" else [Turn("system", ""), *turns]
    missing = len(whole) - len(turns)
    for place, turn in enumerate(whole[1:], start=1):
        expected = "user" if place % 2 else "assistant"
        if turn.role != expected:
            raise DialogError(
                f"Turn {place + 1 - missing} is from {turn.role!r}, where {expected!r} has to "
                "speak: after the system turn, user and assistant take turns."
            )
    if whole[-1].role != "user":
        raise DialogError(
            f"Turn {len(turns)} is the last and from {whole[-1].role!r}: the last turn has to be "
            "from 'user'."
        )
    return whole


# 2 is `</s>` and 32015 `<step>` (the vocabulary of CodeLlama-70b-Instruct).
DIALECTS = (
    Dialect(
        "source_destination",
        source_destination,
        stop=("<step>", "</s>"),
        end_ids=frozenset({2, 32015}),
        converses=True,
    ),
    # What ends the text of an unknown model is its server's to know: `eos_token`.
    Dialect("plain", plain, stop=(), end_ids=frozenset(), converses=False),
)
BY_NAME = {dialect.name: dialect for dialect in DIALECTS}
