"""What earlier and running generations already know about a cursor position.

An answer depends on the text before the cursor and the text after it. So one serves every position
that is reached by typing, or accepting, what it says; and what it says first must not be asked for
again where the model would only repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from arriero.core.text import Excerpt, held_back

# Answers that one document remembers: the places of the last minutes.
REMEMBERED = 32

# How a generation ended. `departed`: its answer goes another way than what is typed already.
# `unsure`: it was cut where the model began to guess. `enough`: it was as much as is wanted.
# `closed`: it was left before that. `cut`: by the token limit. `ended`: the model had said all.
Ending = Literal["running", "departed", "unsure", "enough", "closed", "cut", "ended"]


@dataclass(frozen=True, slots=True)
class Known:
    """What a generation has said so far, from the cursor of its excerpt on.

    `held` is the end of the text before the cursor that the model was not shown.
    """

    excerpt: Excerpt
    text: str = ""
    ending: Ending = "running"
    held: str = ""


def typed_since(earlier: Excerpt, now: Excerpt) -> str | None:
    """Return what was typed between two excerpts, or None if more than that has changed."""
    same_place = (earlier.path, earlier.after) == (now.path, now.after)
    before = _from_top(earlier, now.top)
    if not same_place or before is None or not now.before.startswith(before):
        return None
    return now.before[len(before) :]


def rest(known: Known, now: Excerpt) -> str | None:
    """Return what is left of an answer once its start was typed; None if it does not fit.

    "" is a fit too: there is nothing left of it, or there is nothing of it yet.
    """
    typed = typed_since(known.excerpt, now)
    if typed is None:
        return None
    if known.text.startswith(typed):
        return known.text[len(typed) :]
    # The stream may still come to what was typed meanwhile.
    return "" if known.ending == "running" and typed.startswith(known.text) else None


def tells(known: Known) -> bool:
    """Tell whether an answer without text is worth remembering: it would come again."""
    return known.ending in ("departed", "unsure", "ended")


def best(knowns: Iterable[Known], now: Excerpt) -> str | None:
    """Return the longest that any answer has left at a position; None if none fits with more."""
    left = [found for known in knowns if (found := rest(known, now))]
    return max(left, key=len, default=None)


def futile(known: Known, now: Excerpt) -> bool:
    """Tell whether asking at a position would only have the model say again what it has said.

    A model that is not shown the word being typed says at every character of it what it said at
    its start; and where it was unsure, it still is.
    """
    holds = bool(known.held) or not held_back(known.excerpt.before)
    shown = now.before.removesuffix(held_back(now.before)) if holds else now.before
    asked = known.excerpt.before.removesuffix(known.held)
    if (known.excerpt.path, known.excerpt.after) != (now.path, now.after):
        return False
    if known.ending == "departed":
        return shown == asked
    if known.ending == "closed":
        return False
    said = known.excerpt.before + known.text
    if not said.startswith(shown) or len(shown) < len(asked):
        return False
    return known.ending in ("unsure", "ended") or not now.before.startswith(said)


def returning(left: Excerpt, now: Excerpt) -> Excerpt | None:
    """Return the place that was left, as it is after an edit above it; None if it is not in sight.

    Whoever goes back to fill in something above comes back to where they were typing.
    """
    text = now.before + now.after
    place = len(text) - len(left.after)
    if left.path != now.path or place <= len(now.before) or not text.endswith(left.after):
        return None
    if text[:place].rpartition("\n")[2] != left.line_before:
        return None
    return replace(now, before=text[:place], after=left.after)


def _from_top(excerpt: Excerpt, top: int) -> str | None:
    """Return the text before the cursor from another line of the document on, if it has it."""
    if top == excerpt.top:
        return excerpt.before
    lines = excerpt.before.split("\n")
    skipped = top - excerpt.top
    return "\n".join(lines[skipped:]) if 0 < skipped < len(lines) else None
