"""From tokens back to turns, by the rules of the model's reference, or a flaw that spoils answers.

Source of the rules: `dialog_prompt_tokens` in facebookresearch/codellama (1af62e1). Exactly one
`<s>`; a system turn, then user and assistant in turn, each ended by `<step>`; then the header of
the reply, with the space at its end, and what the reply is made to begin with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arriero_backend.engine import InputToken
from arriero_backend.simulated.tokenizer import BEGIN, SPECIAL_IDS, STEP

REPLY = "Source: assistant\nDestination: user\n\n "

_TURN = re.compile(
    r"Source: (?P<role>\w+)(?:\nDestination: [^\n]+)?(?:\n\n (?P<body>\S.*))?", re.DOTALL
)
# What arriero, and whoever copies it, puts into special names in people's text.
_APART = re.compile("<\u200b(?=\u200b*(?:s|/s|unk|step|PRE|SUF|MID|EOT)>)")


@dataclass(frozen=True, slots=True)
class Dialog:
    """A prompt as the model understands it. `prefill` is what its reply has already."""

    user: str
    prefill: str


class Flaw(Exception):
    """A prompt that the model was not trained on. The text says what is wrong with it."""


class Beginning(Flaw):
    """No `<s>`, or more than one."""


class Header(Flaw):
    """The line that opens a turn or the reply is not exactly as it should be."""


class Turns(Flaw):
    """Speakers in the wrong order, or signs where only text should be."""


def read(tokens: Sequence[InputToken]) -> Dialog:
    """Return the last user turn and the prefill; raises Flaw."""
    ids = [token.id for token in tokens]
    if ids[:1] != [BEGIN] or ids.count(BEGIN) > 1:
        raise Beginning("the prompt has to have <s> once, at its beginning")
    if SPECIAL_IDS.intersection(ids) - {BEGIN, STEP}:
        raise Turns("a special token stands in the text")
    *turns, reply = _segments(tokens[1:])
    spoken = [_turn(segment) for segment in turns]
    _check_order([role for role, _ in spoken])
    if not reply.startswith(REPLY):
        raise Header("the reply's header is not exactly as in the training data")
    return Dialog(together(spoken[-1][1]), together(reply.removeprefix(REPLY)))


def render(messages: Sequence[Mapping[str, str]]) -> str:
    """Write a chat as the model's own template does; raises ValueError with the template's words.

    Unlike the reference, the template adds no empty system turn, and ends in the reply's header
    whoever spoke last.
    """
    if not messages:
        raise ValueError("a chat needs at least one message")
    first = 1 if messages[0]["role"] == "system" else 0
    text = "<s>"
    for number, message in enumerate(messages, start=first):
        if (message["role"] == "user") != (number % 2 == 0):
            raise ValueError("Conversation roles must alternate user/assistant/user/assistant/...")
        text += f"Source: {message['role']}\n\n {message['content'].strip()} <step> "
    return text + REPLY


def _segments(tokens: Sequence[InputToken]) -> list[str]:
    """Return the text between the `<step>` tokens, which took the blanks around them along."""
    segments = [""]
    for token in tokens:
        if token.id == STEP:
            segments.append("")
        else:
            segments[-1] += token.text
    return segments


def _turn(segment: str) -> tuple[str, str]:
    if not segment.startswith("Source: "):
        raise Turns("a <step> stands where no turn ends")
    turn = _TURN.fullmatch(segment)
    if turn is None:
        raise Header("a turn's header is not exactly as in the training data")
    return turn["role"], turn["body"] or ""


def _check_order(roles: Sequence[str]) -> None:
    expected = ["system", *("user" if n % 2 == 0 else "assistant" for n in range(len(roles) - 1))]
    if roles != expected or len(roles) % 2:
        raise Turns("the turns have to be: system, user, assistant, user, and so on")


def together(text: str) -> str:
    """Put together what was taken apart in people's text."""
    return _APART.sub("<", text)
