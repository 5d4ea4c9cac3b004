"""Secrets in text: a text in, the places of what looks like one out.

formats.py   tokens that tell by their form what they are
theirs.py    more of them, by the rules of detect-secrets
assigned.py  values of names such as `password`, where they look made up by chance
blocks.py    private keys, which go over many lines
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from arriero.core.redaction import Found
from arriero.detection import assigned, blocks
from arriero.detection.chance import MOST

# Lines of a few open documents, with what is around them, alone and so many at a time: a key typed
# changes one line, and the others need not even be told apart.
REMEMBERED = 16_384
LINES = 32
_SOME_LINES = re.compile(rf"(?:[^\n]*\n){{{LINES}}}|.+", re.DOTALL)

# What a line has to have before it is worth the time of all the rules: a name that says so, a user
# in an address, or a run of characters with a digit in it, from its first character on.
_HINT = re.compile(
    r"pass|pwd|secret|token|key|cred|auth|bearer|basic |://|sig=|contrase"
    r"|(?<![\w+/=.-])(?=[\w+/=.-]{0,200}\d)[\w+/=.-]{20}",
    re.IGNORECASE,
)

# A minified file is one line of a megabyte, of which a key typed changes one statement.
_LONG = 2 * MOST
_STATEMENTS = re.compile(rf".{{256,{MOST}}}?(?:[;,{{}}\s]|$)|.{{1,{MOST}}}", re.DOTALL)


def load() -> None:
    """Read and compile the rules: it takes a quarter of a second, and no search should."""
    from arriero.detection import formats

    formats.load()


def secrets_in(text: str) -> list[Found]:
    """Return what looks like a secret, in order; none goes over the end of a line.

    Raises NotSent where the rules cannot be read.
    """
    found = [
        each.moved(lines.start())
        for lines in _SOME_LINES.finditer(text)
        for each in _in_lines(lines.group())
    ]
    if blocks.MARK in text:
        found += blocks.private_keys(text)
    return _apart(found)


@lru_cache(maxsize=REMEMBERED // LINES)
def _in_lines(text: str) -> tuple[Found, ...]:
    """Find what there is in some lines, all but one of which were looked at before."""
    found: list[Found] = []
    start = 0
    for line in text.split("\n"):
        found += (each.moved(start) for each in _in_line(line))
        start += len(line) + 1
    return (*found, *blocks.fragments(text))


@lru_cache(maxsize=REMEMBERED)
def _in_line(line: str) -> tuple[Found, ...]:
    if len(line) <= _LONG:
        return _in_part(line)
    parts = _STATEMENTS.finditer(line)
    return tuple(each.moved(part.start()) for part in parts for each in _in_statement(part.group()))


def _in_part(text: str) -> tuple[Found, ...]:
    if not _HINT.search(text):
        return ()
    # Imported when there is a line for it: the initialize reply does not wait for it.
    from arriero.detection import formats

    return tuple(_apart(chain(formats.tokens(text), assigned.values(text))))


_in_statement = lru_cache(maxsize=REMEMBERED)(_in_part)


def _apart(found: Iterable[Found]) -> list[Found]:
    """Return what was found in order; of what overlaps, the whole, by the kind of the first."""
    apart: list[Found] = []
    for each in sorted(found, key=lambda each: (each.start, -each.stop)):
        if apart and each.start < apart[-1].stop:
            apart[-1] = replace(apart[-1], stop=max(apart[-1].stop, each.stop))
        else:
            apart.append(each)
    return apart
