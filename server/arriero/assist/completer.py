"""Suggestions for open documents: from memory, from a generation under way, or from a new one.

A request for a suggestion goes down this list and takes the first that serves:

    what an earlier answer has left here          at once
    what a running generation says here           when it has said it
    nothing, where the model would repeat itself  at once
    a new generation                              when the typing has rested a moment

Whoever asks by hand where they were answered already wants another answer: it is always generated.
They get it with the different ones that they had there, up to three, for the editor to go round.
Three at once would take a shared GPU three times as long for what most people never look at.

A generation outlives the request that began it while what is typed agrees with it, and is closed
by the first key that does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from arriero.assist import foresight
from arriero.assist.place import Generate, Generation, Place, Question
from arriero.core import completion, pacing, reuse
from arriero.core.reuse import Known
from arriero.core.tally import Offer, Tally, accepted, offered, settled
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, ArrieroError

Failed = Callable[[ArrieroError], None]

# Whole lines that a generation may be ahead of the cursor: the next requests find them.
AHEAD = 3

# What comes further on is right only if all before it is: below this probability, one in eight,
# it is not worth the GPU's time.
LEAST_CERTAIN = 0.12


@dataclass(slots=True)
class Completer:
    """Suggestions for all open documents.

    `generate` asks the model; `several` says where a block is wanted and not just a line.
    """

    generate: Generate
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    several: Callable[[Excerpt], bool] = completion.wants_several
    places: dict[str, Place] = field(default_factory=dict)
    rhythm: pacing.Rhythm = field(default_factory=pacing.Rhythm)
    tally: Tally = field(default_factory=Tally)

    async def suggest(
        self, uri: str, excerpt: Excerpt, *, explicit: bool, pace: float
    ) -> str | None:
        """Return the text to insert at the cursor, or None; see `offer`."""
        offer = await self.offer(uri, excerpt, explicit=explicit, pace=pace)
        return offer.texts[0] if offer else None

    async def offer(
        self, uri: str, excerpt: Excerpt, *, explicit: bool, pace: float
    ) -> Offer | None:
        """Return what to insert at the cursor, or None: several texts after asking by hand again.

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
            place.answer(excerpt, text)
        if not text:
            return None
        known = explicit and place.answered == excerpt and text in place.different
        texts = place.different if known else (text,)
        self.tally, place.offer = offered(self.tally, place.offer, excerpt, texts)
        return place.offer

    def accepted(self, uri: str, number: int) -> None:
        """Hear from the editor that an offer was accepted, if the text has not told it before."""
        place = self.places.get(uri)
        if place and place.offer and place.offer.number == number:
            self.tally, place.offer = accepted(self.tally), None

    async def _next(
        self, place: Place, excerpt: Excerpt, explicit: bool, pace: float, wait: float
    ) -> str | None:
        """Return the first suggestion that serves, as the module says."""
        if text := self._remembered(place, place.knowns, excerpt, explicit):
            return text
        if generation := place.fitting(excerpt):
            text = await self._heard(place, generation, excerpt, explicit, pace)
            if text or place.now != excerpt or not _disappoints(generation, excerpt, explicit):
                return text
        if not explicit:
            if reuse.to_show([*place.knowns], excerpt) is None:
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
            if each.running
            and (each.question.again, each.question.excerpt) == (place.answers, excerpt)
        )
        generation = next(alike, None) or self._start(place, excerpt, True, again=place.answers)
        text = await self._heard(place, generation, excerpt, True, pace)
        if text or place.now != excerpt:
            return text
        # The model has no other, so the one that there is stays.
        return self._remembered(place, place.knowns, excerpt, True)

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
            place.clear()

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
        if place.offer:
            self.tally, place.offer = settled(self.tally, place.offer, excerpt)
        place.now = excerpt
        place.close_unfit(excerpt)
        place.tell()
        wait = pacing.wait(self.rhythm, excerpt, done, pace)
        return max(wait - (clock - place.at), 0.0)

    def _remembered(
        self, place: Place, knowns: Iterable[Known], excerpt: Excerpt, explicit: bool
    ) -> str | None:
        """Return what can be shown at once. What is remembered passes the filters again."""
        for known in list(knowns):
            left = reuse.rest(known, excerpt)
            if not left:
                continue
            several = self.several(excerpt)
            if known.ending == "enough":
                left, known = reuse.chained(left, known, place.knowns, excerpt)
            running = known.ending == "running"
            if running and not completion.settled(left, excerpt, several=several, patient=explicit):
                continue
            whole = known.ending in ("ended", "unsure", "enough")
            if text := completion.shown(left, excerpt, several=several, whole=whole):
                if not running:
                    place.remember(known)
                    self._go_on(place, known, excerpt, left)
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
        generation.question = replace(
            generation.question, explicit=generation.question.explicit or explicit
        )
        try:
            while place.now == excerpt:
                knowns = [generation.known] if generation.question.again else place.knowns
                if text := self._remembered(place, knowns, excerpt, explicit):
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
        if generation.question.explicit:
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
        place.make_room()
        question = Question.at(excerpt, explicit, again)
        if not again and (shown := reuse.to_show([*place.knowns], excerpt)):
            question = replace(question, shown=shown)
        generation = Generation(question, ahead)
        place.running.append(generation)
        generation.task = asyncio.create_task(self._make(place, generation))
        # Not in the task itself: one that is closed at once never begins.
        generation.task.add_done_callback(lambda _: self._made(place, generation))
        return generation

    async def _make(self, place: Place, generation: Generation) -> None:
        """Listen for as long as what is said is of use."""
        try:
            async with aclosing(self.generate(generation.question)) as answers:
                async for known in answers:
                    generation.known = known
                    if generation.running:
                        self._stop(place, generation)
                    place.tell()
                    if not generation.running:
                        await asyncio.sleep(0)  # who waits for it need not wait for the closing too
                        break  # before the model is waited for once more
        except Exception as error:
            generation.error = error

    def _made(self, place: Place, generation: Generation) -> None:
        """Remember what was said, unless it broke off, and wake those who wait for it."""
        if generation.running:
            generation.known = replace(generation.known, ending="closed")
        place.running.remove(generation)
        told = generation.known.text or generation.known.ending in ("unsure", "ended")
        if told and not generation.error:
            place.remember(generation.known)
        place.tell()

    def _stop(self, place: Place, generation: Generation) -> None:
        """End a generation that is far enough ahead of the cursor, or no longer fits."""
        known, now = generation.known, place.now
        if generation.ahead or now is None:
            now = generation.question.excerpt
        left = reuse.rest(known, now)
        if left is None:
            generation.known = replace(known, ending="closed")
            return
        several = generation.question.explicit and self.several(now)
        lines = completion.MOST_LINES if several else AHEAD
        doubtful = known.certainty < LEAST_CERTAIN and not generation.question.explicit
        if doubtful or completion.enough(left, now, lines=lines):
            # The next answer begins with the line end, for whoever asks at it.
            generation.known = replace(known, text=known.text.rstrip(), ending="enough")

    # Asking ahead --------------------------------------------------------------------------------

    def _go_on(self, place: Place, known: Known, excerpt: Excerpt, left: str) -> None:
        """Ask ahead for what follows an answer that somebody is typing to its end."""
        onward = foresight.onward(place, known, excerpt, left)
        if onward and not place.fitting(onward):
            self._start(place, onward, explicit=False, ahead=True)

    def _look_back(self, place: Place, excerpt: Excerpt, done: pacing.Change) -> None:
        """Ask ahead for the place that the person left, once they have edited elsewhere."""
        if place.foresight:
            place.foresight.cancel()
            place.foresight = None
        if way_back := foresight.way_back(place, excerpt, done):
            place.foresight = asyncio.create_task(self._ask_ahead(place, *way_back))

    async def _ask_ahead(self, place: Place, back: Excerpt, seconds: float) -> None:
        await self.sleep(seconds)
        if foresight.is_of_use(place, back):
            self._start(place, back, explicit=False, ahead=True)


def _disappoints(generation: Generation, excerpt: Excerpt, explicit: bool) -> bool:
    """Tell whether to ask anew, since the running answer that was waited for is of no use.

    It went another way than what was typed meanwhile; or it was cut where the model began to
    guess, which somebody who asks by hand wants to see.
    """
    unsure = explicit and generation.known.ending in ("unsure", "closed")
    return unsure or reuse.rest(generation.known, excerpt) is None
