"""Which places are worth asking about before the person is there.

Two of them can be told: the end of an answer that they are typing through, and the place that they
left to edit something above it. The completer asks; nothing is asked twice, or for what is known.
"""

from __future__ import annotations

from dataclasses import replace

from arriero.assist.place import Place
from arriero.core import pacing, reuse
from arriero.core.reuse import Known
from arriero.core.text import Excerpt

# Characters of an answer that somebody has typed when what follows it is asked for ahead.
TYPED_THROUGH = 3

# Somebody who edits elsewhere for so long will come back: their place is then asked for ahead.
AWAY = 0.4  # seconds


def onward(place: Place, known: Known, excerpt: Excerpt, left: str) -> Excerpt | None:
    """Return the end of an answer of which only `left` is still to be typed, if that is near.

    An answer that the model ended by itself has nothing behind it.
    """
    typed = reuse.typed_since(known.shown, excerpt) or ""
    last_line = "\n" not in left.rstrip() and not excerpt.line_after.strip()
    if known.ending != "enough" or not last_line or len(typed.strip()) < TYPED_THROUGH:
        return None
    end = replace(excerpt, before=excerpt.before + left)
    return end if reuse.to_show([*place.knowns], end) else None


def way_back(place: Place, excerpt: Excerpt, done: pacing.Change) -> tuple[Excerpt, float] | None:
    """Return the place that the person left, and in how many seconds to ask about it.

    Who comes back there is followed by `place.left`, which is noted here. They have to have edited
    elsewhere: who only looks around may go on anywhere.
    """
    if place.now is None:
        return None
    if place.left is None:
        if done == "moved":
            place.left = place.now
        return None
    back = reuse.returning(place.left, excerpt)
    if back is None:
        place.left = None
        return None
    if reuse.typed_since(place.left, back) is not None:
        return None
    return back, 0.0 if done == "moved" else AWAY


def is_of_use(place: Place, back: Excerpt) -> bool:
    """Tell whether the model would say something new about a place."""
    if any(reuse.rest(known, back) for known in place.knowns) or place.fitting(back):
        return False
    return bool(reuse.to_show([*place.knowns], back))
