"""Where somebody has been: the places that they edited or opened, the last one first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

NEAR = 20  # lines; who moves by fewer is at the same place
MOST = 24


@dataclass(frozen=True, slots=True)
class Stop:
    """A line (from 0) of a document, and whether it was edited or only opened."""

    uri: str
    line: int
    edited: bool


class Trail:
    """The last places, each once."""

    def __init__(self) -> None:
        self._stops: list[Stop] = []

    def __iter__(self) -> Iterator[Stop]:
        return iter(self._stops)

    def note(self, uri: str, line: int, *, edited: bool) -> None:
        """Note where somebody is now. To open what one has edited does not undo that."""
        last = self._stops[0] if self._stops else None
        if last and last.uri == uri and last.edited >= edited and abs(last.line - line) < NEAR:
            if last.line != line:
                self._stops[0] = Stop(uri, line, last.edited)
            return  # the way of every key, so nothing else is looked at
        near = [stop for stop in self._stops if stop.uri == uri and abs(stop.line - line) < NEAR]
        others = [stop for stop in self._stops if stop not in near]
        was_edited = edited or any(stop.edited for stop in near)
        self._stops = [Stop(uri, line, was_edited), *others][:MOST]

    def forget(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._stops = [stop for stop in self._stops if stop.uri != uri]
