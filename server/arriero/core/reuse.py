"""What earlier and running generations already know about a cursor position.

An answer depends on the text before the cursor and the text after it, and most on what is near. So
one serves every position that is reached by typing, or accepting, what it says; and what it says
must not be asked for again where the model would only repeat it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from arriero.core.text import Excerpt, held_back

# Answers that one document remembers: the places of the last minutes.
REMEMBERED = 32

# Characters around a cursor on which its answer is taken to depend. An edit farther up changes an
# answer so seldom that those who come back from one are better served by the one they had.
NEAR_BEFORE, NEAR_AFTER = 400, 300

# What editors insert behind the cursor when a bracket or a quote is typed before it.
CLOSED_BY_EDITORS = ")]}\"'`"

# How a generation ended. `unsure`: it was cut where the model began to guess. `enough`: it was as
# much as is wanted, or went another way than the typing. `closed`: it was left before that. `cut`:
# by the token limit. `ended`: the model had said all.
Ending = Literal["running", "unsure", "enough", "closed", "cut", "ended"]


@dataclass(frozen=True, slots=True)
class Known:
    """What a generation has said so far, from where the text ends that the model was `shown`.

    `certainty` is the model's own probability of all of it; 1 where the server tells none.
    """

    shown: Excerpt
    text: str = ""
    ending: Ending = "running"
    certainty: float = 1.0


def typed_since(earlier: Excerpt, now: Excerpt) -> str | None:
    """Return what was typed between two excerpts, or None if more than that has changed nearby."""
    if earlier.path != now.path or _near_after(earlier) != _near_after(now):
        return None
    near = earlier.before[-NEAR_BEFORE:]
    if len(near) < NEAR_BEFORE:  # from the top of the file on
        return now.before[len(near) :] if now.before.startswith(near) else None
    place = now.before.rfind(near)
    return None if place < 0 else now.before[place + NEAR_BEFORE :]


def rest(known: Known, now: Excerpt) -> str | None:
    """Return what is left of an answer once its start was typed; None if it does not fit.

    "" is a fit too: there is nothing left of it, or there is nothing of it yet.
    """
    typed = typed_since(known.shown, now)
    if typed is None:
        return None
    if known.text.startswith(typed):
        return known.text[len(typed) :]
    # The stream may still come to what was typed meanwhile.
    return "" if known.ending == "running" and typed.startswith(known.text) else None


def chained(left: str, known: Known, knowns: Iterable[Known], now: Excerpt) -> tuple[str, Known]:
    """Return what is left of an answer with what another one says where it ends, and that one."""
    end = replace(now, before=now.before + left)
    for other in knowns:
        if more := rest(other, end):
            return left + more, other
    return left, known


def to_show(knowns: Collection[Known], now: Excerpt) -> Excerpt | None:
    """Return what to show the model in a new question; None if it would say nothing new.

    A model says at every character of a word what it said at the word's start, as long as it is
    not shown the word. Where that is not what is typed, it has to see what is.
    """
    for held in dict.fromkeys((held_back(now.before), "")):
        shown = replace(now, before=now.before.removesuffix(held))
        if not any(_answers(known, shown) for known in knowns):
            return shown
    return None


def returning(left: Excerpt, now: Excerpt) -> Excerpt | None:
    """Return the place that was left, as it is after an edit above it; None if it is not in sight.

    Whoever goes back to fill in something above comes back to where they were typing.
    """
    place = now.after.find(left.line_before + left.after[:NEAR_AFTER])
    if place < 0 or left.path != now.path:
        return None
    before = now.after[: place + len(left.line_before)]
    return replace(now, before=now.before + before, after=now.after[len(before) :])


def _near_after(excerpt: Excerpt) -> str:
    return excerpt.after.lstrip(CLOSED_BY_EDITORS)[:NEAR_AFTER]


def _answers(known: Known, shown: Excerpt) -> bool:
    """Tell whether a model that is shown so much would only say what it has said already."""
    further = typed_since(known.shown, shown)
    if further is None or known.ending == "closed":
        return False
    if not known.text.startswith(further):
        return False
    return not further or known.ending in ("unsure", "ended") or further != known.text
