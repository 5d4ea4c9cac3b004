"""Bringing code that was written with one indentation into a file that has another.

    indents of an answer -> readings: what they may mean -> judged -> the simplest that holds

A reading holds if the lines that answer and file have in common come to stand where they are, and
every statement where it can. Where two that are as simple lead to different code, none is sure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from arriero.core import nesting
from arriero.core.brackets import askew, unmatched
from arriero.core.columns import (
    STEPS,
    TAB,
    columns,
    deeper,
    has_tabs,
    increments,
    levels,
    margin_of,
    mixes,
    step_of,
)
from arriero.core.regions import defines
from arriero.core.text import indent_of

_TABS = (4, 8, 2)  # columns that a model may mean by a tab
# Languages whose blocks are made by indents. In others a wrong one is not pretty, but not wrong.
INDENTED = frozenset({"python", "yaml", "haskell", "nim", "coffeescript"})
_LEVELS = 12  # on which a first line that lacks its indent is tried

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where code goes: the lines to replace, and the file's lines around them."""

    above: Sequence[str]
    region: Sequence[str]
    below: Sequence[str]
    language: str

    @property
    def lines(self) -> list[str]:
        """All of these lines, in order."""
        return [*self.above, *self.region, *self.below]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's own lines, and what tells how their indents are meant.

    `shared` are lines that the answer repeats from around the region and `common` those that the
    region has too, each with the file's line. `first`: its own lines begin where the answer begins,
    behind the fence, where a line may lack its indent.
    """

    lines: Sequence[str]
    shared: Pairs
    common: Pairs
    first: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of indents: levels of `own` columns from `base` on become levels of `step`.

    `tab` is how many columns a tab means, `at` where the base comes to stand.
    """

    tab: int
    own: int
    step: int
    base: int
    at: int = 0

    def column(self, indent: str) -> int:
        """Return the column that an indent of the answer means in the file."""
        levels, rest = divmod(columns(indent, self.tab) - self.base, self.own)
        return self.at + levels * self.step + rest

    @property
    def assumes(self) -> int:
        """How much is assumed: other levels, that all is moved, and tabs of an unusual width."""
        levels, rest = divmod(self.base, self.own)
        moved = self.at != levels * self.step + rest
        return (self.own != self.step) + moved + (self.tab not in (TAB, self.step))


@dataclass(frozen=True, slots=True)
class Indented:
    """The lines as the file has to have them; `sure` if they can mean nothing else."""

    lines: list[str]
    sure: bool
    step: int
    same: bool  # the answer's indents are the file's already


class Indenting:
    """The question how an answer's lines are to be indented at a place."""

    def __init__(self, said: Said, place: Place) -> None:
        self.said = said
        self.place = place
        self.tabs = has_tabs(place.lines)
        self.untold = not (self.tabs or levels(place.lines, TAB))
        self.step = TAB if self.tabs else step_of(said.lines if self.untold else place.lines)
        self.margin = columns(margin_of(place.region))
        self.full = [line for line in said.lines if line.strip()]
        self.mixed = mixes(place.lines) and mixes(self.full)
        self.nests = place.language in nesting.LANGUAGES
        self.above = nesting.Above(place.above if self.nests else ())
        opened = any(still_open for _, still_open in unmatched(place.above)[:2])
        self.within = said.first and (self.above.goes_on if self.nests else opened)
        self.blocks = place.language in INDENTED
        self.known = {mine for mine, _ in said.common}

    def answered(self) -> Indented:
        """Return the lines by the simplest reading that holds."""
        if self.mixed:
            return self._verbatim()
        judged = [
            ((wrong, missed, assumed + more), new, reading)
            for reading in self._readings()
            for new, more in self._versions(reading)
            for wrong, missed, assumed in (self._judged(new, reading),)
        ]
        best, lines, reading = min(judged, key=lambda each: each[0])
        rivals = {tuple(new) for score, new, _ in judged if score == best}
        wrong, missed = best[:2]
        same = not reading.assumes and not self._converts
        settled = (
            self._settles(reading)
            if self.blocks
            else (same or not missed) and self._keeps_levels(reading)
        )
        sure = not wrong and len(rivals) == 1 and settled and not self._doubts(lines, reading)
        return Indented(lines, sure, self.step, same)

    def _verbatim(self) -> Indented:
        """Return the lines as they were said: tabs and blanks in turn cannot be told apart."""
        told = [*self.said.shared, *self.said.common]
        first, *further = self.said.lines
        own = next((indent_of(line) for line in self.place.region if line.strip()), "")
        if self._is_regions(first):
            first = own + first.lstrip(" \t")
        known = bool(told) and all(mine == theirs for mine, theirs in told)
        sure = known and (not self.said.first or indent_of(first) == own)
        return Indented([first, *further], sure, self.step, same=True)

    def _settles(self, reading: Reading) -> bool:
        """Tell whether a line at most was moved on purpose; more, and the answer is askew."""
        told = self.said.shared, self.said.common
        few = sum(map(len, told)) > 2
        return all(
            missed * 10 <= len(pairs) or (missed == 1 and few)
            for pairs in told
            for missed in (self._missed(pairs, reading),)
        )

    def _keeps_levels(self, reading: Reading) -> bool:
        """Tell whether what moved did so by whole levels, but for what is aligned anew."""
        off = sum(
            (reading.column(indent_of(mine)) - columns(indent_of(theirs))) % self.step > 0
            for mine, theirs in self.said.common
        )
        return off <= max(1, len(self.said.common) // 10)

    def _missed(self, pairs: Pairs, reading: Reading) -> int:
        """Return how many lines come to stand elsewhere than the file has them."""
        return sum(
            columns(self._indent(reading.column(indent_of(mine)))) != columns(indent_of(theirs))
            for mine, theirs in pairs
        )

    def _readings(self) -> Iterator[Reading]:
        """Yield what the indents may mean, the most usual first."""
        rests = [self.full]
        if self.said.first and len(self.full) > 1:
            rests.append(self.full[1:])
        for tab in _TABS if any("\t" in indent_of(line) for line in self.full) else (TAB,):
            for own in dict.fromkeys((self.step, step_of(self.full, tab), *STEPS)):
                for rest in rests:
                    base = min(columns(indent_of(line), tab) for line in rest)
                    start = Reading(tab, own, self.step, base)
                    for at in self._starts(start):
                        yield replace(start, at=at)

    def _starts(self, reading: Reading) -> list[int]:
        """Return the columns where the answer's base may stand: the known lines tell."""
        counts = Counter(
            columns(indent_of(theirs)) - _unmoved(reading, mine)
            for mine, theirs in (*self.said.shared, *self.said.common)
        )
        if counts:
            return [column for column, _ in counts.most_common(2)]
        levels, rest = divmod(reading.base, reading.own)
        unmoved = levels * self.step + rest
        return list(dict.fromkeys((self.margin, self.margin + self.step, unmoved)))

    def _versions(self, reading: Reading) -> Iterator[tuple[list[str], int]]:
        """Yield the lines by a reading, and once more with other indents of the first line.

        With each comes how much more it assumes.
        """
        first, *further = self.said.lines
        rest = [self._written(line, reading) for line in further]
        if self._is_regions(first) or not further:
            own = next((line for line in self.place.region if line.strip()), "")
            yield [indent_of(own) + first.lstrip(" \t"), *rest], 0
            return
        yield [self._written(first, reading), *rest], 0
        if self.said.first:
            for level in range(_LEVELS):
                indent = self._indent(self.margin + level * self.step)
                yield [indent + first.lstrip(" \t"), *rest], 1

    def _judged(self, new: Sequence[str], reading: Reading) -> tuple[int, int, int]:
        """Return how much cannot be, how many known lines move, and how much is assumed."""
        place, said = self.place, self.said
        told = [*said.shared, *said.common]
        missed = self._missed(told, reading)
        # A line that was moved on purpose fits odd steps by chance: one more is no proof.
        guessed = reading.own not in (self.step, step_of(self.full, reading.tab))
        missed += guessed and bool(told)
        if self.nests:
            wrong, odd = self.above.flaws(new, place.below, self.step)
        else:
            wrong, odd = 0, self._odd(new) + self._is_irregular(reading)
        if not said.common:
            wrong += columns(margin_of(new)) != self.margin
        wrong += self._misses(reading.tab, reading.own)
        wrong += any(reading.column(indent_of(line)) < 0 for line in self.full[1:])
        # Known lines that are further in, as they were, prove that others are as they should be.
        further = any(columns(indent_of(mine)) > reading.base for mine, _ in said.common)
        proved = further and not missed and not reading.assumes
        return wrong, missed, reading.assumes + (odd > 0 and not proved) + self._converts

    def _is_irregular(self, reading: Reading) -> bool:
        """Tell whether levels of another width would not fit all lines that are further in."""
        steps = increments(self.full, reading.tab)
        return reading.own != self.step and any(step % reading.own for step in steps)

    def _misses(self, tab: int, own: int) -> bool:
        """Tell whether no tab as wide as that stands for levels as wide as that.

        Who writes tabs for blanks leaves fewer of them than a tab has, and none where a level ends.
        """
        indents = [indent for line in self.full if "\t" in (indent := indent_of(line))]
        if any(" \t" in indent for indent in indents):
            return True
        levels = [columns(indent, tab) for indent in indents if " " not in indent]
        between = any((level - min(levels)) % own for level in levels)
        blanks = max((len(indent) - len(indent.rstrip(" ")) for indent in indents), default=0)
        return not self.tabs and (between or blanks >= tab)

    def _doubts(self, new: Sequence[str], reading: Reading) -> bool:
        """Tell whether another meaning is near, though no reading has it."""
        told = bool(self.said.shared or self.said.common)
        # Narrower levels lose what lines within brackets have beyond them, and others cannot be
        # told from lines that are moved.
        lost = reading.assumes > 0 and not (told and reading.own >= self.step)
        # How many levels end after the first lines is lost with the width of the levels.
        widened = reading.own != self.step and not told
        return (
            # Nobody writes levels of a column.
            (self.step != 1 and self._has_columns(new))
            or (lost and self._has_loose(reading.own))
            or (widened and columns(indent_of(new[0])) > self.margin)
            or (not told and self._may_stay(reading))
            or self._is_odd_first(new)
            or (not self.nests and askew(new) > askew(self.said.lines))
            or (self._is_guessed(new, reading) and (self.within or self._has_loose(reading.own)))
        )

    def _is_guessed(self, new: Sequence[str], reading: Reading) -> bool:
        """Tell whether the first line has an indent that neither answer nor region say."""
        first = self.said.lines[0]
        told = self._is_regions(first) or indent_of(new[0]) == indent_of(
            self._written(first, reading)
        )
        return not told

    def _is_regions(self, first: str) -> bool:
        """Tell whether a first line stands for the region's own."""
        own = next((line for line in self.place.region if line.strip()), "")
        return first.strip() == own.strip() or (defines(first) and defines(own))

    def _may_stay(self, reading: Reading) -> bool:
        """Tell whether tabs of another width would leave all where it is, though it is moved.

        Where the file has no level to hold them against, they may be as wide as they like, and
        what is moved may have other levels.
        """
        indent = margin_of(self.full)
        if self.untold:
            tabs = any("\t" in indent_of(line) for line in self.full)
            return tabs or columns(indent) != self.margin
        others = (columns(indent, tab) for tab in _TABS if tab != reading.tab)
        return (
            "\t" in indent and columns(indent, reading.tab) != reading.at and self.margin in others
        )

    def _is_odd_first(self, new: Sequence[str]) -> bool:
        """Tell whether the first line, which may lack its indent, is on no level that is known."""
        above = [columns(indent_of(line)) for line in self.place.above if line.strip()]
        if len(self.full) < 2 or not above:
            return False
        steps = (0, self.step, step_of(self.full))
        column = columns(indent_of(new[0]))
        known = {columns(indent_of(line)) for line in self.place.region[:1]}
        known |= {above[-1] + step for step in steps}
        return column not in known and not (column < above[-1] and column in above)

    def _has_columns(self, new: Sequence[str]) -> bool:
        """Tell whether a line that the file lacks is one column further in than the last."""
        known = {line.strip() for line in self.known}
        full = [line for line in new if line.strip()]
        pairs = [(last, line) for last, line in pairwise(full) if line.strip() not in known]
        if full[-1].strip() not in known:
            pairs += [(full[-1], line) for line in self.place.below if line.strip()][:1]
        return any(deeper(last, line) == 1 for last, line in pairs)

    def _has_loose(self, own: int) -> bool:
        """Tell whether a line that the file lacks is aligned with others, and on no level."""
        lines = self.said.lines
        if self.nests:
            return any(lines[n] not in self.known for n in nesting.loose(lines))
        return any(
            line not in self.known and columns(indent_of(line)) - columns(indent_of(last)) > own
            for last, line in pairwise(self.full)
        )

    def _odd(self, new: Sequence[str]) -> int:
        """Return how many lines are further in than the last by more or less than a level."""
        return sum(n for step, n in increments(new, TAB).items() if step != self.step)

    @property
    def _converts(self) -> bool:
        """Whether tabs become blanks, or blanks tabs."""
        return any(
            ("\t" in indent) != self.tabs for line in self.full if (indent := indent_of(line))
        )

    def _written(self, line: str, reading: Reading) -> str:
        """Return a line of the answer with the file's indent; an empty one has none."""
        if not line:
            return line
        return self._indent(reading.column(indent_of(line))) + line.lstrip(" \t")

    def _indent(self, column: int) -> str:
        if self.tabs:
            return "\t" * (column // TAB) + " " * (column % TAB)
        return " " * column


def _unmoved(reading: Reading, line: str) -> int:
    """Return how far in a line is by a reading, from where the base comes to stand."""
    levels, rest = divmod(columns(indent_of(line), reading.tab) - reading.base, reading.own)
    return levels * reading.step + rest


def indented(said: Said, place: Place) -> Indented:
    """Return an answer's lines with the file's indents."""
    return Indenting(said, place).answered()
