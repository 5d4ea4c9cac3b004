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


def hunks(old: str, new: str, first_line: int = 0) -> tuple[Hunk, ...]:
    r"""Return what turns `old` into `new`; both have `\n` line ends.

    `first_line` is the document line on which `old` begins. Lines in the hunks have no line ends.
    """
    before, after = old.split("\n"), new.split("\n")
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        Hunk(first_line + i, first_line + j, tuple(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    )


def difference(old: Sequence[str], new: Sequence[str]) -> Hunk:
    """Return the one change between two texts: all that is not alike at the start and the end."""
    most = min(len(old), len(new))
    head = next((n for n in range(most) if old[n] != new[n]), most)
    tail = next((n for n in range(most - head) if old[-1 - n] != new[-1 - n]), most - head)
    return Hunk(head, len(old) - tail, tuple(new[head : len(new) - tail]))


def rebased(hunk: Hunk, change: Hunk) -> Hunk | None:
    """Move a hunk over a change that was made to the same old text.

    None if the change touches the hunk: an answer to a text that is gone is no answer.
    """
    if change.stop <= hunk.start:
        added = len(change.lines) - (change.stop - change.start)
        return Hunk(hunk.start + added, hunk.stop + added, hunk.lines)
    return hunk if change.start >= hunk.stop else None
