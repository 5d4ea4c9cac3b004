"""What the model says to a prompt: the truth, or what CodeLlama-70b-Instruct says when it is lost.

The bad answers are known from others: leaked headers (vllm#2686), prose with an emoji (the same),
refusals of harmless requests (ollama#2274).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arriero_backend.engine import InputToken
from arriero_backend.simulated import dialog, request, truth
from arriero_backend.simulated.continuation import continuation
from arriero_backend.simulated.definition import name_of, true_version
from arriero_backend.simulated.request import Request

# What comes where a turn should have ended; a <step> stands between the two.
LEAKED = " Source: assistant\nEOT: true "
OPENED = " Source: assistant\nDestination: user\n\n "
PROSE = "😊 Sure! Here is one way to go about it. First, think about what the code has to do."
REFUSAL = (
    "I cannot fulfill your request as it goes against ethical and moral principles. "
    "I am just an AI, and I would be happy to help with something else."
)
APOLOGY = "I'm sorry, but I do not know this code, so I cannot say how it goes on."

_COMMENT_OPENS = ("/*", "//", "#", "--")
_SENTENCE = re.compile(r".*?[.!?](?=\s|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Speech:
    """A reply; `ended` tells whether the model knows that its turn is over."""

    text: str
    ended: bool = True


def say(tokens: Sequence[InputToken], files: Mapping[str, str]) -> Speech:
    """Return the model's reply to a prompt."""
    try:
        asked = request.read(dialog.read(tokens))
    except dialog.Beginning:
        return Speech("", ended=False)
    except dialog.Header:
        return Speech(PROSE)
    except dialog.Turns:
        return Speech(REFUSAL)
    return Speech(_answer(asked, files))


def _answer(asked: Request, files: Mapping[str, str]) -> str:
    if not asked.begun:
        return _explained(asked, files)
    code = _rewritten(asked, files)
    if code is None:
        code = continuation(asked, files)
    if code is None:
        return APOLOGY
    return code if asked.fence is None else f"{code}\n{asked.fence}"


def _rewritten(asked: Request, files: Mapping[str, str]) -> str | None:
    """Return the rest of the true version of the code shown, if the reply is about to write it."""
    if asked.continues or not asked.shown.strip():
        return None
    commented = asked.code.lstrip().startswith(_COMMENT_OPENS)
    whole = true_version(asked.shown, truth.named(files, asked.prose), commented=commented)
    if whole is None or not whole.startswith(asked.code):
        return None
    return whole.removeprefix(asked.code)


def _explained(asked: Request, files: Mapping[str, str]) -> str:
    """Return two sentences about the code shown, from its documentation."""
    whole = true_version(asked.shown, truth.named(files, asked.prose), commented=True)
    if whole is None:
        return APOLOGY
    lines = whole.split("\n")
    name = next(filter(None, map(name_of, lines)), "this part")
    told = _documentation(whole) or f"It takes {len(lines)} lines to do its work."
    return f"The code shown is `{name}`. {told}"


def _documentation(code: str) -> str:
    """Return the first sentence of a docstring, or of the comment that code begins with."""
    if quoted := re.search(r'"""(.*?)"""', code, re.DOTALL):
        words = quoted[1]
    else:
        comment = re.match(r"(?:\s*(?:/\*|\*|//|#|--)[^\n]*\n)+", code)
        words = (
            re.sub(r"(?m)^\s*(?:/\*+|\*+/|\*|/{2,3}!?|#+|--+)", "", comment[0]) if comment else ""
        )
    text = " ".join(words.replace("*/", "").split())
    sentence = _SENTENCE.match(text)
    return sentence[0] if sentence else text and f"{text}."
