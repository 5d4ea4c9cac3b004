"""Suggestions for open documents: from memory, from a generation under way, or from a new one.

A request for a suggestion goes down this list and takes the first that serves:

    what an earlier answer has left here          at once
    what a running generation says here           when it has said it
    nothing, where the model would repeat itself  at once
    a new generation                              when the typing has rested a moment

Whoever asks by hand where they were answered already wants another answer: it is always generated.

A generation outlives the request that began it while what is typed agrees with it, and is closed
by the first key that does not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from arriero.core import completion, pacing, reuse
from arriero.core.reuse import Known
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, ArrieroError

# Asks the model for an excerpt, explicitly or not, and yields what is known after each token. The
# number counts the answers that were given at this place already and did not please.
Generate = Callable[[Excerpt, bool, int], AsyncGenerator[Known]]
Failed = Callable[[ArrieroError], None]

# Whole lines that a generation may be ahead of the cursor: the next requests find them.
AHEAD = 3
MOST_RUNNING = 2

# Somebody who edits elsewhere for so long will come back: their place is then asked for ahead.
AWAY = 0.4  # seconds


@dataclass(slots=True, eq=False)
class Generation:
    """One answer being made. `wanted` counts the requests that wait for it.

    `again` counts the answers that somebody got here by hand before they asked for this one.
    """

    known: Known
    explicit: bool
    again: int = 0
    task: asyncio.Task[None] = field(init=False)
    error: Exception | None = None
    wanted: int = 0
    ahead: bool = False  # for a place that the person will come back to

    @property
    def running(self) -> bool:
        return self.known.ending == "running"

    def close(self) -> None:
        if self.running:
            self.known = replace(self.known, ending="closed")
            self.task.cancel()


@dataclass(slots=True)
class Place:
    """What is known of one open document."""

    memory: deque[Known] = field(default_factory=lambda: deque(maxlen=reuse.REMEMBERED))
    running: list[Generation] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    now: Excerpt | None = None
    at: float = 0.0  # when `now` was first asked about
    left: Excerpt | None = None  # where the person typed before they went elsewhere
    foresight: asyncio.Task[None] | None = None
    answered: Excerpt | None = None  # where somebody asked by hand last, and got an answer
    answers: int = 0  # that they got there

    def answer(self, excerpt: Excerpt) -> None:
        """Note that somebody who asked by hand has their answer."""
        self.answers = self.answers + 1 if self.answered == excerpt else 1
        self.answered = excerpt

    def tell(self) -> None:
        """Wake all who wait for something to have changed."""
        self.news.set()
        self.news = asyncio.Event()

    @property
    def knowns(self) -> Iterator[Known]:
        # Whoever asks for another answer is shown that one from then on.
        yield from (each.known for each in self.running if each.again)
        yield from self.memory
        yield from (each.known for each in self.running)

    def fitting(self, excerpt: Excerpt) -> Generation | None:
        """Return the running generation that may still serve a position."""
        fits = (
            each
            for each in self.running
            if each.running and reuse.rest(each.known, excerpt) is not None
        )
        return next(fits, None)


@dataclass(slots=True)
class Completer:
    """Suggestions for all open documents; `generate(excerpt, explicit)` asks the model."""

    generate: Generate
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    places: dict[str, Place] = field(default_factory=dict)
    rhythm: pacing.Rhythm = field(default_factory=pacing.Rhythm)

    async def suggest(
        self, uri: str, excerpt: Excerpt, *, explicit: bool, pace: float
    ) -> str | None:
        """Return the text to insert at the cursor, or None.

        An automatic request waits, by `pace`, until the typing rests; a newer one for another
        place ends it with None. Raises what the model raises.
        """
        place = self.places.setdefault(uri, Place())
        wait = self._arrive(place, excerpt, pace)
        again = explicit and place.answered == excerpt
        try:
            if again:
                text = await self._another(place, excerpt, pace)
            else:
                text = await self._next(place, excerpt, explicit, pace, wait)
        except AnswerError:
            place.answer(excerpt)
            raise
        if explicit and place.now == excerpt:
            place.answer(excerpt)
        return text

    async def _next(
        self, place: Place, excerpt: Excerpt, explicit: bool, pace: float, wait: float
    ) -> str | None:
        """Return the first suggestion that serves, as the module says."""
        if text := self._remembered(place.knowns, excerpt, explicit):
            return text
        if generation := place.fitting(excerpt):
            text = await self._heard(place, generation, excerpt, explicit, pace)
            if text or place.now != excerpt or not _disappoints(generation, excerpt, explicit):
                return text
        if not explicit:
            if any(reuse.futile(known, excerpt) for known in place.knowns):
                return None
            if wait and not await self._rested(place, excerpt, wait):
                return None
        generation = place.fitting(excerpt) or self._start(place, excerpt, explicit)
        return await self._heard(place, generation, excerpt, explicit, pace)

    async def _another(self, place: Place, excerpt: Excerpt, pace: float) -> str | None:
        """Return another suggestion than the last one here, which would only come again."""
        alike = (
            each
            for each in place.running
            if each.running and (each.again, each.known.excerpt) == (place.answers, excerpt)
        )
        generation = next(alike, None) or self._start(place, excerpt, True, again=place.answers)
        text = await self._heard(place, generation, excerpt, True, pace)
        if text or place.now != excerpt:
            return text
        # The model has no other, so the one that there is stays.
        return self._remembered(place.knowns, excerpt, True)

    async def glance(
        self, uri: str, excerpt: Excerpt, *, pace: float, patience: float, failed: Failed
    ) -> str | None:
        """Return a suggestion within `patience` seconds, or None and let it go on being made.

        The same request a moment later finds it remembered. `failed` hears of a failure, however
        late.
        """

        async def make() -> str | None:
            try:
                return await self.suggest(uri, excerpt, explicit=False, pace=pace)
            except ArrieroError as error:
                failed(error)
                return None

        making = asyncio.ensure_future(make())
        await asyncio.wait({making}, timeout=patience)
        return making.result() if making.done() else None

    def forget(self, uri: str) -> None:
        """Drop what is known of a document, and end what is being made for it."""
        if place := self.places.pop(uri, None):
            if place.foresight:
                place.foresight.cancel()
            for generation in list(place.running):
                generation.close()
            place.now = None
            place.tell()

    def forget_all(self) -> None:
        """Drop everything: the model is another one from now on."""
        for uri in list(self.places):
            self.forget(uri)

    def _arrive(self, place: Place, excerpt: Excerpt, pace: float) -> float:
        """Note where the person is now, and return how long their typing has to rest."""
        clock = asyncio.get_running_loop().time()
        done = pacing.change(place.now, excerpt)
        if place.now is None:
            place.at = clock
        elif done != "none":
            self.rhythm = self.rhythm.key(clock - place.at)
            self._look_back(place, excerpt, done)
            place.at = clock
        place.now = excerpt
        for generation in list(place.running):
            if not generation.ahead and reuse.rest(generation.known, excerpt) is None:
                generation.close()
        place.tell()
        wait = pacing.wait(self.rhythm, excerpt, done, pace)
        return max(wait - (clock - place.at), 0.0)

    def _remembered(self, knowns: Iterable[Known], excerpt: Excerpt, explicit: bool) -> str | None:
        """Return what can be shown at once. What is remembered passes the filters again."""
        several = completion.wants_several(excerpt)
        for known in knowns:
            left = reuse.rest(known, excerpt)
            if not left:
                continue
            running = known.ending == "running"
            if running and not completion.settled(left, excerpt, several=several, patient=explicit):
                continue
            whole = known.ending == "ended"
            if text := completion.shown(left, excerpt, several=several, whole=whole):
                return text
        return None

    async def _rested(self, place: Place, excerpt: Excerpt, seconds: float) -> bool:
        """Wait until the typing has rested; False if somebody asked about another place."""
        news = asyncio.ensure_future(self._moved(place, excerpt))
        rest = asyncio.ensure_future(self.sleep(seconds))
        try:
            await asyncio.wait({news, rest}, return_when=asyncio.FIRST_COMPLETED)
            return place.now == excerpt
        finally:
            news.cancel()
            rest.cancel()

    async def _moved(self, place: Place, excerpt: Excerpt) -> None:
        while place.now == excerpt:
            await place.news.wait()

    async def _heard(
        self, place: Place, generation: Generation, excerpt: Excerpt, explicit: bool, pace: float
    ) -> str | None:
        """Wait until a generation has said something to show, or has ended."""
        generation.wanted += 1
        generation.explicit = generation.explicit or explicit
        try:
            while place.now == excerpt:
                knowns = [generation.known] if generation.again else place.knowns
                if text := self._remembered(knowns, excerpt, explicit):
                    return text
                if not generation.running:
                    if generation.error:
                        raise generation.error
                    return None
                await place.news.wait()
            return None  # superseded: the newer request has the answer
        finally:
            generation.wanted -= 1
            self._let_go(place, generation, excerpt, pace)

    def _let_go(self, place: Place, generation: Generation, excerpt: Excerpt, pace: float) -> None:
        """Keep what nobody waits for any more only for a moment, in which the next key may come."""
        if generation.wanted or not generation.running:
            return
        task = asyncio.current_task()
        if not (task and task.cancelling()):
            return
        if generation.explicit:
            generation.close()
            return

        def close() -> None:
            if not generation.wanted and place.now == excerpt:
                generation.close()

        asyncio.get_running_loop().call_later(pace, close)

    def _start(
        self,
        place: Place,
        excerpt: Excerpt,
        explicit: bool,
        *,
        again: int = 0,
        ahead: bool = False,
    ) -> Generation:
        running = [each for each in place.running if each.running]
        for older in running[: len(running) + 1 - MOST_RUNNING]:
            older.close()
        generation = Generation(Known(excerpt), explicit, again, ahead=ahead)
        place.running.append(generation)
        generation.task = asyncio.create_task(self._make(place, generation))
        # Not in the task itself: one that is closed at once never begins.
        generation.task.add_done_callback(lambda _: self._made(place, generation))
        return generation

    async def _make(self, place: Place, generation: Generation) -> None:
        """Listen for as long as what is said is of use."""
        try:
            known = generation.known
            making = self.generate(known.excerpt, generation.explicit, generation.again)
            async with aclosing(making) as answers:
                async for known in answers:
                    generation.known = known
                    if generation.running and self._enough(place, generation):
                        generation.known = replace(known, ending="enough")
                    place.tell()
                    if not generation.running:
                        break  # before the model is waited for once more
        except Exception as error:
            generation.error = error

    def _made(self, place: Place, generation: Generation) -> None:
        """Remember what was said, unless it broke off, and wake those who wait for it."""
        if generation.running:
            generation.known = replace(generation.known, ending="closed")
        place.running.remove(generation)
        told = generation.known.text or reuse.tells(generation.known)
        if told and not generation.error:
            place.memory.appendleft(generation.known)
        place.tell()

    def _enough(self, place: Place, generation: Generation) -> bool:
        """Tell whether a generation is far enough ahead of the cursor, or no longer fits."""
        known, now = generation.known, place.now
        if generation.ahead or now is None:
            now = known.excerpt
        left = reuse.rest(known, now)
        if left is None:
            return True
        several = generation.explicit and completion.wants_several(now)
        lines = completion.MOST_LINES if several else AHEAD
        return completion.enough(left, now, lines=lines)

    # Asking ahead --------------------------------------------------------------------------------

    def _look_back(self, place: Place, excerpt: Excerpt, done: pacing.Change) -> None:
        """Ask ahead for the place that the person left, once they have edited elsewhere."""
        if place.foresight:
            place.foresight.cancel()
            place.foresight = None
        for generation in place.running:
            if generation.ahead:
                generation.ahead = False
        before = place.now
        if before is None:
            return
        if done == "moved" and place.left is None:
            place.left = before
            return
        if place.left is None:
            return
        back = reuse.returning(place.left, excerpt)
        if back is None or back == excerpt:
            place.left = None
        elif back.before != place.left.before:
            at_once = done == "moved"
            place.foresight = asyncio.create_task(
                self._ask_ahead(place, back, 0.0 if at_once else AWAY)
            )

    async def _ask_ahead(self, place: Place, back: Excerpt, seconds: float) -> None:
        await self.sleep(seconds)
        served = reuse.best(place.knowns, back) or place.fitting(back)
        if not served and not any(reuse.futile(known, back) for known in place.knowns):
            self._start(place, back, explicit=False, ahead=True)


def _disappoints(generation: Generation, excerpt: Excerpt, explicit: bool) -> bool:
    """Tell whether to ask anew, since the running answer that was waited for is of no use.

    It went another way than what was typed meanwhile; or it was cut where the model began to
    guess, which somebody who asks by hand wants to see.
    """
    unsure = explicit and generation.known.ending in ("unsure", "closed")
    return unsure or reuse.rest(generation.known, excerpt) is None
