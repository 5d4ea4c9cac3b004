r"""Texts to lines.

A line ends at `\n`, `\r\n` or a lone `\r` and nowhere else (LSP 3.17, Text Documents):
`str.splitlines` splits at form feeds and U+2028 too, and then every later edit hits a wrong line.
"""

from __future__ import annotations

import io
import re

from arriero.lsp.steps import STEP, Steps

_SURROGATE = re.compile("[\ud800-\udfff]")


def split(text: str) -> list[str]:
    """Return the lines with their ends; the last one has none and may be empty."""
    lines = list(io.StringIO(text, newline=""))
    if not lines or lines[-1].endswith(("\r", "\n")):
        lines.append("")
    return lines


def whole_characters(text: str) -> str:
    """Put U+FFFD for half characters, which no encoding can write; it has as many units."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def lines_of(text: str, step: int = STEP) -> Steps[list[str]]:
    """Return the lines of a text, of whole characters, in steps of so many characters."""
    lines: list[str] = []
    open_line: list[str] = []  # the pieces of the line that goes on
    start = 0
    while start < len(text):
        end = start + step
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        first, *more = split(whole_characters(text[start:end]))
        open_line.append(first)
        if more:
            lines += ["".join(open_line), *more[:-1]]
            open_line = more[-1:]
        if (start := end) < len(text):
            yield
    return [*lines, "".join(open_line)]
