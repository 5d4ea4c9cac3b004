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
    with forward slashes; `uri` is the document's own name, which no other one has.
    """

    path: str
    language: str
    before: str
    after: str
    selected: str = ""
    top: int = 0
    uri: str = ""

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
    """Return the end of the text that the model has to write once more: a word and one blank.

    The models' tokens are words with the blank before them (SentencePiece, and the byte pair
    encodings of most others). A word that is just being typed, or the blank before the next one,
    tokenizes differently when it is followed by the rest of its token, and a prompt that ends in
    it leads a model astray. So the prompt stops before it, and the answer has to begin with it.
    """
    # From the end: a regular expression would try every character of a long file as the beginning.
    end = len(before)
    while end and (before[end - 1].isalnum() or before[end - 1] == "_"):
        end -= 1
    return before[end - before.endswith(" ", 0, end) :]


def gone_on(answer: str, line: str, held: str) -> str:
    """Return an answer as it goes on from `line`, the last that the model was shown.

    Some models leave out the blank that is `held` back, and in an empty line some begin with a line
    end and the indent that stands there already.
    """
    code = answer.lstrip()
    lead = answer[: len(answer) - len(code)]
    if "\n" in lead and not line.strip():
        indent = lead.rpartition("\n")[2]
        if not code:
            return ""
        return indent[len(line) :] + code if indent.startswith(line) else answer
    return " " + answer if held.startswith(" ") and code and not lead else answer


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


def alike(one: str, other: str) -> int:
    """Return how many characters two texts begin alike with; halving is fastest in Python."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
