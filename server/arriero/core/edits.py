"""The smallest edits from an old text to a new one, in whole lines."""

from __future__ import annotations

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


def rebased(hunk: Hunk, start: int, stop: int, added: int) -> Hunk | None:
    """Move a hunk over a change that replaced lines `start` to `stop` and added `added` lines.

    None if the change touches the hunk: an answer to a text that is gone is no answer.
    """
    if stop <= hunk.start:
        return Hunk(hunk.start + added, hunk.stop + added, hunk.lines)
    return hunk if start >= hunk.stop else None
