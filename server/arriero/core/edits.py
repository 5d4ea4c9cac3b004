"""The smallest edits from an old text to a new one, in whole lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Hunk:
    """Replace the document's lines `start` to `stop` (half-open, from 0) with `lines`."""

    start: int
    stop: int
    lines: tuple[str, ...]


def hunks(old: Sequence[str], new: Sequence[str], first_line: int = 0) -> tuple[Hunk, ...]:
    """Return what turns lines into others, in order; `first_line` is where `old` begins."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Hunk(first_line + i, first_line + j, tuple(new[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    )


def moved(start: int, stop: int, old: Sequence[str], new: Sequence[str]) -> int | None:
    """Return where the lines `start` to `stop` of a text begin after it was changed around them.

    None where they were changed themselves, or where it cannot be told: the text changed before and
    behind them, and has the same lines twice.
    """
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    if stop <= head:
        return start
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    if start >= len(old) - tail:
        return start + len(new) - len(old)
    wanted = list(old[start:stop])
    places = [n for n in range(len(new)) if list(new[n : n + len(wanted)]) == wanted]
    return places[0] if len(places) == 1 else None
