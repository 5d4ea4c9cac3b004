"""Finding the code in an answer: between fences, among prose, under line numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([\w+#./-]*)[ \t]*")
Numbers = re.Pattern[str]
# Line numbers by the mark behind them. Behind all but the blank ones a blank may follow.
_BLANK = [re.compile(rf"[ \t]*(\d+)(?:{mark}(.*)|)") for mark in (r"\t", " ")]
_NUMBERS = [
    *_BLANK[:1],
    *(re.compile(rf"[ \t]*(\d+)(?:{mark}(.*)|)") for mark in (" ?[|]", ":", "[)]", "[.]")),
    *_BLANK[1:],
]
_QUOTED = re.compile(r"`[^`]*`")
_CODE = re.compile(
    r"[=;{}<>\[\]\\@#]|\w\(|->"
    r"|^\s*(?:def|class|return|if|for|while|else|try|import|from|end|package|func|fn)\b"
)


def blocks(text: str) -> list[tuple[list[str], bool]]:
    """Return the code blocks of an answer as lines, and whether a fence closed each.

    The answer began inside a fence. It may still say something first and then open a fence of its
    own. Without any fence, all of it that is no prose at its start and end is one block that
    nothing closed.
    """
    lines = text.split("\n")
    marks = [n for n, line in enumerate(lines) if _FENCE.fullmatch(line)]
    inside = not (marks and opens_anew(lines, marks[0]))
    found: list[tuple[list[str], bool]] = []
    begin = 0
    for mark in [*marks, len(lines)]:
        if inside:
            found.append((without_prose(lines[begin:mark]), mark < len(lines)))
        # A fence that names a language opens a block, also where the last one was left open.
        inside = mark < len(lines) and (not inside or _names_language(lines[mark]))
        begin = mark + 1
    return [(block, closed) for block, closed in found if block]


def opens_anew(lines: Sequence[str], mark: int) -> bool:
    """Tell whether the first fence opens a block, though one was open: prose stands before it."""
    return _names_language(lines[mark]) or not any(
        line.strip() for line in without_prose(lines[:mark])
    )


def without_prose(lines: Sequence[str]) -> list[str]:
    """Drop sentences and blank lines before and after the code."""
    start, stop = 0, len(lines)
    while start < stop and (not lines[start].strip() or is_prose(lines[start])):
        start += 1
    while stop > start and (not lines[stop - 1].strip() or is_prose(lines[stop - 1])):
        stop -= 1
    return list(lines[start:stop])


def is_prose(line: str) -> bool:
    """Tell whether a line is a sentence to the person and no code."""
    text = _QUOTED.sub("it", line.strip()).lstrip("*->😊✅ ")
    if not text[:1].isupper() or _CODE.search(text):
        return False
    words = text.split()
    return len(words) >= 4 or (len(words) >= 2 and text.endswith((".", ":", "!", "?")))


def numbers(lines: Sequence[str]) -> Numbers | None:
    """Return how line numbers are written, if every line has one and they follow each other."""
    full = [line for line in lines if line.strip()]
    for form in _NUMBERS:
        found = [match for line in full if (match := form.fullmatch(line))]
        first = int(found[0][1]) if found else 0
        if full and [int(match[1]) for match in found] == list(range(first, first + len(full))):
            return form
    return None


def begins_with_number(lines: Sequence[str], known: Sequence[str]) -> bool:
    """Tell whether a number stands before the first line, as before no line that the file has."""
    return any(
        belongs(form, lines[0]) and not any(belongs(form, line) for line in known)
        for form in _NUMBERS
    )


def without_numbers(lines: Sequence[str], form: Numbers) -> list[str]:
    """Return the lines without the numbers that each of them has; see `numbers`."""
    found = [form.fullmatch(line) for line in lines if line.strip()]
    rests = [match[2] or "" for match in found if match]
    if form not in _BLANK and all(not rest or rest.startswith(" ") for rest in rests):
        return [rest[1:] for rest in rests]
    return rests


def belongs(form: Numbers, line: str) -> bool:
    """Tell whether a line of the file begins with such a number, which is its own."""
    match = form.fullmatch(line)
    return bool(match and match[2])


def _names_language(line: str) -> bool:
    match = _FENCE.fullmatch(line)
    return bool(match and match[2])
