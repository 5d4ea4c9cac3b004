"""A toy tokenizer with CodeLlama-70b-Instruct's special tokens, and no piece of its vocabulary.

Text is cut into pieces of about 3.3 characters of code; a line end is always a token of its own.
The flags of the special tokens are those of the model's tokenizer files: `<step>` takes the blanks
around it with it and is not seen inside a word; the infilling signs need a space before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zlib import crc32

from arriero_backend.engine import InputToken

UNKNOWN, BEGIN, END, STEP = 0, 1, 2, 32015
SIGNS = {"<unk>": UNKNOWN, "<s>": BEGIN, "</s>": END, "<step>": STEP}
INFILLING = {"<PRE>": 32007, "<SUF>": 32008, "<MID>": 32009, "<EOT>": 32010}
SPECIAL_IDS = frozenset({*SIGNS.values(), *INFILLING.values()})

FIRST_PIECE, PIECES = 259, 32_000 - 259  # ids below are bytes in the model's vocabulary

_SIGN = re.compile(r"</s>|<s>|<unk>|(?<!\w)<step>(?!\w)")
_INFILLING = re.compile(r"(?:(?<= )|\A)<(?:PRE|SUF|MID|EOT)>")
_PIECE = re.compile(
    r"""
    \n
    | \x20{2,16}(?=\x20)            # an indent, up to the space that belongs to the next word
    | \x20?[A-Za-z_]{1,7}
    | \x20?[^\w\s]{1,3}
    | \d
    | [^\S\n]{1,4}
    | [^\W\d]{1,2}
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def encode(text: str, *, add_special_tokens: bool) -> list[InputToken]:
    """Tokenize; offsets are in characters. An added `<s>` has no text and no extent."""
    tokens = [InputToken(BEGIN, "", 0, 0)] if add_special_tokens else []
    tokens += _tokens(text)
    return tokens


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut text without special tokens into pieces, with their ids."""
    for match in _PIECE.finditer(text):
        piece = match.group()
        yield FIRST_PIECE + crc32(piece.encode()) % PIECES, piece


def _tokens(text: str) -> Iterator[InputToken]:
    place = 0
    for match in _SIGN.finditer(text):
        start, stop = match.span()
        if match.group() == "<step>":
            start = place + len(text[place:start].rstrip())
            stop = len(text) - len(text[stop:].lstrip())
        yield from _plain(text, place, start)
        yield InputToken(SIGNS[match.group()], text[start:stop], start, stop)
        place = stop
    yield from _plain(text, place, len(text))


def _plain(text: str, start: int, stop: int) -> Iterator[InputToken]:
    """Tokenize between two signs, where the infilling signs are pieces like any other."""
    segment = text[start:stop]
    place = 0
    for match in _INFILLING.finditer(segment):
        yield from _pieces(segment[place : match.start()], start + place)
        begin, place = match.span()
        yield InputToken(INFILLING[match.group()], match.group(), start + begin, start + place)
    yield from _pieces(segment[place:], start + place)


def _pieces(text: str, start: int) -> Iterator[InputToken]:
    for number, piece in pieces(text):
        yield InputToken(number, piece, start, start + len(piece))
        start += len(piece)
