"""Counts of texts as sums over their lines, so that a keystroke costs one line.

count(text)   a line       ->  what is kept of it, else `measure`
              a long text  ->  the count of one like it, and of the lines that differ
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from arriero.core.text import alike

MOST_LINES = 20_000  # counted lines that are kept
LONGEST_LINE = 2_000  # characters of a line that is worth keeping
RECENT = 16  # texts whose counts are kept whole
BEGINNING = 64  # characters by which a text is known again


class Lines:
    """Counts of lines, each made once. `measure` counts a text without line ends, in tenths."""

    def __init__(self, measure: Callable[[str], int], line_end: int) -> None:
        self._measure = measure
        self._line_end = line_end
        self._known: dict[str, int] = {}
        self._recent: dict[tuple[str, int], tuple[str, int]] = {}

    def count(self, text: str) -> int:
        """Return the tokens of a text, rounded up."""
        end = text.find("\n")
        if end < 0:
            return -(-self._of_line(text) // 10)
        if end == len(text) - 1:
            return -(-(self._of_line(text[:end]) + self._line_end) // 10)
        # A frame begins as the prompt that is made of it, but is much shorter.
        alike = text[:BEGINNING], len(text).bit_length()
        old, total = self._recent.pop(alike, ("", 0))
        if text != old:
            start, old_stop, stop = changed(old, text)
            total += self._tenths(text[start:stop]) - self._tenths(old[start:old_stop])
        if len(self._recent) >= RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[alike] = text, total
        return -(-total // 10)

    def learn(self, line: str, tenths: int) -> None:
        """Keep the count of a line, in place of an earlier one."""
        self._recent.clear()
        self._keep(line, tenths)

    def _tenths(self, text: str) -> int:
        lines = text.split("\n")
        return self._line_end * (len(lines) - 1) + sum(map(self._of_line, lines))

    def _of_line(self, line: str) -> int:
        if not line:
            return 0
        tenths = self._known.get(line)
        if tenths is None:
            tenths = self._measure(line)
            self._keep(line, tenths)
        return tenths

    def _keep(self, line: str, tenths: int) -> None:
        """Keep a count; the older half of all goes when there are too many."""
        if len(line) > LONGEST_LINE:
            return
        if len(self._known) >= MOST_LINES:
            # What was learned of a line goes with it, and no sum may still rest on that.
            self._recent.clear()
            for old in list(islice(self._known, MOST_LINES // 2)):
                del self._known[old]
        self._known[line] = tenths


def changed(old: str, new: str) -> tuple[int, int, int]:
    """Return where two texts begin to differ, and where each is alike again, at ends of lines."""
    start = new.rfind("\n", 0, alike(old, new)) + 1
    rest = _alike_at_end(old[start:], new[start:])
    stop = new.find("\n", len(new) - rest)
    if stop < 0:
        stop = len(new)
    return start, stop - len(new) + len(old), stop


def _alike_at_end(one: str, other: str) -> int:
    """Return how many characters two texts end alike with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
