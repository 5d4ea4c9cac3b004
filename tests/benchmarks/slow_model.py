"""A slow 70B in memory: how long its answers take, and what they cost.

It sits behind arriero's own seam, so the prompts it gets and the way it is listened to are real.
What it says is the speaker's to know.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from arriero.assist.seam import End, Piece
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero.core.text import alike
from benchmarks.speaker import Speaker, tokens_in

CACHED_PROMPTS = 32


@dataclass(slots=True)
class Served:
    """One request, as the server's log has it. Offsets are those of the true file."""

    uncached: int
    prompt: int
    decoded: int = 0
    true_spans: list[tuple[int, int]] = field(default_factory=list)
    closed: float | None = None
    after_closing: int = 0


class SlowModel:
    """Serves one typist."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.speed = speaker.speed
        self.served: list[Served] = []
        self.in_flight = self.in_flight_max = 0
        self._prompts: deque[str] = deque(maxlen=CACHED_PROMPTS)
        self._slots = asyncio.Semaphore(speaker.speed.slots)
        self._decoding: set[asyncio.Task[None]] = set()

    async def info(self) -> ModelInfo:
        return ModelInfo(CODELLAMA_70B_INSTRUCT, "tgi", "http://127.0.0.1:1")

    def count(self, text: str) -> int:
        return tokens_in(len(text))

    async def close(self) -> None:
        await asyncio.gather(*self._decoding)

    @asynccontextmanager
    async def stream(self, prompt, *, explicit, **sampling):
        served = Served(self._uncached(prompt.text), len(prompt.text))
        self.served.append(served)
        said = self.speaker.said(prompt.text, prompt.max_new_tokens)
        sent: asyncio.Queue[tuple[float, Piece | End]] = asyncio.Queue()
        decoding = asyncio.create_task(self._decode(served, said, sent))
        self._decoding.add(decoding)
        decoding.add_done_callback(self._decoding.discard)
        self.in_flight += 1
        self.in_flight_max = max(self.in_flight_max, self.in_flight)
        try:
            yield self._received(sent)
        finally:
            self.in_flight -= 1
            served.closed = asyncio.get_running_loop().time()

    async def _received(self, sent):
        while True:
            arrives, item = await sent.get()
            await asyncio.sleep(arrives - asyncio.get_running_loop().time())
            yield item
            if isinstance(item, End):
                return

    async def _decode(self, served, said, sent) -> None:
        """Go on until the news that the stream was closed has come."""
        loop, half = asyncio.get_running_loop(), self.speed.round_trip / 2
        await asyncio.sleep(half)
        async with self._slots:
            prefill = tokens_in(served.uncached) * self.speed.per_prompt_token
            wait = self.speed.first_token - 2 * half + prefill
            for text, span, logprob in said:
                await asyncio.sleep(wait)
                wait = self.speed.per_token
                if served.closed is not None and loop.time() >= served.closed + half:
                    return
                served.decoded += 1
                served.after_closing += served.closed is not None
                if span:
                    served.true_spans.append(span)
                sent.put_nowait((loop.time() + half, Piece(text, logprob=logprob)))
            sent.put_nowait((loop.time() + half, End("stop_sequence")))

    def _uncached(self, prompt: str) -> int:
        known = max((alike(prompt, each) for each in self._prompts), default=0)
        self._prompts.append(prompt)
        return len(prompt) - known
