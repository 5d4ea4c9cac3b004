"""The true version of code that a request shows: its definition, or the most similar lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

_KEYWORD = re.compile(
    r"^\s*(?:[a-z]+ )*?"
    r"(?:def|class|function\*?|fn|func|interface|struct|enum|trait|impl|type|module)"
    r"\s+(?:\([^)]*\)\s*)?(?P<name>[\w.:]+)"
)
_BRACED = re.compile(r"^\s*(?:[\w<>,*&\[\]]+\s+)*[*&]*(?P<name>\w+)\s*\([^;]*\{\s*$")
_VALUE = re.compile(r"^\s*(?:export )?(?:const|let|var|local)\s+(?P<name>\w+)\s*[:=]")
_BRANCHES = frozenset({"if", "for", "while", "switch", "catch", "return", "else", "match"})
_ABOVE = ("@", "#", "//", "/*", "*", "--")
_CLOSERS = ("}", ")", "]", "{", "end")

# Below this share of common lines, shown code and true code are not the same code.
SIMILAR = 0.5


def name_of(line: str) -> str | None:
    """Return the name that a line defines, or None."""
    for pattern in (_KEYWORD, _VALUE, _BRACED):
        if (found := pattern.match(line)) and found["name"] not in _BRANCHES:
            return found["name"]
    return None


def true_version(shown: str, files: Mapping[str, str], *, commented: bool = False) -> str | None:
    """Return the true lines for the code shown, at its indent; None where there are none.

    `commented`: with the comment above the definition, also where the code is shown without.
    """
    lines = shown.strip("\n").split("\n")
    if not shown.strip():
        return None
    found = (_found(lines, text.split("\n"), commented=commented) for text in files.values())
    best = max(
        (block for block in found if block), key=lambda block: _likeness(lines, block), default=None
    )
    return None if best is None else "\n".join(_at_indent(best, _indent(lines)))


def _found(shown: list[str], text: list[str], *, commented: bool) -> list[str] | None:
    head = next((n for n, line in enumerate(shown) if not _is_above(line)), 0)
    name = name_of(shown[head])
    if name is None:
        return _most_similar(shown, text)
    starts = [n for n, line in enumerate(text) if name_of(line) == name]
    blocks = [_block(text, start, shown[:head], commented=commented) for start in starts]
    return max(blocks, key=lambda block: _likeness(shown, block), default=None)


def _block(text: list[str], start: int, above: list[str], *, commented: bool) -> list[str]:
    """Return a definition with what belongs to it by indentation, and what is shown above it."""
    width = _width(text[start])
    stop = start + 1
    while stop < len(text) and (not text[stop].strip() or _inside(text[stop], width)):
        stop += 1
    top = start
    while top > 0 and text[top - 1].strip() and _is_above(text[top - 1]):
        top -= 1
    if above:
        same = (n for n in range(top, start) if text[n].strip() == above[0].strip())
        top = next(same, start)
    elif not commented:
        top = start
    return _without_end_blanks(text[top:stop])


def _inside(line: str, width: int) -> bool:
    return _width(line) > width or (_width(line) == width and line.lstrip().startswith(_CLOSERS))


def _most_similar(shown: list[str], text: list[str]) -> list[str] | None:
    """Return the lines of the text that stand where the shown ones do, around the longest match."""
    anchor = SequenceMatcher(None, shown, text, autojunk=False).find_longest_match()
    first = max(0, anchor.b - anchor.a - len(shown))
    near = text[first : anchor.b + 2 * len(shown)]
    matches = [
        m
        for m in SequenceMatcher(None, shown, near, autojunk=False).get_matching_blocks()
        if m.size
    ]
    if sum(match.size for match in matches) < SIMILAR * len(shown):
        return None
    start = max(0, matches[0].b - matches[0].a)
    last = matches[-1]
    stop = last.b + last.size + (len(shown) - last.a - last.size)
    return near[start:stop]


def _likeness(shown: Sequence[str], block: Sequence[str]) -> float:
    mine, theirs = ([line.strip() for line in lines] for lines in (shown, block))
    return SequenceMatcher(None, mine, theirs, autojunk=False).ratio()


def _at_indent(block: list[str], indent: str) -> list[str]:
    have = _indent(block)
    return [indent + line.removeprefix(have) if line.strip() else "" for line in block]


def _indent(lines: Sequence[str]) -> str:
    blanks = (line[: len(line) - len(line.lstrip())] for line in lines if line.strip())
    return min(blanks, key=len, default="")


def _width(line: str) -> int:
    return len(_indent([line]).expandtabs(4))


def _is_above(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(_ABOVE)


def _without_end_blanks(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
