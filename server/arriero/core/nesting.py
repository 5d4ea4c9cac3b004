"""Whether code can stand where it is put, in languages whose blocks are made by their indents.

A block opens behind a colon and closes where a line returns to a level that is still open. What is
inside brackets or strings has no level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from arriero.core.text import indent_of, width

LANGUAGES = frozenset({"python"})

_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*|[()\[\]{}]|\\$')
_WORD = re.compile(r"(?:async\s+)?(\w+)")
# What a statement may follow at its own level, by its first word.
_FOLLOWS = {
    "else": {"if", "elif", "for", "while", "except"},
    "elif": {"if", "elif"},
    "except": {"try", "except"},
    "finally": {"try", "except", "else"},
}


@dataclass(frozen=True, slots=True)
class Statement:
    """Where a statement begins: its line's number and indent; `opens` a block or not."""

    line: int
    indent: int
    word: str
    opens: bool


@dataclass(slots=True)
class Statements:
    """Reads lines one after the other, and tells the statements in them."""

    _number: int = 0
    _quotes: str = ""
    _depth: int = 0
    _goes_on: bool = False
    _begun: Statement | None = None
    _ends: str = ""  # the last character of code so far

    def read(self, lines: Sequence[str]) -> Iterator[Statement]:
        """Yield the statements that end in these lines."""
        for line in lines:
            if self.is_loose:
                self._scan(line)
            elif line.strip() and not line.lstrip().startswith("#"):
                word = _WORD.match(line.lstrip())
                indent = width(indent_of(line))
                self._begun = Statement(self._number, indent, word[1] if word else "", False)
                self._ends = ""
                self._scan(line)
            self._number += 1
            if self._begun and not self.is_loose:
                begun, self._begun = self._begun, None
                yield Statement(begun.line, begun.indent, begun.word, self._ends == ":")

    @property
    def is_loose(self) -> bool:
        """Whether the next line goes on with a statement, so that its indent means nothing."""
        return bool(self._quotes) or self._depth > 0 or self._goes_on

    def _scan(self, line: str) -> None:
        at = 0
        self._goes_on = False
        if self._quotes:
            at = line.find(self._quotes) + 3
            if at < 3:
                return
            self._quotes, self._ends = "", '"'
        while token := _TOKEN.search(line, at):
            self._end(line[at : token.start()])
            mark, at = token[0], token.end()
            if mark in ('"""', "'''"):
                closing = line.find(mark, at)
                if closing < 0:
                    self._quotes = mark
                    return
                at = closing + 3
            if mark.startswith("#"):
                return
            self._goes_on = mark == "\\"
            self._depth = max(self._depth + (mark in "([{") - (mark in ")]}"), 0)
            self._end(mark)
        self._end(line[at:])

    def _end(self, code: str) -> None:
        self._ends = code.rstrip()[-1:] or self._ends


@dataclass(slots=True)
class _Level:
    indent: int
    word: str = ""  # the first word of the last statement on it


@dataclass(slots=True)
class _Levels:
    """The levels that are open at a statement, and what is wrong so far."""

    open: list[_Level] = field(default_factory=lambda: [_Level(0)])
    opened: bool = False

    def take(self, statement: Statement) -> tuple[bool, int]:
        """Go on with a statement; return whether it can stand there, and by how much it is in."""
        fits, step = True, 0
        if self.opened and statement.indent > self.open[-1].indent:
            step = statement.indent - self.open[-1].indent
            self.open.append(_Level(statement.indent))
        else:
            fits = not self.opened
            while len(self.open) > 1 and statement.indent < self.open[-1].indent:
                self.open.pop()
            if statement.indent != self.open[-1].indent:
                fits = False
                self.open.append(_Level(statement.indent))
        before = _FOLLOWS.get(statement.word)
        fits = fits and (before is None or self.open[-1].word in before)
        self.open[-1].word = statement.word
        self.opened = statement.opens
        return fits, step


class Above:
    """What is open below some lines: read once, however much is then tried to stand there."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._reader, self._levels = Statements(), _Levels()
        for statement in self._reader.read(lines):
            self._levels.take(statement)
        self._count = len(lines)

    @property
    def goes_on(self) -> bool:
        """Whether the next line is within brackets or a string, so that it has no level."""
        return self._reader.is_loose

    def flaws(self, own: Sequence[str], below: Sequence[str], step: int) -> tuple[int, int]:
        """Return how many statements cannot stand there, and how many levels are no `step`.

        Those of `own` count, and those of `below` as far as they stand on levels that `own` opened.
        """
        reader, levels = deepcopy((self._reader, self._levels))
        wrong = odd = 0
        floor = len(levels.open)
        for statement in reader.read(own):
            fits, deeper = levels.take(statement)
            if statement.line >= self._count:
                wrong += not fits
                odd += deeper not in (0, step)
            floor = min(floor, len(levels.open))
        for statement in reader.read(below):
            fits, _ = levels.take(statement)
            wrong += not fits
            if len(levels.open) <= floor:
                break
        return wrong, odd


def loose(lines: Sequence[str]) -> list[int]:
    """Return the numbers of the lines that begin no statement: within brackets and strings."""
    begun = {statement.line for statement in Statements().read(lines)}
    return [
        n
        for n, line in enumerate(lines)
        if n not in begun and line.strip() and not line.lstrip().startswith("#")
    ]
