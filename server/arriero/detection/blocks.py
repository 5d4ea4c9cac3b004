"""Private keys as text: lines of base64 between two marks, also in the strings of a program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from arriero.core.redaction import Found

MARK = "PRIVATE KEY"
KIND = "Private key"
# RFC 7468, RFC 4880 and OpenSSH all write their keys so.
_MARKS = re.compile(r"-----(?P<mark>BEGIN|END) [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----")

# A key of 16,384 bits has so many characters, with the quotes and the line ends of a program.
_LONGEST = 32_768

# Not the `n` of a `\n` before it: what is left has to be a string still.
_ENCODED = re.compile(r"(?<!\\)[A-Za-z0-9+/=]{8,}")


def private_keys(text: str) -> list[Found]:
    """Return the lines of every private key, without the marks around it."""
    return [
        Found(match.start(), match.end(), KIND)
        for start, stop in _insides(text)
        for match in _ENCODED.finditer(text, start, stop)
    ]


def _insides(text: str) -> Iterator[tuple[int, int]]:
    """Yield where keys stand; of one that is cut off, what there is of it."""
    begun: int | None = 0
    for mark in _MARKS.finditer(text):
        if mark["mark"] == "BEGIN":
            begun = mark.end()
        elif begun is not None:
            yield max(begun, mark.start() - _LONGEST), mark.start()
            begun = None
    if begun:
        yield begun, min(begun + _LONGEST, len(text))
