"""Which part of an answer stands for the region: models repeat what is before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from arriero.core.indentation import Place
from arriero.core.reply import unopened


@dataclass(frozen=True, slots=True)
class Extent:
    """The lines `start` to `stop` (half-open) of an answer that stand for the region."""

    start: int
    stop: int


def own_part(lines: Sequence[str], place: Place) -> Extent | None:
    """Return the lines that do not repeat what stands before and after the region; None if none.

    Of all ways to do so, the one that leaves what is most like the region. Blank lines do not
    count.
    """
    full = [n for n, line in enumerate(lines) if line.strip()]
    mine = [lines[n].strip() for n in full]
    before, own, after = (_stripped(each) for each in (place.above, place.region, place.below))
    heads = [
        k for k in range(min(len(mine), len(before)) + 1) if mine[:k] == before[len(before) - k :]
    ]
    tails = [m for m in range(min(len(mine), len(after)) + 1) if mine[len(mine) - m :] == after[:m]]
    ways = [(k, len(mine) - m) for k in heads for m in tails if k < len(mine) - m]
    if not ways:
        return None
    known = {*place.above, *place.below}

    def likeness(way: tuple[int, int]) -> tuple[float, bool, bool, int]:
        kept = mine[way[0] : way[1]]
        by_line = SequenceMatcher(None, own, kept, autojunk=False).ratio()
        # Where no line is as it was: what closes its own brackets, and repeats nothing verbatim. A
        # line or two may be alike by chance, though hardly at the same indent.
        repeated = [lines[full[n]] for n in (*range(way[0]), *range(way[1], len(full)))]
        verbatim = len(repeated) > 2 or all(line in known for line in repeated)
        balanced = still_open(kept) == still_open(own) and unopened("\n".join(kept)) == unopened(
            "\n".join(own)
        )
        return by_line, len(repeated) > 2, balanced, len(repeated) if verbatim else -1

    start, stop = max(ways, key=likeness)
    return Extent(full[start], full[stop - 1] + 1)


def shared(lines: Sequence[str], extent: Extent, place: Place) -> list[tuple[int, str]]:
    """Return the numbers of the repeated lines, each with the file's own line."""
    head = [n for n in range(extent.start) if lines[n].strip()]
    tail = [n for n in range(extent.stop, len(lines)) if lines[n].strip()]
    above = [line for line in place.above if line.strip()]
    below = [line for line in place.below if line.strip()]
    return [
        *zip(head, above[len(above) - len(head) :], strict=True),
        *zip(tail, below[: len(tail)], strict=True),
    ]


def repeats(new: Sequence[str], place: Place) -> bool:
    """Tell whether new lines begin or end with what stands right before or after them already.

    It may be meant twice, or be there by mistake.
    """
    mine, before, own, after = (
        [line for line in lines if any(c.isalnum() for c in line)]
        for lines in (new, place.above, place.region, place.below)
    )
    at_end = _overlap(mine, after)
    # At the end, lines alike at other levels are usual: `return None`.
    at_start = _overlap(_stripped(mine[::-1]), _stripped(before[::-1]))
    return (at_end > 0 and own[-at_end:] != after[:at_end]) or (
        at_start > 0 and _stripped(own[:at_start]) != _stripped(before[len(before) - at_start :])
    )


def _overlap(lines: Sequence[str], following: Sequence[str]) -> int:
    """Return how many lines at the end are those that follow."""
    most = min(len(lines), len(following))
    return next((n for n in range(most, 0, -1) if lines[-n:] == following[:n]), 0)


def still_open(lines: Sequence[str]) -> int:
    """Return how many brackets are not closed: read backwards, they are not opened."""
    return unopened("\n".join(lines)[::-1].translate(str.maketrans("()[]{}", ")(][}{")))


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]
