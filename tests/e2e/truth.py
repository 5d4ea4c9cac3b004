"""A true file, and what of it is missing: every way to the model has to give it back exactly."""

from __future__ import annotations

from pathlib import Path

CURSOR = "‸"

TRUTH = '''"""Paths on a plane."""

import math


def distance(a, b):
    """Return the distance between two points."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def length(points):
    """Return the length of the path through the points."""
    pairs = zip(points, points[1:])
    return sum(distance(a, b) for a, b in pairs)


def announce(points):
    print("größer 😀", length(points), "m")


def last_turn(reply):
    return reply.rpartition("<step>")[2].strip()
'''

REST_OF_LINE = "distance(a, b) for a, b in pairs)"
BEHIND_WIDE_LETTERS = 'length(points), "m")'
BEHIND_A_STEP = "[2].strip()"
DOCUMENTATION = '    """Return the length of the path through the points."""\n'

# The line, from 0, of the definition that DOCUMENTATION belongs to.
LENGTH = TRUTH[: TRUTH.index("def length")].count("\n")


def without(missing: str) -> str:
    """Return the true text with the cursor where a part of it is missing."""
    before, after = TRUTH.split(missing)
    return before + CURSOR + after


def write(folder: Path, text: str = TRUTH) -> Path:
    """Write the file `paths.py` byte for byte, and return it."""
    folder.mkdir(exist_ok=True)
    file = folder / "paths.py"
    file.write_bytes(text.replace(CURSOR, "").encode())
    return file
