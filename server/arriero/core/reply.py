"""Reading what a model said: where it really ends, what of it is code, what is a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from arriero.core.escape import SPECIAL, Signs

# What may stand behind a cursor without being said by the person: what editors close by themselves.
CLOSERS = ")]};,:'\"` "

# What CodeLlama-70b-Instruct says after the end of its turn when nobody stops it (vllm#2686).
# Both lines are needed, so that code with one such line survives.
_NEXT_TURN = re.compile(r" ?(?:<step>\s*)?Source: (?:assistant|user|system)\s*\n\s*")
_SECOND_LINES = ("Destination: user", "EOT: true")
_TURN_END = "<step>"
_REFUSALS = (
    *("I cannot", "I can't", "I can’t", "I apologize", "I apologise", "I'm sorry", "I’m sorry"),
    *("I am sorry", "I'm not able", "I am not able", "As a responsible"),
)
_REFUSAL = re.compile(rf"\W*(?:{'|'.join(_REFUSALS)})", re.IGNORECASE)
_FENCED = re.compile(
    r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<code>.*?)^(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
# A header of the turn that is just being said, which the model sees in its prompt already.
_HEADER = re.compile(
    r"\s*(?:<step>\s*)?Source: assistant[ \t]*\n"
    r"(?:[ \t]*(?:Destination: user|EOT: true)[ \t]*(?:\n|\Z))?\n* ?"
)


def without_header(answer: str) -> str:
    """Drop a turn's header that an answer begins with."""
    header = _HEADER.match(answer)
    return answer[header.end() :] if header else answer


def said(
    answer: str, stop: Sequence[str], signs: Signs = SPECIAL, *, over: bool = True
) -> tuple[str, bool]:
    """Return the answer up to its end, special tokens whole again, and whether it has ended.

    It ends at the first stop string or where the next turn's header leaks. A server leaves stop
    strings in the text, and may stop a token late. The blank before `<step>` is the format's. As
    long as an answer is not `over`, half a sign and half a header at its end are not returned yet.
    """
    ends = [place for mark in stop if (place := answer.find(mark)) >= 0]
    begun, leaked = _leak(answer)
    if leaked:
        ends.append(begun)
    end = min(ends, default=len(answer) if over else min(begun, signs.settled(answer)))
    text = answer[:end].removesuffix(" ") if answer.startswith(_TURN_END, end) else answer[:end]
    return signs.restore(text), bool(ends)


def _leak(answer: str) -> tuple[int, bool]:
    """Return where the next turn's header begins, or the answer's end, and whether it is whole."""
    for header in _NEXT_TURN.finditer(answer):
        rest = answer[header.end() :]
        if rest.startswith(_SECOND_LINES):
            return header.start(), True
        if any(line.startswith(rest) for line in _SECOND_LINES):
            return header.start(), False
    return len(answer), False


def may_leak(line: str) -> bool:
    """Tell whether a line that is still being said can become the next turn's header."""
    return "Source:" in line


def in_fence(answer: str, fence: str) -> tuple[str, bool]:
    """Return the code of an answer that began inside a fence, and whether the fence was closed."""
    lines = answer.split("\n")
    for number, line in enumerate(lines):
        if line.rstrip() == fence:
            return "\n".join(lines[:number]), True
    return answer, False


def fenced(answer: str, language: str) -> str | None:
    """Return the code block of a free answer: the first of the language, else the longest."""
    blocks = list(_FENCED.finditer(answer))
    for block in blocks:
        if block["language"].strip().lower() == language.lower():
            return block["code"].removesuffix("\n")
    longest = max((block["code"] for block in blocks), key=len, default=None)
    return None if longest is None else longest.removesuffix("\n")


def refuses(answer: str) -> bool:
    """Tell whether the model declines. The 70B does so for harmless code too (ollama#2274)."""
    return bool(_REFUSAL.match(answer))


def may_refuse(answer: str) -> bool:
    """Tell whether what was said so far can become a refusal."""
    begun = answer.lstrip().lower()
    return any(refusal.lower().startswith(begun) for refusal in _REFUSALS)


def without_overlap(text: str, after: str) -> str:
    """Drop the end of a text where it repeats the start of what follows it.

    Only what cannot be there by chance is dropped: brackets that nothing opens, the whole rest of
    the line, or three characters at least.
    """
    rest = after.partition("\n")[0].strip()
    if rest and not rest.strip(CLOSERS):
        return _without_closers(text, rest)
    written = text.rstrip()
    for shared in (after.partition("\n")[0].rstrip(), rest):
        if shared and written.endswith(shared):
            return written[: -len(shared)]
    for size in range(min(len(text), len(after)), 2, -1):
        shared = after[:size]
        if text.endswith(shared) and len(shared.strip()) >= 3:
            return text[:-size]
    return text


def _without_closers(text: str, rest: str) -> str:
    """Drop what closes brackets that the line's rest closes already; keep what the text opened."""
    written = text.rstrip()
    for size in range(min(len(rest), len(written)), 0, -1):
        shared = rest[:size]
        if written.endswith(shared) and unopened(written) >= sum(c in ")]}" for c in shared):
            return written[:-size]
    return text


def unopened(text: str) -> int:
    """Return how many closing brackets have no opening one before them in the text."""
    depth = lowest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        lowest = min(lowest, depth)
    return -lowest
