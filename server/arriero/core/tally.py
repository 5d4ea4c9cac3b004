"""What became of suggestions, told from the text alone: editors differ in what else they tell.

Some run a command when a suggestion is accepted, which says it at once, and of a suggestion of one
character too. What the text has told already is not counted again.

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
    """A suggestion in front of the person, in one text or several to choose from, best first.

    `number` is its own as long as a part of it stands; `taken` once a part of it was.
    """

    excerpt: Excerpt
    texts: tuple[str, ...]
    number: int
    taken: bool = False


def offered(
    tally: Tally, before: Offer | None, excerpt: Excerpt, texts: tuple[str, ...]
) -> tuple[Tally, Offer]:
    """Count a suggestion as shown, unless it is what was left of the one before, or more of it."""
    if before and before.excerpt == excerpt and texts[0].startswith(before.texts[0]):
        return tally, replace(before, texts=texts)
    number = tally.shown + 1
    return replace(tally, shown=number), Offer(excerpt, texts, number)


def settled(tally: Tally, offer: Offer, now: Excerpt) -> tuple[Tally, Offer | None]:
    """Count what the text says became of a suggestion; return what is left of it.

    Whoever takes a suggestion, or a word of it, inserts several characters at once; one by one they
    are typed through.
    """
    typed = typed_since(offer.excerpt, now)
    fit = [] if typed is None else [text for text in offer.texts if text.startswith(typed)]
    if typed is None or not fit:
        rejected = tally.rejected + (not offer.taken)
        return replace(tally, rejected=rejected), None
    taken = len(typed.strip()) > 1
    if typed in fit:
        return (accepted(tally) if taken else tally), None
    if taken and not offer.taken:
        tally = replace(tally, partly=tally.partly + 1)
    left = tuple(text[len(typed) :] for text in fit)
    return tally, Offer(now, left, offer.number, offer.taken or taken)


def accepted(tally: Tally) -> Tally:
    """Count a suggestion as taken whole."""
    return replace(tally, accepted=tally.accepted + 1)
