r"""JSON of megabytes, in steps.

What is large in a message is a string or two, the text of a file. Such a string is taken out and
decoded piece by piece; the little that is left is read at once, and each gap in it filled.

    {"uri": "file:///a", "text": "..."}  ->  {"uri": "file:///a", "text": NaN}  and  ["..."]
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from arriero.lsp.framing import read_json
from arriero.lsp.steps import STEP, Steps, in_turns

# Strings that are complete, and what stands between them.
_COMPLETE = re.compile(rb'(?:[^"]*+"(?:[^"\\]++|\\.)*+")*+[^"]*+', re.DOTALL)
_LONGEST_PART = 5  # bytes, of an escape that is cut in two
_GAP = b"NaN"  # no JSON, but a word that Python's reader asks about


async def read(body: bytes) -> Any:
    """Return what a message body says. Raises ValueError, RecursionError."""
    if len(body) > STEP:
        with suppress(ValueError):  # then the ordinary way says what is wrong, or reads it
            return await in_turns(parse(body))
    return read_json(body)


def parse(body: bytes, step: int = STEP) -> Steps[Any]:
    """Return what `json.loads` returns, in steps of so many bytes. Raises ValueError.

    It raises that too for what `json.loads` reads but no editor writes: NaN, UTF-16, or keys of
    megabytes.
    """
    rest: list[bytes] = []
    long: list[str] = []
    place = 0
    while place < len(body):
        yield
        complete = _COMPLETE.match(body, place, place + step)
        end = complete.end() if complete else place
        if end > place:
            rest.append(body[place:end])
        else:
            text, end = yield from _long_string(body, place, step)
            rest.append(_GAP)
            long.append(text)
        place = end
    return _filled(b"".join(rest), long)


def _long_string(body: bytes, place: int, step: int) -> Steps[tuple[str, int]]:
    """Return the string that begins at a place, and the place behind it."""
    pieces: list[str] = []
    place += 1
    while body[place : place + 1] != b'"':
        yield
        end = _cut(body, place, step)
        piece = json.loads(b'"%b"' % body[place:end])
        halved = "\ud800" <= piece[-1] <= "\udbff" and body[end - 6 : end - 4] == b"\\u"
        if halved and len(piece) > 1 and body[end : end + 2] == b"\\u":
            piece, end = piece[:-1], end - 6  # the first of two escapes for one character
        pieces.append(piece)
        place = end
    return "".join(pieces), place + 1


def _cut(body: bytes, place: int, step: int) -> int:
    """Return where to cut a string that goes on at a place: at its end, or between characters."""
    ahead = body[place : place + step].replace(rb"\\", b"__").replace(rb"\"", b"__")
    if (quote := ahead.find(b'"')) >= 0:
        return place + quote
    if place + step >= len(body):
        raise ValueError("a string that does not end")
    if (escape := ahead.find(b"\\", -_LONGEST_PART)) >= 0:
        return place + escape
    end = place + step
    while end > place + 1 and body[end] & 0xC0 == 0x80:  # in the middle of a character
        end -= 1
    return end


def _filled(rest: bytes, long: list[str]) -> Any:
    """Read what is left, and put the long strings into its gaps."""
    gaps = long[::-1]

    def fill(word: str) -> str:
        if not gaps:
            raise ValueError("NaN or Infinity, of which JSON knows nothing")
        return gaps.pop()

    return json.loads(rest, parse_constant=fill)
