"""What became of suggestions, told from the text alone: editors differ in what else they tell.

Nothing of this leaves the computer, but for whoever asks `arriero/status`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from arriero.core.reuse import typed_since
from arriero.core.text import Excerpt


@dataclass(frozen=True, slots=True)
class Tally:
    """How many suggestions were shown, taken whole, taken in part, and typed against."""

    shown: int = 0
    accepted: int = 0
    partly: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion in front of the person; `taken` once a part of it was."""

    excerpt: Excerpt
    text: str
    taken: bool = False


def offered(tally: Tally, before: Offer | None, excerpt: Excerpt, text: str) -> tuple[Tally, Offer]:
    """Count a suggestion as shown, unless it is what was left of the one before, or more of it."""
    if before and before.excerpt == excerpt and text.startswith(before.text):
        return tally, replace(before, text=text)
    return replace(tally, shown=tally.shown + 1), Offer(excerpt, text)


def settled(tally: Tally, offer: Offer, now: Excerpt) -> tuple[Tally, Offer | None]:
    """Count what the text says became of a suggestion; return what is left of it.

    Whoever takes a suggestion, or a word of it, inserts several characters at once; one by one they
    are typed through.
    """
    typed = typed_since(offer.excerpt, now)
    if typed is None or not offer.text.startswith(typed):
        rejected = tally.rejected + (not offer.taken)
        return replace(tally, rejected=rejected), None
    if typed == offer.text:
        if len(typed.strip()) > 1:
            tally = replace(tally, accepted=tally.accepted + 1)
        return tally, None
    taken = len(typed.strip()) > 1
    if taken and not offer.taken:
        tally = replace(tally, partly=tally.partly + 1)
    return tally, Offer(now, offer.text[len(typed) :], offer.taken or taken)
