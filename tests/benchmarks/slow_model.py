"""A slow, shared 70B in memory: it knows the true file, and is wrong where its luck says so.

It sits behind arriero's own seam, so the prompts it gets and the way it is listened to are real.
Where it goes on is looked up in the document by what the prompt ends with. Each token of the truth
is hard with a fixed probability; at a hard one it goes wrong, and stays so, unless the prompt shows
enough of the token. Most errors, not all, show as a low log-probability.
"""

from __future__ import annotations

import asyncio
import codecs
import random
import re
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from arriero.assist.seam import End, Piece
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero_backend.simulated import tokenizer

if TYPE_CHECKING:
    from benchmarks.desk import Text

SURE, UNSURE = -0.15, -2.5
CACHED_PROMPTS = 32
_OPENED = re.compile(r"(?P<fence>`{3,})[^\n`]*\n")


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast and how good it is. Times in seconds; `round_trip` is part of the first token's."""

    first_token: float
    per_token: float
    per_prompt_token: float = 0.00005
    round_trip: float = 0.02
    accuracy: float = 0.90
    errors_seen: float | None = 0.70  # share of its errors with a low log-probability
    sure: float = SURE  # log-probability of each other token
    slots: int = 8


@dataclass(slots=True)
class Served:
    """One request, as the server's log has it. Offsets are those of the true file."""

    uncached: int
    decoded: int = 0
    true_spans: list[tuple[int, int]] = field(default_factory=list)
    closed: float | None = None
    after_closing: int = 0


@cache
def tokens_of(truth: str) -> list[tuple[int, int]]:
    """Cut a true file into tokens, as offsets."""
    spans, at = [], 0
    for _, piece in tokenizer.pieces(truth):
        spans.append((at, at + len(piece)))
        at += len(piece)
    return spans


@cache
def _numbers(truth: str) -> list[int]:
    return [number for number, span in enumerate(tokens_of(truth)) for _ in range(*span)]


def token_number(truth: str, offset: int) -> int:
    """Return which token of a true file an offset is in."""
    numbers = _numbers(truth)
    return numbers[offset] if offset < len(numbers) else len(tokens_of(truth))


@dataclass(slots=True)
class Luck:
    """Which tokens of a file are hard: how much of one makes it easy, and whether errors show."""

    truth: str
    seed: int
    speed: Speed
    hard: dict[int, tuple[int, bool]] = field(init=False)  # token's start -> characters, shows

    def __post_init__(self) -> None:
        draw = random.Random(f"luck {self.seed}")
        self.hard = {}
        for start, stop in tokens_of(self.truth):
            hard, known = draw.random() >= self.speed.accuracy, draw.randint(1, stop - start)
            shows = draw.random() < (self.speed.errors_seen or 0.0)
            if hard:
                self.hard[start] = (known, shows)

    def fills(self, hole: int) -> bool:
        """Tell whether the model writes what the typist leaves out at first: half the times."""
        return random.Random(f"{self.seed} hole {hole}").random() < 0.5

    def stumbles(self, start: int, stop: int, seen: int) -> bool:
        """Tell whether the token goes wrong when its first `seen` characters are shown."""
        return start in self.hard and seen < self.hard[start][0]


class SlowModel:
    """Serves one typist. `text` is the document as it stands, with where each part is from."""

    def __init__(self, text: Text, luck: Luck) -> None:
        self.text = text
        self.luck = luck
        self.speed = luck.speed
        self.served: list[Served] = []
        self.in_flight = self.in_flight_max = 0
        self._prompts: deque[str] = deque(maxlen=CACHED_PROMPTS)
        self._slots = asyncio.Semaphore(luck.speed.slots)
        self._decoding: set[asyncio.Task[None]] = set()

    async def info(self) -> ModelInfo:
        return ModelInfo(CODELLAMA_70B_INSTRUCT, "tgi", "http://127.0.0.1:1")

    def count(self, text: str) -> int:
        return len(text) * 2 // 5

    async def close(self) -> None:
        await asyncio.gather(*self._decoding)

    @asynccontextmanager
    async def stream(self, prompt, *, explicit, **sampling):
        served = Served(self._uncached(prompt.text))
        self.served.append(served)
        said = self._said(prompt.text, prompt.max_new_tokens)
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
            prefill = served.uncached * 2 / 5 * self.speed.per_prompt_token
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
        shared = max((_shared(prompt, known) for known in self._prompts), default=0)
        self._prompts.append(prompt)
        return len(prompt) - shared

    def _said(
        self, prompt: str, most: int
    ) -> list[tuple[str, tuple[int, int] | None, float | None]]:
        """Return the tokens of an answer: text, the true span where it is right, log-probability.

        `errors_seen` of None stands for a backend that gives no log-probabilities.
        """
        opened = list(_OPENED.finditer(prompt))[-1]
        code = prompt[opened.end() :]
        end = self.text.find(code)
        at = self._foreseen(code) if end is None else self.text.goes_on(end)
        wrong = at is None
        if at is None:
            at = self.luck.truth.find("\n", len(self.luck.truth) // 2)
        said = []
        for start, stop in islice(self._path(at), most):
            logprob = None if self.speed.errors_seen is None else self.speed.sure
            if not wrong and self.luck.stumbles(*self._token(start), start - self._token(start)[0]):
                wrong = True
                shows = self.luck.hard[self._token(start)[0]][1]
                logprob = UNSURE if shows and logprob is not None else logprob
            true = self.luck.truth[start:stop]
            if not wrong:
                said.append((true, (start, stop), logprob))
            elif not said or said[-1][1]:  # the first wrong one, which has to differ
                said.append((_garbled(true), None, logprob))
            else:
                said.append((codecs.encode(true, "rot13"), None, logprob))
        fence = opened["fence"]
        return [*said, ("\n", None, SURE), (fence, None, SURE)][:most]

    def _foreseen(self, code: str) -> int | None:
        """Return the true offset after code that is ahead of the cursor, if it is what comes."""
        at = self.text.goes_on(self.text.cursor)
        if at is None:
            return None
        coming = [offset for span in islice(self._path(at), 200) for offset in range(*span)]
        before = self.text.text[: self.text.cursor]
        text = before + "".join(self.luck.truth[offset] for offset in coming)
        ends = text.find(code, max(len(before) - len(code), 0)) + len(code)
        return coming[ends - len(before)] if len(before) < ends < len(text) else None

    def _path(self, at: int):
        """Yield the spans from an offset on, by tokens, past what the document has left out."""
        stop_at = self.text.plan.stop if at < self.text.plan.stop else len(self.luck.truth)
        first = token_number(self.luck.truth, at)
        for start, stop in islice(tokens_of(self.luck.truth), first, None):
            start = max(start, at)
            if start >= stop:
                continue
            if start >= stop_at:
                return
            yield from self.text.skipped(start, min(stop, stop_at), self.luck, at)

    def _token(self, offset: int) -> tuple[int, int]:
        return tokens_of(self.luck.truth)[token_number(self.luck.truth, offset)]


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their start on."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _garbled(text: str) -> str:
    """Return something else of the same shape, so that lines and blocks end where they would."""
    other = codecs.encode(text, "rot13")
    return other if other != text else text + "w"
