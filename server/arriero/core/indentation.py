"""Bringing code that was written with one indentation into a file that has another.

The lines that both have in common say how the one maps to the other, so that a line which the
model moved on purpose stays moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from arriero.core.text import indent_of

_ODD = (4, 2, 3, 8, 1)  # columns of a level that models may write
TAB = 4  # columns of a tab in a file that is indented with tabs


@dataclass(frozen=True, slots=True)
class Mapping:
    """How an answer's indents map to the file's, whose levels have `step` columns.

    `trusted`: enough common lines agree. `same`: they are the file's already.
    """

    place: Callable[[str], str]
    trusted: bool
    step: int = TAB
    same: bool = False


def step_of(lines: Sequence[str], tab: int = TAB) -> int:
    """Return the columns of one level: by how much a line is usually further in than the last.

    A step of one column counts only where there is no other: comments are aligned so.
    """
    steps = _increments(lines, tab)
    wide = Counter({step: n for step, n in steps.items() if step > 1})
    return (wide or steps or Counter((TAB,))).most_common(1)[0][0]


def mapping(
    answer: Sequence[str], pairs: Sequence[tuple[str, str]], around: Sequence[str], margin: str
) -> Mapping:
    """Return how to indent the answer's lines.

    `pairs` are lines of the answer and the file's that are the same but for their indents;
    `around` is the file's text, `margin` the indent of the region.
    """
    tabs = sum(line.startswith("\t") for line in around) * 2 > sum(
        line.startswith(("\t", " ")) for line in around
    )
    step = TAB if tabs else step_of(around)
    left = _columns(margin, TAB)
    same = sum(indent_of(mine) == indent_of(theirs) for mine, theirs in pairs)
    agrees = same * 10 >= len(pairs) * 6 if pairs else margin_of(answer) == margin
    regular = _is_regular(answer, step)
    told = any(indent_of(mine) for mine, _ in pairs)
    if agrees and not _other_blanks(answer, tabs):
        if told or (regular and _first_step(answer) in (0, step)):
            return Mapping(_same, True, step, True)
        if not pairs:
            return Mapping(_same, regular, step, True)
    best = None
    readings: set[tuple[int, ...]] = set()  # the indents that the best ways lead to
    for tab in _tabs(answer, step):
        for own in dict.fromkeys((step_of(answer, tab), step, *_ODD)):
            widths = [_columns(indent_of(line), tab) for line in answer if line.strip()]
            base = min(widths[1:] if pairs and len(widths) > 1 else widths, default=0)
            level = _levels(base, own, step)
            shifts = Counter(
                _columns(indent_of(theirs), TAB) - level(_columns(indent_of(mine), tab))
                for mine, theirs in pairs
            )
            shift, agree = shifts.most_common(1)[0] if shifts else (left, 0)
            # A line that was moved on purpose fits odd steps by chance: one more is no proof.
            weight = agree * (10 if own in (step, step_of(answer, tab)) else 8)
            if best is None or weight > best[0]:
                best = weight, agree, tab, level, shift
                readings = set()
            if agree == best[1]:
                readings.add(tuple(level(width) + shift for width in widths))
    assert best is not None
    _, agree, tab, level, shift = best

    def place(indent: str) -> str:
        columns = max(level(_columns(indent, tab)) + shift, 0)
        return "\t" * (columns // TAB) + " " * (columns % TAB) if tabs else " " * columns

    # A line may have been moved on purpose; more, and the answer is askew. So it is where two ways
    # explain the common lines and lead the others to different places.
    moved = len(pairs) - agree
    agreed = moved * 10 <= len(pairs) or (moved == 1 and agree > 1)
    mixed = _other_blanks(answer, True) and _other_blanks(answer, False)
    if not pairs and (_falls_in(answer) or _other_blanks(answer, tabs) or not regular):
        agreed = False
    one = len(readings) == 1 or (len(_increments(answer, tab)) == 1 and not mixed)
    return Mapping(place, agreed and one, step)


def _other_blanks(answer: Sequence[str], tabs: bool) -> bool:
    """Tell whether tabs stand where the file has blanks, or the other way round."""
    return any(("\t" in indent) != tabs for line in answer[1:] if (indent := indent_of(line)))


def _is_regular(answer: Sequence[str], step: int) -> bool:
    widths = [_columns(indent_of(line), TAB) for line in answer if line.strip()]
    return all((width - min(widths)) % step == 0 for width in widths)


def _falls_in(answer: Sequence[str]) -> bool:
    """Tell whether the first line has less indent than the next and opens nothing: it lost some."""
    full = [line for line in answer if line.strip()]
    if len(full) < 2 or full[0].rstrip().endswith((":", "(", "[", "{", ",", "\\")):
        return False
    return len(indent_of(full[0])) < len(indent_of(full[1]))


def _tabs(answer: Sequence[str], step: int) -> Sequence[int]:
    """Return how wide a tab may be meant: a level, but not where blanks indent levels too."""
    blanks = any(line.startswith(" ") for line in answer[1:] if line.strip())
    return (TAB, 8) if blanks else tuple(dict.fromkeys((step, TAB, 8)))


def _first_step(answer: Sequence[str]) -> int:
    """Return the smallest step from one line in to the next, in columns; 0 if there is none."""
    return min(_increments(answer, TAB), default=0)


def _same(indent: str) -> str:
    return indent


def _increments(lines: Sequence[str], tab: int) -> Counter[int]:
    """Return by how many columns lines are further in than the last, and how often."""
    widths = [_columns(indent_of(line), tab) for line in lines if line.strip()]
    return Counter(b - a for a, b in pairwise(widths) if b > a)


def _levels(base: int, own: int, step: int) -> Callable[[int], int]:
    """Return what turns levels of `own` columns, counted from `base`, into levels of `step`."""

    def level(columns: int) -> int:
        levels, rest = divmod(columns - base, own)
        return levels * step + rest

    return level


def margin_of(lines: Sequence[str]) -> str:
    """Return the smallest indent of the lines."""
    return min((indent_of(line) for line in lines if line.strip()), key=len, default="")


def _columns(indent: str, tab: int) -> int:
    return len(indent.expandtabs(tab))
