"""A TGI server in memory that many share: slots, a queue, steps of a batch, and a prefix cache.

    arrives ── 429 where the slots are taken ── waits for room ── prompt read ── a token each step

Its rules are TGI's (3.3.5): at most `SLOTS` requests are there at once, running or waiting; the one
that came first is admitted first, when its prompt and its longest answer have room; a step reads at
most `READ` tokens of prompts beside the running answers; who hung up is dropped between two steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from arriero.assist.seam import End, Piece
from arriero.errors import BackendError, Interrupted, Overloaded, Unreachable
from benchmarks.scale.cache import BLOCK, Cache, Key, blocks
from benchmarks.scale.hardware import Hardware
from benchmarks.speaker import Said, tokens_in

SLOTS = 128  # --max-concurrent-requests, by default
READ = 4096  # --max-batch-prefill-tokens, by default
ROUND_TRIP = 0.02  # seconds

Item = Piece | End | BackendError


@dataclass(slots=True, eq=False)
class Request:
    """One request. `unread` tokens of its prompt are still to be read."""

    keys: Sequence[Key]
    tokens: int
    said: Sequence[Said]
    room: int  # blocks that the longest answer takes
    sent: asyncio.Queue[tuple[float, Item]] = field(default_factory=asyncio.Queue)
    known: int = 0
    unread: int = 0
    spoken: int = 0
    closed: float | None = None


@dataclass(slots=True)
class Work:
    """What a server did: requests, tokens, and the seconds that it and each request worked."""

    requests: int = 0
    refused: int = 0
    read: int = 0
    decoded: int = 0
    busy: float = 0.0
    slot_seconds: float = 0.0


class SharedServer:
    """One server."""

    def __init__(self, hardware: Hardware) -> None:
        self.hardware = hardware
        self.work = Work()
        self._cache = Cache(hardware.kv_tokens // (tokens_in(10 * BLOCK) // 10))
        self._waiting: list[Request] = []
        self._running: list[Request] = []
        self._working: asyncio.Task[None] | None = None
        self._dead = False

    async def ask(
        self, prompt: str, said: Sequence[Said], most: int
    ) -> AsyncGenerator[Piece | End]:
        """Yield an answer of at most `most` tokens as it comes; leaving closes the connection.

        Raises Unreachable, Overloaded, or Interrupted.
        """
        await asyncio.sleep(ROUND_TRIP / 2)
        request = self._arrived(prompt, said, most)
        try:
            while True:
                arrives, item = await request.sent.get()
                await asyncio.sleep(arrives - _now())
                if isinstance(item, BackendError):
                    raise item
                yield item
                if isinstance(item, End):
                    return
        finally:
            request.closed = _now() + ROUND_TRIP / 2

    def kill(self) -> None:
        """End at once, with all that runs."""
        self._dead = True
        if self._working:
            self._working.cancel()
        for request in (*self._waiting, *self._running):
            request.sent.put_nowait((_now(), Interrupted("The server went away.")))
        self._waiting, self._running = [], []

    def _arrived(self, prompt: str, said: Sequence[Said], most: int) -> Request:
        self.work.requests += 1
        longest = -(-most // tokens_in(BLOCK))
        request = Request(blocks(prompt), tokens_in(len(prompt)), said, longest)
        if self._dead:
            request.sent.put_nowait((_now(), Unreachable("Nobody answers.")))
        elif len(self._waiting) + len(self._running) >= SLOTS:
            self.work.refused += 1
            busy = Overloaded("Model is overloaded")
            request.sent.put_nowait((_now() + ROUND_TRIP / 2, busy))
        else:
            self._waiting.append(request)
            if self._working is None or self._working.done():
                self._working = asyncio.create_task(self._steps())
        return request

    async def _steps(self) -> None:
        """Work as long as there is any."""
        while self._waiting or self._running:
            self._admit()
            read, budget = [], READ
            for request in self._running:
                part = min(request.unread, budget)
                budget -= part
                read.append(part)
            speaking = [each for each in self._running if not each.unread]
            contexts = [each.tokens + each.spoken for each in speaking]
            seconds = self.hardware.step(sum(read), contexts)
            await asyncio.sleep(seconds)
            self.work.busy += seconds
            self.work.slot_seconds += seconds * len(self._running)
            self.work.read += sum(read)
            for request, part in zip(list(self._running), read, strict=True):
                request.unread -= part
                if not request.unread:
                    self._speak(request)
            self._drop()

    def _admit(self) -> None:
        while self._waiting:
            request = self._waiting[0]
            known = self._cache.take(request.keys, request.room)
            if known is None:
                return
            # The last token is always read: without it there is nothing to go on from.
            request.known = known
            request.unread = max(request.tokens - tokens_in(known * BLOCK), 1)
            self._running.append(self._waiting.pop(0))

    def _speak(self, request: Request) -> None:
        arrives = _now() + ROUND_TRIP / 2
        if request.spoken < len(request.said):
            text, _, logprob = request.said[request.spoken]
            request.sent.put_nowait((arrives, Piece(text, logprob=logprob)))
            self.work.decoded += 1
            request.spoken += 1
        if request.spoken == len(request.said):
            request.sent.put_nowait((arrives, End("stop_sequence")))
            request.closed = _now()

    def _drop(self) -> None:
        """Let go of those who have all they wanted, or hung up."""
        gone = {each for each in (*self._running, *self._waiting) if _is_gone(each)}
        for request in self._running:
            if request in gone:
                self._cache.give_back(
                    request.keys, request.known, request.room, read=not request.unread
                )
        self._running = [each for each in self._running if each not in gone]
        self._waiting = [each for each in self._waiting if each not in gone]


def _is_gone(request: Request) -> bool:
    return request.closed is not None and request.closed <= _now()


def _now() -> float:
    return asyncio.get_running_loop().time()
