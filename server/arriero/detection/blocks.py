"""Private keys as text: lines of base64 between two marks, also in the strings of a program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from arriero.core.redaction import Found
from arriero.detection.chance import bits

MARK = "PRIVATE KEY"
KIND = "Private key"
# RFC 7468, RFC 4880 and OpenSSH all write their keys so.
_MARKS = re.compile(r"-----(?P<mark>BEGIN|END) [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----")

# A key of 16,384 bits has so many characters, with the quotes and the line ends of a program.
_LONGEST = 32_768

# At least two lines of nothing else, be they in strings or in comments.
_LINES = re.compile(
    r"(?:^[ \t\"'+#*/(bBrR]*[A-Za-z0-9+/]{64,76}(?:\\[nr])*[\"',+) \t\\;]*(?:\n|\Z)){2,}",
    re.MULTILINE,
)
_LEAST_BITS = 4.2  # of the six that a character of base64 has; 64 by chance have 5.3
PUBLIC = "CERTIFICATE"

# Characters of a line, but for the last; and what is between two lines.
_SHORTEST = 32
_NEXT = re.compile(r"(?:\\[nr]|[\s\"'+,;#*/()]|\b[bBrR](?=[\"']))*")

# Not the `n` of a `\n` before it: what is left has to be a string still.
_ENCODED = re.compile(r"(?<!\\)[A-Za-z0-9+/=]{8,}")


def private_keys(text: str) -> list[Found]:
    """Return the lines of every private key, without the marks around it.

    Between marks that a program writes or looks for stand its own words, which are not so long.
    """
    found: list[Found] = []
    for start, stop in _insides(text):
        end = -1
        for match in _ENCODED.finditer(text, start, stop):
            if _is_line(match.group()) or (end >= 0 and _NEXT.fullmatch(text, end, match.start())):
                found.append(Found(match.start(), match.end(), KIND))
                end = match.end()
    return found


def _is_line(text: str) -> bool:
    return len(text) >= _SHORTEST and not (text.islower() or text.isupper())


def fragments(text: str) -> Iterator[Found]:
    """Yield lines that look like some of a key's, where the marks around it are out of sight.

    RFC 7468 has 64 characters in a line, OpenSSH 70, RFC 4880 up to 76.
    """
    if PUBLIC in text:
        return
    for some in _LINES.finditer(text):
        for match in _ENCODED.finditer(text, *some.span()):
            if _is_line(match.group()) and bits(match.group()) > _LEAST_BITS:
                yield Found(match.start(), match.end(), KIND)


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
