"""A typist who revises, planned before anybody asks for a suggestion: the same for every policy.

The figures are assumptions of the order of those published for typists: log-normal gaps between
keys (Heliyon 2021 e08413), and 8 % of keys that revise: typos, trips to earlier lines, pastes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

# Medians in seconds and sigmas of the gap before a key.
IN_WORD, AFTER_SIGN, NEW_LINE = (0.140, 0.45), (0.230, 0.60), (0.350, 0.80)
LINE_START, BLOCK_START = (0.700, 0.90), (1.500, 0.90)
TYPO, LEAVE, STOP = (0.350, 0.50), (0.900, 0.60), (0.180, 0.50)

# Per 1000 characters.
TYPOS, TRIPS, PASTES = 8.0, 5.0, 1.5
TRIP_REACH = 2500  # characters back


@dataclass(frozen=True, slots=True)
class Typo:
    """Wrong characters, and how many right ones before them go with them when they are deleted."""

    wrong: str
    also: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A way to earlier lines, to put into them what was left out there, and back."""

    holes: tuple[tuple[int, int], ...]
    stops: int
    stops_back: int


@dataclass(slots=True)
class Plan:
    """What a typist will do to the region `start` to `stop` of a true file, by offsets in it."""

    truth: str
    start: int
    stop: int
    seed: int
    language: str = "python"
    typos: dict[int, Typo] = field(default_factory=dict)
    trips: dict[int, Trip] = field(default_factory=dict)
    pastes: dict[int, int] = field(default_factory=dict)  # from -> to
    holes: dict[int, int] = field(default_factory=dict)  # all that the trips are for

    def gap(self, offset: int, kind: tuple[float, float] | None = None) -> float:
        """Return the seconds before the key at an offset."""
        median, sigma = kind or _kind(self.truth, min(offset, len(self.truth) - 1))
        draw = random.Random(f"{self.seed} {offset} {median}")
        return median * draw.lognormvariate(0.0, sigma)

    def attends(self, offset: int) -> bool:
        """Tell whether the typist looks at suggestions on this line: 70 % of them."""
        line = self.truth.count("\n", 0, offset)
        return random.Random(f"{self.seed} line {line}").random() < 0.7


def plan(
    truth: str, start: int, stop: int, seed: int, *, revising: bool, language: str = "python"
) -> Plan:
    """Draw a plan; a linear typist has none but the text."""
    made = Plan(truth, start, stop, seed, language)
    if revising:
        draw = random.Random(seed)
        _paste(made, draw)
        _trip(made, draw)
        _mistype(made, draw)
    return made


def _kind(truth: str, offset: int) -> tuple[float, float]:
    if truth[offset] == "\n":
        return NEW_LINE
    before = truth[:offset].rstrip(" \t")
    if before.endswith("\n"):
        lines = before.rstrip("\n").rsplit("\n", 1)
        blank = before.endswith("\n\n")
        opened = lines[-1].rstrip().endswith((":", "{", "(", "["))
        return BLOCK_START if blank or opened else LINE_START
    return IN_WORD if truth[offset - 1].isalnum() or truth[offset - 1] == "_" else AFTER_SIGN


def _count(draw: random.Random, rate: float, made: Plan) -> int:
    wanted = rate * (made.stop - made.start) / 1000
    return int(wanted) + (draw.random() < wanted % 1)


def _lines(made: Plan) -> list[tuple[int, int]]:
    """Return where the lines of the region begin and end, without their line ends."""
    found, at = [], made.start
    for line in made.truth[made.start : made.stop].split("\n")[:-1]:
        found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def _paste(made: Plan, draw: random.Random) -> None:
    lines = _lines(made)
    for _ in range(_count(draw, PASTES, made)):
        first = draw.randrange(2, len(lines) - 4)
        start, stop = lines[first][0], lines[first + draw.randrange(3)][1]
        apart = all(stop < a - 2 or b < start - 2 for a, b in made.pastes.items())
        if apart and stop > start:  # a blank line is no paste
            made.pastes[start] = stop


def _trip(made: Plan, draw: random.Random) -> None:
    lines = [line for line in _lines(made) if not _pasted(made, *line)]
    taken: set[int] = set()
    for _ in range(_count(draw, TRIPS, made)):
        leaves = draw.choice(lines[3:])[1]
        if leaves in made.trips:
            continue
        holes = []
        for _ in range(1 + (draw.random() < 0.3)):
            near = [a for a, b in lines if leaves - TRIP_REACH < a < b < leaves and b - a > 14]
            near = [a for a in near if a not in taken]
            if near:
                begin = draw.choice(near)
                taken.add(begin)
                holes.append(_hole(made.truth, begin, draw))
        stops = draw.randint(2, 5) if draw.random() < 0.5 else 0
        back = draw.randint(2, 5) if draw.random() < 0.5 else 0
        if holes:
            made.trips[leaves] = Trip(tuple(holes), stops, back)
            made.holes.update(holes)


def _hole(truth: str, begin: int, draw: random.Random) -> tuple[int, int]:
    end = truth.index("\n", begin)
    code = begin + len(truth[begin:end]) - len(truth[begin:end].lstrip())
    size = min(draw.randint(5, 30), end - code - 3)
    start = draw.randint(code + 1, max(end - size - 1, code + 1))
    return start, start + max(size, 3)


def _mistype(made: Plan, draw: random.Random) -> None:
    holes = made.holes.items()
    for _ in range(_count(draw, TYPOS, made)):
        at = draw.randrange(made.start + 40, made.stop)
        line = made.truth.rfind("\n", 0, at) + 1
        also = min(draw.randint(0, 4), len(made.truth[line:at].lstrip()))
        apart = all(b + 5 < at or at < a - 5 for a, b in holes)
        if apart and not _pasted(made, at - 6, at + 2) and made.truth[at] != "\n":
            wrong = "".join(draw.choice("etaoinshr") for _ in range(draw.randint(1, 4)))
            made.typos[at] = Typo(wrong, also if made.truth[line:at].strip() else 0)


def _pasted(made: Plan, start: int, stop: int) -> bool:
    return any(a <= stop and start <= b for a, b in made.pastes.items())
