"""Which part of an answer stands for the region: models repeat what is before and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from arriero.core.brackets import joined, unmatched
from arriero.core.columns import columns
from arriero.core.indentation import Place
from arriero.core.text import indent_of


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
    ends = Ends(place)
    mine = [lines[n] for n in full]
    start, stop = max(
        ends.ways(_stripped(mine)), key=lambda way: ends.likeness(mine, *way), default=(0, 0)
    )
    return Extent(full[start], full[stop - 1] + 1) if stop else None


class Ends:
    """What stands around a region, to be known again at the ends of an answer.

    Answers are lines of which none is blank.
    """

    def __init__(self, place: Place) -> None:
        self.before, self.own, self.after = (
            [line for line in lines if line.strip()]
            for lines in (place.above, place.region, place.below)
        )
        self.above, self.below = unmatched(self.before), unmatched(self.after)

    def ways(self, mine: Sequence[str]) -> list[tuple[int, int]]:
        """Return where its own lines may begin and end, after and before what it repeats."""
        before, after = _stripped(self.before), _stripped(self.after)
        most = min(len(mine), len(before)), min(len(mine), len(after))
        heads = [n for n in range(most[0] + 1) if mine[:n] == before[len(before) - n :]]
        tails = [n for n in range(most[1] + 1) if mine[len(mine) - n :] == after[:n]]
        return [(k, len(mine) - m) for k in heads for m in tails if k < len(mine) - m]

    def likeness(self, mine: Sequence[str], start: int, stop: int) -> tuple[float, ...]:
        """Tell how well the lines between stand for the region: the largest does best.

        Where no line is as it was, it does what repeats most verbatim, or else leaves the file's
        brackets in order. A line or two may be alike by chance, though hardly at the same indent,
        and if they are more than brackets.
        """
        kept, head, tail = mine[start:stop], mine[:start], mine[stop:]
        matcher = SequenceMatcher(None, _stripped(self.own), _stripped(kept), autojunk=False)
        pairs = (head, self.before[len(self.before) - len(head) :]), (tail, self.after[: len(tail)])
        by_chance = [_may_be_alike(said) for said, _ in pairs]
        verbatim = all(said == theirs for said, theirs in pairs if _may_be_alike(said))
        return (
            all(self._stand_alike(*pair, kept) for pair in pairs),
            matcher.ratio(),
            -sum(by_chance),
            verbatim * sum(any(map(str.isalnum, line)) for line in (*head, *tail)),
            -self._unmatched(kept),
            len(head) + len(tail) if verbatim else -1,
        )

    def _stand_alike(self, said: Sequence[str], theirs: Sequence[str], kept: Sequence[str]) -> bool:
        """Tell whether lines are as they are in the file, or as far in or out of the code kept.

        Many lines need not be: who repeats so much does so on purpose.
        """
        if said == theirs or not _may_be_alike(said):
            return True
        mine, own = (
            min((columns(indent_of(line)) for line in lines), default=0)
            for lines in (kept, self.own)
        )
        return all(
            _side(columns(indent_of(line)) - mine) == _side(columns(indent_of(their)) - own)
            for line, their in zip(said, theirs, strict=True)
        )

    def _unmatched(self, kept: Sequence[str]) -> int:
        """Return how many brackets of the file have no other, of each sort for itself."""
        return sum(map(sum, joined(self.above, unmatched(kept), self.below)))


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


def left_open(lines: Sequence[str], place: Place) -> int:
    """Return how many brackets of the file are not closed with these lines at the place."""
    file = joined(*map(unmatched, (place.above, lines, place.below)))
    return sum(opened for _, opened in file)


def _may_be_alike(lines: Sequence[str]) -> bool:
    """Tell whether lines may be found elsewhere by chance: two, or however many times `end`."""
    return len(set(_stripped(lines))) <= 2


def _side(by: int) -> int:
    return (by > 0) - (by < 0)


def _stripped(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]
