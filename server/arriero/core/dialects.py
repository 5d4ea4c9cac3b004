"""Prompt formats: turns in, the exact text for the model out.

Only this module writes a model's own syntax. The leading `<s>` is always left out: every server
adds it (TGI: `add_special_tokens` is fixed to true on /generate), and a doubled one spoils answers.
Sources are the model card and facebookresearch/codellama at 1af62e1, llama/generation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from arriero.core.escape import EVERYTHING, SPECIAL, SPECIAL_AND_TAGS, Signs
from arriero.errors import DialogError

# What ends a turn of CodeLlama-70b-Instruct's, with the blanks that belong to it.
TURN_END = " <step> "

# About as many tokens as templates spend on a turn.
_FRAME = "- - - - - - - - "


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `destination` stands in the prompt only where the message names one."""

    role: str
    content: str
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose tokens other than greedily. Any seed makes the choice repeatable."""

    temperature: float
    top_p: float
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model. `text` is final: already escaped, without `<s>`.

    `stop` are strings that end the answer (they may stay in it: TGI keeps them), `end_ids` token
    ids that do. `max_new_tokens` counts tokens. Without `sampling` the answer is greedy. `signs`
    restores the answer. Where there are `turns`, they are for the model's own chat template, and
    `text` is only what they say. `topic` names the document: of several servers with the same
    model, one that saw it before has most of the prompt in its cache.
    """

    text: str
    stop: tuple[str, ...]
    end_ids: frozenset[int]
    max_new_tokens: int
    sampling: Sampling | None = None
    signs: Signs = SPECIAL
    turns: tuple[Turn, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One row of the table. `render(turns, prefill)` returns the prompt's text.

    A dialect that does not `converse` is for models that only continue text, one that `infills`
    for those that can be shown a gap as well: see `infill`. `by_template`: the turns are sent, and
    the model's own chat template writes them.
    """

    name: str
    render: Callable[[Sequence[Turn], str], str]
    stop: tuple[str, ...]
    end_ids: frozenset[int]
    converses: bool = False
    infills: bool = False
    by_template: bool = False
    signs: Signs = SPECIAL


def prompt(
    dialect: Dialect,
    turns: Sequence[Turn],
    prefill: str,
    stop: tuple[str, ...],
    max_new_tokens: int,
) -> Prompt:
    """Word a dialog whose reply begins with the prefill. Raises DialogError."""
    own: tuple[Turn, ...] = ()
    if dialect.by_template:
        begun = (Turn("assistant", prefill),) if prefill else ()
        own = tuple(
            replace(turn, content=dialect.signs.escape(turn.content)) for turn in (*turns, *begun)
        )
    return Prompt(
        text=dialect.render(turns, prefill),
        stop=stop,
        end_ids=dialect.end_ids,
        max_new_tokens=max_new_tokens,
        signs=dialect.signs,
        turns=own,
    )


def source_destination(turns: Sequence[Turn], prefill: str = "") -> str:
    """Write CodeLlama-70b-Instruct's format; the answer then goes on from the prefill.

    An empty system turn where there is none, strict alternation, the last turn from the user
    (`dialog_prompt_tokens`).
    """
    whole = list(turns) if _has_system(turns) else [Turn("system", ""), *turns]
    _check(turns)
    said = "".join(f"{_header(turn)}\n\n {_body(turn.content)}{TURN_END}" for turn in whole)
    # The prefill follows the reply's last space at once: the form of the training data.
    return said + "Source: assistant\nDestination: user\n\n " + SPECIAL.escape(prefill)


def llama2_inst(turns: Sequence[Turn], prefill: str = "") -> str:
    """Write the format of the 7B, 13B and 34B Instruct: Llama 2's.

    The system turn stands inside the first user turn (`chat_completion`).
    """
    _check(turns)
    escape = SPECIAL_AND_TAGS.escape
    system = ""
    if _has_system(turns):
        system = f"<<SYS>>\n{escape(turns[0].content)}\n<</SYS>>\n\n"
        turns = turns[1:]
    text = ""
    for turn in turns:
        if turn.role == "user":
            text += f"[INST] {(system + escape(turn.content)).strip()} [/INST]"
            system = ""
        else:
            text += f" {escape(turn.content.strip())} </s><s>"
    return f"{text} {escape(prefill)}" if prefill else text


def infill(prefix: str, suffix: str, *, suffix_first: bool = False) -> str:
    """Write a gap between two texts, for the models trained to fill it (`infilling_prompt_tokens`).

    The answer begins where the prefix ends, at any character.
    """
    before, after = SPECIAL.escape(prefix), SPECIAL.escape(suffix)
    if suffix_first:
        return f"<PRE> <SUF>{after} <MID> {before}"
    return f"<PRE> {before} <SUF>{after} <MID>"


def gap(text: str) -> tuple[str, str]:
    """Return prefix and suffix of what `infill` wrote, suffix first; escaped, as they are sent."""
    suffix, _, prefix = text.removeprefix("<PRE> <SUF>").partition(" <MID> ")
    return prefix, suffix


def plain(turns: Sequence[Turn], prefill: str = "") -> str:
    """Join the contents as one text that a model without a chat format can go on with."""
    contents = (turn.content.strip() for turn in turns)
    return SPECIAL.escape("".join(f"{content}\n\n" for content in contents if content) + prefill)


def template(turns: Sequence[Turn], prefill: str = "") -> str:
    """Return what the turns say, to count by: how they are framed is the template's to know."""
    said = "".join(f"{_FRAME}{turn.role}\n{turn.content}\n" for turn in turns)
    return EVERYTHING.escape(said + _FRAME + prefill)


def lone_surrogate(text: str) -> int | None:
    """Return where a text has half a character, which no tokenizer reads, or None."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None


def _has_system(turns: Sequence[Turn]) -> bool:
    return bool(turns) and turns[0].role == "system"


def _header(turn: Turn) -> str:
    if turn.destination is None:
        return f"Source: {turn.role}"
    return f"Source: {turn.role}\nDestination: {turn.destination.strip()}"


def _body(content: str) -> str:
    # Content of blanks alone tokenizes differently here and in the reference; "" does not.
    return SPECIAL.escape(content.strip())


def _check(turns: Sequence[Turn]) -> None:
    """Raise DialogError for the first turn that is amiss."""
    if not turns:
        raise DialogError("The dialog is empty: it needs at least one turn from the user.")
    first = 2 if _has_system(turns) else 1
    for number, turn in enumerate(turns[first - 1 :], start=first):
        expected = "assistant" if (number - first) % 2 else "user"
        if turn.role != expected:
            raise DialogError(
                f"Turn {number} is from {turn.role!r}, where {expected!r} has to speak: after the "
                "system turn, user and assistant take turns."
            )
    if turns[-1].role != "user":
        raise DialogError(
            f"Turn {len(turns)} is the last and from {turns[-1].role!r}: the last turn has to be "
            "from 'user'."
        )


# 2 is `</s>`, 32015 `<step>` and 32010 `<EOT>` in the vocabularies of Code Llama. What ends the
# text of another model is its server's to know: `eos_token`.
DIALECTS = (
    Dialect(
        "source_destination",
        source_destination,
        stop=("<step>", "</s>"),
        end_ids=frozenset({2, 32015}),
        converses=True,
    ),
    Dialect(
        "llama2_inst",
        llama2_inst,
        stop=("</s>",),
        end_ids=frozenset({2}),
        converses=True,
        signs=SPECIAL_AND_TAGS,
    ),
    Dialect("infill", plain, stop=("<EOT>",), end_ids=frozenset({2, 32010}), infills=True),
    Dialect(
        "template",
        template,
        stop=(),
        end_ids=frozenset(),
        converses=True,
        by_template=True,
        signs=EVERYTHING,
    ),
    Dialect("plain", plain, stop=(), end_ids=frozenset()),
)
BY_NAME = {dialect.name: dialect for dialect in DIALECTS}
