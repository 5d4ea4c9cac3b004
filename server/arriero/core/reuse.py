"""What an earlier generation already knows about this cursor position."""

from __future__ import annotations

from dataclasses import dataclass

from arriero.core.text import Excerpt


@dataclass(frozen=True, slots=True)
class Remembered:
    """A suggestion and the place it was made for."""

    excerpt: Excerpt
    text: str


def typed_since(earlier: Excerpt, now: Excerpt) -> str | None:
    """Return what was typed between two excerpts, or None if more than that has changed."""
    same_place = (earlier.path, earlier.top, earlier.after) == (now.path, now.top, now.after)
    if not same_place or not now.before.startswith(earlier.before):
        return None
    return now.before[len(earlier.before) :]


def rest(remembered: Remembered, now: Excerpt) -> str | None:
    """Return what is left of a suggestion once its start was typed; None if it does not fit."""
    typed = typed_since(remembered.excerpt, now)
    if typed is None or not remembered.text.startswith(typed):
        return None
    return remembered.text[len(typed) :] or None
