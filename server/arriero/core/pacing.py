"""How long the typing has to rest before the model is asked.

A request costs a GPU others wait for, and one that comes at the wrong moment is thrown away by the
next key. At the start of a line there is most to win and the next key is far; inside a word the
next key is near; after a deletion or a jump the person is still looking for the place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from arriero.core.reuse import typed_since
from arriero.core.text import Excerpt

Change = Literal["none", "typed", "accepted", "deleted", "moved"]

# Shares of the pace that the settings name.
IN_WORD = 0.5
AFTER_SIGN = 0.0
AFTER_CHANGE_OF_MIND = 2

# A first token sooner than this is soon: then a wrong request costs little, and waits less.
SOON = 0.25  # seconds
LEAST = 0.5

SMOOTHING = 0.1  # weight of the newest gap in the running mean
LONGEST_GAP = 1.0  # seconds; longer ones are pauses, and tell nothing of how fast somebody types


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How somebody types and how fast the model answers, in seconds; running means."""

    gap: float = 0.2
    first_token: float = SOON

    def key(self, gap: float) -> Rhythm:
        """Take in the time between two keys."""
        if gap > LONGEST_GAP:
            return self
        return replace(self, gap=self.gap + SMOOTHING * (gap - self.gap))

    def answer(self, first_token: float) -> Rhythm:
        """Take in the time to a first token."""
        moved = self.first_token + SMOOTHING * (first_token - self.first_token)
        return replace(self, first_token=moved)


def change(before: Excerpt | None, now: Excerpt) -> Change:
    """Tell what a person did between two requests."""
    if before is None:
        return "none"
    typed = typed_since(before, now)
    if typed is None:
        return "moved" if typed_since(now, before) is None else "deleted"
    if not typed:
        return "none"
    return "typed" if len(typed.strip()) <= 1 else "accepted"


def wait(rhythm: Rhythm, excerpt: Excerpt, done: Change, pace: float) -> float:
    """Return the seconds to wait; `pace` is what the settings say, for a word in the making."""
    if done in ("deleted", "moved"):
        return pace * AFTER_CHANGE_OF_MIND
    if not excerpt.line_before.strip() or done == "accepted":
        return 0.0
    speed = min(max(rhythm.first_token / SOON, LEAST), 1.0)
    last = excerpt.before[-1]
    if last.isalnum() or last == "_":
        return min(pace * IN_WORD, 1.5 * rhythm.gap) * speed
    return pace * AFTER_SIGN * speed
