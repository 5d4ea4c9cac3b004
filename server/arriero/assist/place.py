"""What is known of one open document: answers remembered, answers being made, and the place."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field, replace

from arriero.core import reuse
from arriero.core.reuse import Known
from arriero.core.tally import Offer
from arriero.core.text import Excerpt, held_back

MOST_RUNNING = 2

# Answers for one place that an editor can show one after the other.
MOST_DIFFERENT = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked: to go on where `shown` ends, for a cursor at the end of `excerpt`.

    Somebody who asks by hand (`explicit`) is told guesses too. `again` counts the answers that they
    were given here already, and that did not please.
    """

    excerpt: Excerpt
    shown: Excerpt
    explicit: bool = False
    again: int = 0

    @classmethod
    def at(cls, excerpt: Excerpt, explicit: bool = False, again: int = 0) -> Question:
        """Return the question of somebody of whom nothing is known yet."""
        held = held_back(excerpt.before)
        shown = replace(excerpt, before=excerpt.before.removesuffix(held))
        return cls(excerpt, shown, explicit, again)

    @property
    def held(self) -> str:
        """The end of the text before the cursor, which the model is not shown."""
        return self.excerpt.before[len(self.shown.before) :]


# Asks the model, and yields what is known after each token.
Generate = Callable[[Question], AsyncGenerator[Known]]


@dataclass(slots=True, eq=False)
class Generation:
    """One answer being made.

    `wanted` counts the requests that wait for it. One that is made `ahead` is for a place where the
    person is not yet.
    """

    question: Question
    ahead: bool = False
    known: Known = field(init=False)
    task: asyncio.Task[None] = field(init=False)
    error: Exception | None = None
    wanted: int = 0

    def __post_init__(self) -> None:
        self.known = Known(self.question.shown)

    @property
    def running(self) -> bool:
        return self.known.ending == "running"

    def close(self) -> None:
        if self.running:
            self.known = replace(self.known, ending="closed")
            self.task.cancel()


@dataclass(slots=True)
class Place:
    """What is known of one open document. `now` is where the person asked last, `at` when."""

    memory: deque[Known] = field(default_factory=lambda: deque(maxlen=reuse.REMEMBERED))
    running: list[Generation] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    now: Excerpt | None = None
    at: float = 0.0
    left: Excerpt | None = None  # where the person typed before they went elsewhere
    foresight: asyncio.Task[None] | None = None
    offer: Offer | None = None  # the suggestion that is shown
    answered: Excerpt | None = None  # where somebody asked by hand last, and got an answer
    answers: int = 0  # that they got there
    different: tuple[str, ...] = ()  # among them, the newest first

    @property
    def knowns(self) -> Iterator[Known]:
        # Whoever asks for another answer is shown that one from then on.
        yield from (each.known for each in self.running if each.question.again)
        yield from self.memory
        yield from (each.known for each in self.running)

    def tell(self) -> None:
        """Wake all who wait for something to have changed."""
        self.news.set()
        self.news = asyncio.Event()

    def answer(self, excerpt: Excerpt, text: str | None = None) -> None:
        """Note that somebody who asked by hand has their answer."""
        if self.answered != excerpt:
            self.answered, self.answers, self.different = excerpt, 0, ()
        self.answers += 1
        if text:
            self.different = tuple(dict.fromkeys((text, *self.different)))[:MOST_DIFFERENT]

    def fitting(self, excerpt: Excerpt) -> Generation | None:
        """Return the running generation that may still serve a position."""
        fits = (
            each
            for each in self.running
            if each.running and reuse.rest(each.known, excerpt) is not None
        )
        return next(fits, None)

    def remember(self, known: Known) -> None:
        """Put an answer before the others, which are forgotten from the other end."""
        if known in self.memory:
            self.memory.remove(known)
        self.memory.appendleft(known)

    def make_room(self) -> None:
        """Close what is least wanted, so that one more generation can run."""
        running = sorted((each for each in self.running if each.running), key=lambda g: not g.ahead)
        for least in running[: len(running) + 1 - MOST_RUNNING]:
            least.close()

    def close_unfit(self, now: Excerpt) -> None:
        """Close what cannot serve the person where they are, nor where they are going."""
        for generation in list(self.running):
            if reuse.rest(generation.known, now) is not None:
                generation.ahead = False
            elif not (generation.ahead and self._is_ahead(generation.known.shown, now)):
                generation.close()

    def _is_ahead(self, shown: Excerpt, now: Excerpt) -> bool:
        """Tell whether the typing, or the way back from an edit elsewhere, still leads there."""
        back = self.left and reuse.returning(self.left, now)
        onward = reuse.typed_since(now, shown) is not None
        return onward or bool(back and reuse.typed_since(shown, back) is not None)

    def clear(self) -> None:
        """Drop everything, and end what is being made."""
        if self.foresight:
            self.foresight.cancel()
        for generation in list(self.running):
            generation.close()
        self.now = None
        self.tell()
