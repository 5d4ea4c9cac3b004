"""What we know of a document around the cursor or the selection, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Excerpt:
    r"""A window of a document, with `\n` line ends only.

    `before` starts at the beginning of the document's line `top` (from 0) and ends at the cursor
    or the selection; `after` starts where the selection ends. `path` is how people call the file,
    with forward slashes.
    """

    path: str
    language: str
    before: str
    after: str
    selected: str = ""
    top: int = 0

    @property
    def line(self) -> int:
        """The document line (from 0) on which `before` ends."""
        return self.top + self.before.count("\n")

    @property
    def line_before(self) -> str:
        """The cursor's line up to the cursor."""
        return self.before[self.before.rfind("\n") + 1 :]

    @property
    def line_after(self) -> str:
        """The cursor's line from the cursor on."""
        return self.after.partition("\n")[0]

    @property
    def below(self) -> str:
        """The text from the line after the cursor's on."""
        return self.after.partition("\n")[2]


def held_back(before: str) -> str:
    """Return the end of the text that the model has to write once more: blanks, then a word.

    Blanks and a word that is just being typed tokenize differently when they are followed by the
    rest of their token, and a prompt that ends in them leads a model astray. So the prompt stops
    before them and the answer has to begin with them: see `taken_up`.
    """
    # From the end: a regular expression would try every blank of a long file as the beginning.
    end = len(before)
    while end and (before[end - 1].isalnum() or before[end - 1] == "_"):
        end -= 1
    return before[len(before[:end].rstrip()) :]


def taken_up(answer: str, held: str) -> str | None:
    """Return what the answer adds to the held-back text, or None if it goes another way.

    An answer that is still too short to tell gives "".
    """
    word = held.lstrip()
    blanks = held.removesuffix(word)
    written = _indented(answer, blanks) if "\n" in blanks else _spaced(answer, blanks)
    if written is None or written.startswith(word):
        return written and written[len(word) :]
    return "" if word.startswith(written) else None


def _spaced(answer: str, blanks: str) -> str:
    """Take up after spaces: their number is people's choice."""
    return answer.lstrip(" \t") if blanks else answer


def _indented(answer: str, held: str) -> str | None:
    """Take up after line ends: how many stand there is people's choice, the indent is not."""
    code = answer.lstrip()
    if not code:
        return ""
    blanks = answer[: len(answer) - len(code)]
    if "\n" not in blanks:
        return None
    lines, _, indent = blanks.rpartition("\n")
    typed_lines, _, typed = held.rpartition("\n")
    if not indent.startswith(typed):
        return None
    further = lines.count("\n") - typed_lines.count("\n")
    return ("\n" * further + indent if further > 0 else indent[len(typed) :]) + code


def indent_of(line: str) -> str:
    """Return the blanks that a line starts with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(indent: str) -> int:
    """Return how far an indent reaches, in columns; a tab counts as four."""
    return len(indent.expandtabs(4))


def whole_lines(text: str) -> list[str]:
    r"""Return the lines with their `\n`. `str.splitlines` would also split at form feeds."""
    return _LINES.findall(text)


def fence_for(*texts: str) -> str:
    """Return a code fence that none of the texts can close: one backtick more than they have."""
    longest = max((len(run) for text in texts for run in re.findall(r"`{3,}", text)), default=2)
    return "`" * (longest + 1)
