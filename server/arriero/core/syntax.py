r"""What the core wants to know of a text's syntax, as plain values; `syntax/` finds it out.

Every question has the answer None where the language is not known or the text is too large. Texts
have `\n` line ends; lines are counted from 0 and are half-open; columns are characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Scope:
    """A definition: its lines are `start` to `stop`, with its decorators and attributes.

    `name` is "" where the language gives it none.
    """

    kind: Literal["function", "type"]
    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Faults:
    """How many errors a text has, and the lines they are on, in order."""

    count: int
    lines: tuple[int, ...]


class Syntax(Protocol):
    """Whatever reads syntax."""

    def enclosing(self, text: str, language: str, line: int) -> tuple[Scope, ...] | None:
        """Return the definitions that hold a line, the outermost first."""
        ...

    def scopes(self, text: str, language: str) -> tuple[Scope, ...] | None:
        """Return every definition, in the order in which they begin."""
        ...

    def inside(self, text: str, language: str, line: int, column: int) -> str | None:
        """Return "comment", "string" or "code": where a character typed at a position would be."""
        ...

    def block(self, text: str, language: str, line: int) -> tuple[int, int] | None:
        """Return the lines of the statement or definition that begins on a line."""
        ...

    def whole(self, text: str, language: str, start: int, stop: int) -> tuple[int, int] | None:
        """Return the fewest lines that hold these and cut no statement in two."""
        ...

    def opens(self, before: str, language: str) -> bool | None:
        """Return whether a block opens where a text ends that stands before a cursor."""
        ...

    def faults(self, text: str, language: str) -> Faults | None:
        """Return the syntax errors of a text."""
        ...


class NoSyntax:
    """Nothing is known of any language, so that everything goes by the indentation."""

    def enclosing(self, text: str, language: str, line: int) -> None:
        """Return None."""

    def scopes(self, text: str, language: str) -> None:
        """Return None."""

    def inside(self, text: str, language: str, line: int, column: int) -> None:
        """Return None."""

    def block(self, text: str, language: str, line: int) -> None:
        """Return None."""

    def whole(self, text: str, language: str, start: int, stop: int) -> None:
        """Return None."""

    def opens(self, before: str, language: str) -> None:
        """Return None."""

    def faults(self, text: str, language: str) -> None:
        """Return None."""
