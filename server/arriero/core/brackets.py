"""Brackets that have no other: how well texts fit together, whatever their language.

Those in strings and comments count as well; they stand there before an edit and after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from arriero.core.text import indent_of

SORTS = ("()", "[]", "{}")

# Of each sort, how many close nothing and how many are not closed.
Unmatched = tuple[tuple[int, int], ...]


def unmatched(lines: Sequence[str]) -> Unmatched:
    """Return the brackets of some lines that have no other in them."""
    text = "\n".join(lines)
    return tuple(_counted(text, *sort) for sort in SORTS)


def joined(*texts: Unmatched) -> Unmatched:
    """Return what has no other where texts follow each other."""
    return reduce(lambda one, other: tuple(map(_joined, one, other)), texts)


def askew(lines: Sequence[str]) -> int:
    """Return how many lines begin with a bracket whose other is on a line of another indent."""
    indents: list[str] = []
    found = 0
    for line in lines:
        text = line.strip()
        for place, character in enumerate(text):
            if character in "([{":
                indents.append(indent_of(line))
            elif character in ")]}" and indents:
                found += indents.pop() != indent_of(line) and place == 0
    return found


def _counted(text: str, opening: str, closing: str) -> tuple[int, int]:
    depth = lowest = 0
    for character in text:
        if character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            lowest = min(lowest, depth)
    return -lowest, depth - lowest


def _joined(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    met = min(one[1], other[0])
    return one[0] + other[0] - met, one[1] + other[1] - met
