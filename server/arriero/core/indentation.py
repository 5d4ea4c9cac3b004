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
from arriero.core.regions import defines
from arriero.core.text import indent_of

TAB = 4  # columns of a tab in a file that is indented with tabs
_TABS = (4, 8, 2)  # columns that a model may mean by a tab
_STEPS = (4, 2, 3, 8, 1)  # columns of a level that models may write
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
        return max(self.at + levels * self.step + rest, 0)

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
        self.step = TAB if self.tabs else step_of(place.lines)
        self.margin = columns(margin_of(place.region))
        self.full = [line for line in said.lines if line.strip()]
        self.nests = place.language in nesting.LANGUAGES
        self.within = self.nests and said.first and nesting.goes_on(place.above)
        self.blocks = place.language in INDENTED
        self.known = {mine for mine, _ in said.common}

    def answered(self) -> Indented:
        """Return the lines by the simplest reading that holds."""
        judged: list[tuple[tuple[int, ...], list[str], Reading]] = [
            ((wrong, missed, assumed + more), new, reading)
            for reading in self._readings()
            for new, more in self._versions(reading)
            for wrong, missed, assumed in (self._judged(new, reading),)
        ]
        if not self.blocks:
            # What is alike otherwise is told apart by its looks.
            judged = [((*score, self._odd(new)), new, reading) for score, new, reading in judged]
        best, lines, reading = min(judged, key=lambda each: each[0])
        rivals = {tuple(new) for score, new, _ in judged if score == best}
        wrong, missed = best[:2]
        pairs = len(self.said.shared) + len(self.said.common)
        # A line may have been moved on purpose; more, and the answer is askew.
        moved = missed * 10 <= pairs or (missed == 1 and pairs > 2)
        same = not reading.assumes and not self._converts
        settled = moved if self.blocks else not (missed and reading.assumes)
        sure = not wrong and len(rivals) == 1 and settled and not self._doubts(lines, reading)
        return Indented(lines, sure, self.step, same)

    def _readings(self) -> Iterator[Reading]:
        """Yield what the indents may mean, the most usual first."""
        rests = [self.full]
        if self.said.first and len(self.full) > 1:
            rests.append(self.full[1:])
        for tab in _TABS if any("\t" in indent_of(line) for line in self.full) else (TAB,):
            for own in dict.fromkeys((self.step, step_of(self.full, tab), *_STEPS)):
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
        own = next((line for line in self.place.region if line.strip()), "")
        if first.strip() == own.strip() or (defines(first) and defines(own)) or not further:
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
        missed = sum(
            columns(self._indent(reading.column(indent_of(mine)))) != columns(indent_of(theirs))
            for mine, theirs in (*said.shared, *said.common)
        )
        # A line that was moved on purpose fits odd steps by chance: one more is no proof.
        guessed = reading.own not in (self.step, step_of(self.full, reading.tab))
        missed += guessed and bool(said.shared or said.common)
        if self.nests:
            wrong, odd = nesting.flaws(place.above, new, place.below, self.step)
            odd += self.within and len(new) > 1 and self._is_alone(new)
        else:
            wrong, odd = 0, self._odd(new)
        if not said.common:
            wrong += columns(margin_of(new)) != self.margin
        return wrong, missed, reading.assumes + bool(odd) + self._converts

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
        )

    def _has_columns(self, new: Sequence[str]) -> bool:
        """Tell whether a line that the file lacks is one column further in than the last."""
        known = {line.strip() for line in self.known}
        full = [line for line in new if line.strip()]
        return any(
            line.strip() not in known and columns(indent_of(line)) - columns(indent_of(last)) == 1
            for last, line in pairwise(full)
        )

    def _has_loose(self, own: int) -> bool:
        """Tell whether a line that the file lacks is aligned with others, and on no level."""
        lines = self.said.lines
        if self.nests:
            return any(lines[n] not in self.known for n in nesting.loose(lines))
        return any(
            line not in self.known and columns(indent_of(line)) - columns(indent_of(last)) > own
            for last, line in pairwise(self.full)
        )

    def _is_alone(self, new: Sequence[str]) -> bool:
        """Tell whether the first line is as far in as neither the line before nor the next."""
        near = [*[line for line in self.place.above if line.strip()][-1:], *new[1:2]]
        return all(indent_of(new[0]) != indent_of(line) for line in near)

    def _odd(self, new: Sequence[str]) -> int:
        """Return how many lines are further in than the last by more or less than a level."""
        return sum(n for step, n in _increments(new, TAB).items() if step != self.step)

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


def has_tabs(lines: Sequence[str]) -> bool:
    """Tell whether tabs indent most of the lines that are indented."""
    tabs = sum(line.startswith("\t") for line in lines)
    return tabs * 2 > sum(line.startswith(("\t", " ")) for line in lines)


def step_of(lines: Sequence[str], tab: int = TAB) -> int:
    """Return the columns of one level: by how much a line is usually further in than the last.

    A step of one column counts only where there is no other: comments are aligned so.
    """
    steps = _increments(lines, tab)
    wide = Counter({step: n for step, n in steps.items() if step > 1})
    return (wide or steps or Counter((TAB,))).most_common(1)[0][0]


def _increments(lines: Sequence[str], tab: int) -> Counter[int]:
    """Return by how many columns lines are further in than the last, and how often."""
    widths = [columns(indent_of(line), tab) for line in lines if line.strip()]
    return Counter(b - a for a, b in pairwise(widths) if b > a)


def margin_of(lines: Sequence[str]) -> str:
    """Return the smallest indent of the lines."""
    return min((indent_of(line) for line in lines if line.strip()), key=len, default="")


def columns(indent: str, tab: int = TAB) -> int:
    """Return how far in an indent reaches."""
    return len(indent.expandtabs(tab))
