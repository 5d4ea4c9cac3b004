"""One request for a suggestion: remember, wait a moment, stream, stop early."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from arriero.core import reuse
from arriero.core.text import Excerpt

Generate = Callable[[Excerpt, bool], Awaitable[str | None]]


@dataclass(slots=True)
class Running:
    """A generation under way, and how many requests wait for it. Nobody left: it is cancelled."""

    excerpt: Excerpt
    asking: bool  # no longer waiting for the typing to rest
    task: asyncio.Task[str | None] = field(init=False)
    waiting: int = 0
    kept: bool = False

    def let_go(self) -> None:
        if not self.waiting and not self.kept:
            self.task.cancel()


@dataclass(slots=True)
class Place:
    """What is known of one open document."""

    remembered: reuse.Remembered | None = None
    running: Running | None = None


@dataclass(slots=True)
class Completer:
    """Suggestions for all open documents; `generate(excerpt, explicit)` asks the model.

    A document holds one generation at most: a newer request that it does not serve ends it.
    """

    generate: Generate
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    places: dict[str, Place] = field(default_factory=dict)

    async def suggest(
        self, uri: str, excerpt: Excerpt, *, explicit: bool, pace: float
    ) -> str | None:
        """Return the text to insert at the cursor, or None.

        An automatic request waits `pace` seconds before it asks; a newer one ends it with None.
        Raises what the model raises.
        """
        place = self.places.setdefault(uri, Place())
        if known := self._known(place, excerpt):
            return known
        running = self._adopted(place, excerpt, explicit) or self._start(
            place, excerpt, explicit, pace
        )
        running.waiting += 1
        try:
            text = await asyncio.shield(running.task)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            return None  # superseded: the newer request has the answer
        finally:
            running.waiting -= 1
            running.let_go()
        return text

    async def glance(
        self, uri: str, excerpt: Excerpt, *, pace: float, patience: float
    ) -> str | None:
        """Return a suggestion within `patience` seconds, or None and let it go on being made.

        The same request a moment later finds it remembered.
        """
        place = self.places.setdefault(uri, Place())
        if known := self._known(place, excerpt):
            return known
        running = self._adopted(place, excerpt, False) or self._start(place, excerpt, False, pace)
        running.kept = True
        running.task.add_done_callback(_seen)
        await asyncio.wait({running.task}, timeout=patience)
        return self._known(place, excerpt)

    def forget(self, uri: str) -> None:
        """Drop what is known of a document, and end what is being made for it."""
        if (place := self.places.pop(uri, None)) and place.running:
            place.running.task.cancel()

    def forget_all(self) -> None:
        """Drop everything: the model is another one from now on."""
        for uri in list(self.places):
            self.forget(uri)

    def _known(self, place: Place, excerpt: Excerpt) -> str | None:
        return reuse.rest(place.remembered, excerpt) if place.remembered else None

    def _adopted(self, place: Place, excerpt: Excerpt, explicit: bool) -> Running | None:
        """Return the generation under way if it serves; one that still waits serves no hurry."""
        running = place.running
        if not running or running.task.done() or running.excerpt != excerpt:
            return None
        return running if running.asking or not explicit else None

    def _start(self, place: Place, excerpt: Excerpt, explicit: bool, pace: float) -> Running:
        if place.running:
            place.running.task.cancel()
        running = Running(excerpt, asking=explicit)
        running.task = asyncio.create_task(self._make(place, running, explicit, pace))
        place.running = running
        return running

    async def _make(
        self, place: Place, running: Running, explicit: bool, pace: float
    ) -> str | None:
        if not explicit:
            await self.sleep(pace)
            running.asking = True
        text = await self.generate(running.excerpt, explicit)
        if text:
            place.remembered = reuse.Remembered(running.excerpt, text)
        return text


def _seen(task: asyncio.Task[str | None]) -> None:
    """Fetch an exception that nobody waits for; the status has told it already."""
    if not task.cancelled():
        task.exception()
