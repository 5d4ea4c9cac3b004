"""How far in lines are: tabs, levels and margins of code in whatever language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from arriero.core.text import indent_of

TAB = 4  # columns of a tab in a file that is indented with tabs
STEPS = (4, 2, 3, 8, 1)  # columns that a level may have


def has_tabs(lines: Sequence[str]) -> bool:
    """Tell whether tabs indent most of the lines that are indented."""
    tabs = sum(line.startswith("\t") for line in lines)
    return tabs * 2 > sum(line.startswith(("\t", " ")) for line in lines)


def mixes(lines: Sequence[str]) -> bool:
    """Tell whether both tabs and blanks indent lines."""
    return {line[:1] for line in lines if line.startswith(("\t", "  "))} == {"\t", " "}


def step_of(lines: Sequence[str], tab: int = TAB) -> int:
    """Return the columns of one level: by how much a line is usually further in than the last."""
    return (levels(lines, tab) or Counter((TAB,))).most_common(1)[0][0]


def levels(lines: Sequence[str], tab: int) -> Counter[int]:
    """Return how wide levels are, and how often. What is aligned is further in by other widths.

    A step of one column counts only where there is no other: comments are aligned so.
    """
    steps = increments(lines, tab)
    wide = Counter({step: n for step, n in steps.items() if step in STEPS and step > 1})
    return wide or Counter({step: n for step, n in steps.items() if step == 1})


def increments(lines: Sequence[str], tab: int) -> Counter[int]:
    """Return by how many columns lines are further in than the last, and how often."""
    full = [line for line in lines if line.strip()]
    steps = (deeper(last, line, tab) for last, line in pairwise(full))
    return Counter(step for step in steps if step > 0)


def deeper(last: str, line: str, tab: int = TAB) -> int:
    """Return by how many columns a line is further in; the stars of a comment are not."""
    by = columns(indent_of(line), tab) - columns(indent_of(last), tab)
    return 0 if by == 1 and line.lstrip().startswith("*") else by


def margin_of(lines: Sequence[str]) -> str:
    """Return the smallest indent of the lines."""
    return min((indent_of(line) for line in lines if line.strip()), key=len, default="")


def columns(indent: str, tab: int = TAB) -> int:
    """Return how far in an indent reaches."""
    return len(indent.expandtabs(tab))
