"""Positions: what the protocol counts in code units, Python counts in characters.

Only this module converts between the two. A position is a line (from 0) and a number of code units
of the negotiated encoding before it in that line. Lines here come without their line ends.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, cast

Encoding = Literal["utf-8", "utf-16", "utf-32"]

# What counts when the client names no encoding (LSP 3.17, PositionEncodingKind).
DEFAULT: Encoding = "utf-16"

# The codec that writes a line's code units without a byte order mark, and bytes per unit.
_CODECS: dict[Encoding, tuple[str, int]] = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}


# Characters that are converted at once: a line may have millions, and then the copies cost more.
_PIECE = 16_384


class Position(NamedTuple):
    """A line (from 0) and the code units before the position in it."""

    line: int
    character: int


class Positioned(Protocol):
    """Anything with a line and a character: a `Position`, or lsprotocol's."""

    @property
    def line(self) -> int: ...
    @property
    def character(self) -> int: ...


class Ranged(Protocol):
    """Anything with a start and an end, half-open: lsprotocol's `Range`, or our own."""

    @property
    def start(self) -> Positioned: ...
    @property
    def end(self) -> Positioned: ...


class Range(NamedTuple):
    """Two positions, half-open."""

    start: Position
    end: Position


def to_index(line: str, units: int, encoding: Encoding) -> int:
    """Return the index of the character that starts `units` code units into the line.

    Beyond the line's end it is the end, as the specification asks; inside a character, its start.
    """
    if units <= 0:
        return 0
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    codec, width = _CODECS[encoding]
    left = units * width  # bytes
    for start in range(0, len(line), _PIECE):
        piece = line[start : start + _PIECE].encode(codec, "surrogatepass")
        if left <= len(piece):
            return start + len(piece[:left].decode(codec, "ignore"))
        left -= len(piece)
    return len(line)


def to_units(line: str, index: int, encoding: Encoding) -> int:
    """Return how many code units the line's first `index` characters have."""
    if encoding == "utf-32" or line.isascii():
        return min(index, len(line))
    codec, width = _CODECS[encoding]
    pieces = (line[start : min(start + _PIECE, index)] for start in range(0, index, _PIECE))
    return sum(len(piece.encode(codec, "surrogatepass")) for piece in pieces) // width


def negotiated(offered: object) -> Encoding:
    """Return the first encoding the client offers that is known here, or the default."""
    for name in offered if isinstance(offered, (list, tuple)) else ():
        if name in ("utf-8", "utf-16", "utf-32"):
            return cast(Encoding, str(getattr(name, "value", name)))
    return DEFAULT
