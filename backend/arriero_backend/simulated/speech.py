"""What the model says to a prompt: the truth, or what CodeLlama-70b-Instruct says when it is lost.

The bad answers are known from others: leaked headers (vllm#2686), prose with an emoji (the same),
refusals of harmless requests (ollama#2274).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arriero_backend.engine import InputToken
from arriero_backend.simulated import dialog, gap, request, truth
from arriero_backend.simulated.continuation import continuation
from arriero_backend.simulated.definition import name_of, true_version
from arriero_backend.simulated.models import CHAT_70B, Model
from arriero_backend.simulated.noise import Answer
from arriero_backend.simulated.request import Request
from arriero_backend.simulated.tokenizer import BEGIN, SPECIAL_IDS
from arriero_backend.simulated.truth import Gap

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
    """A reply; `ended` tells whether the model knows that its turn is over, `filled` a gap."""

    text: str
    ended: bool = True
    filled: bool = False


def say(
    tokens: Sequence[InputToken],
    files: Mapping[str, str],
    model: Model = CHAT_70B,
    noise: Callable[[Answer], str] = Answer.text,
) -> Speech:
    """Return the model's reply to a prompt; `noise` puts code that it was asked for into words."""
    try:
        if model.fills and gap.shown(tokens):
            return Speech(gap.filled(gap.read(tokens), files) or "", filled=True)
        if model.read is None:
            return Speech(_gone_on(tokens, files))
        asked = request.read(model.read(tokens))
    except dialog.Beginning:
        return Speech("", ended=False)
    except dialog.Header:
        return Speech(PROSE)
    except dialog.Turns:
        return Speech(REFUSAL)
    return Speech(_answer(asked, files, noise))


def _gone_on(tokens: Sequence[InputToken], files: Mapping[str, str]) -> str:
    """Return how a text goes on; raises Flaw."""
    if tokens[0].id != BEGIN or any(token.id in SPECIAL_IDS for token in tokens[1:]):
        raise dialog.Beginning("a text has <s> at its beginning and no other special token")
    text = dialog.together("".join(token.text for token in tokens[1:]))
    return continuation(request.of_text(text), files) or ""


def _answer(asked: Request, files: Mapping[str, str], noise: Callable[[Answer], str]) -> str:
    if not asked.begun:
        return _explained(asked, files)
    known = truth.named(files, asked.about)
    if asked.fence and not asked.code and (gap := _in_place(asked, known)):
        return noise(Answer(gap.code, gap.before, gap.after, asked.shown, asked.fence))
    code = _rewritten(asked, known)
    if code is None:
        code = continuation(asked, files)
    if code is None:
        return APOLOGY
    return code if asked.fence is None else f"{code}\n{asked.fence}"


def _in_place(asked: Request, files: Mapping[str, str]) -> Gap | None:
    """Return the true version of the code shown, told by what is shown around it or by its name."""
    if asked.continues or not asked.shown.strip():
        return None
    around = asked.blocks[:-1][-2:]  # parts of other files may stand before these
    for shown in (around, around[-1:]):
        if gap := truth.between(files, shown):
            return gap
    whole = true_version(asked.shown, files)
    if whole is None:
        return None
    before, after, *_ = (*around, "", "")
    return Gap(before, whole, after)


def _rewritten(asked: Request, files: Mapping[str, str]) -> str | None:
    """Return the rest of the true version of the code shown, if the reply is about to write it."""
    if asked.continues or not asked.shown.strip():
        return None
    commented = asked.code.lstrip().startswith(_COMMENT_OPENS)
    whole = true_version(asked.shown, files, commented=commented)
    if whole is None or not whole.startswith(asked.code):
        return None
    return whole.removeprefix(asked.code)


def _explained(asked: Request, files: Mapping[str, str]) -> str:
    """Return two sentences about the code shown, from its documentation."""
    whole = true_version(asked.shown, truth.named(files, asked.about), commented=True)
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
