"""One answer in the making: TGI's rules on limits and ends, over the tokens of an engine.

The stopping rules are those of TGI's server (utils/tokens.py, `StoppingCriteria`): the length is
tested first, then the end token, then the stop strings, on the tail of what was said, after each
token. So a stop string that does not end where a token ends is missed, and it stays in the text.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from arriero_backend.contract import parameters as rules
from arriero_backend.contract.parameters import Limits, Parameters
from arriero_backend.contract.refusals import Refusal, failed, incomplete, invalid
from arriero_backend.engine import Engine, EngineError, InputToken, Sampling, Token

FinishReason = Literal["length", "eos_token", "stop_sequence"]

# TGI cuts the text that stop strings are looked for in, to this many characters of its end.
LONGEST_TAIL, KEPT_TAIL = 300, 200

# TGI grants room for this many new tokens at once, whatever is asked for.
SLICE_TOKENS = 1024

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A request that passed every check. Counts are in tokens."""

    prompt: str
    ids: Sequence[int]
    sampling: Sampling
    stop: tuple[str, ...]
    max_new_tokens: int


def order(
    engine: Engine, limits: Limits, inputs: str, given: Parameters, *, add_special_tokens: bool
) -> Order:
    """Check a request and tokenize it; raises Refusal."""
    facts = engine.facts
    rules.check(inputs, given, limits, facts.max_input_tokens)
    tokens = engine.encode(inputs, add_special_tokens=add_special_tokens)
    prompt, tokens = _truncated(inputs, tokens, given.truncate)
    room = facts.max_total_tokens - len(tokens)
    wanted = room if given.max_new_tokens is None else given.max_new_tokens
    at_once = max(0, min(wanted, SLICE_TOKENS))
    if at_once > room:
        raise invalid(
            f"`inputs` tokens + `max_new_tokens` must be <= {facts.max_total_tokens}. "
            f"Given: {len(tokens)} `inputs` tokens and {at_once} `max_new_tokens`"
        )
    if len(tokens) > facts.max_input_tokens:
        raise invalid(
            f"`inputs` must have less than {facts.max_input_tokens} tokens. Given: {len(tokens)}"
        )
    ids = [token.id for token in tokens]
    return Order(prompt, ids, given.sampling(), given.stop, max(1, min(wanted, room)))


def _truncated(
    inputs: str, tokens: Sequence[InputToken], truncate: int | None
) -> tuple[str, Sequence[InputToken]]:
    """Keep the last tokens only, and lose `<s>` with the first: TGI's router does."""
    if truncate is None or len(tokens) <= truncate:
        return inputs, tokens
    kept = tokens[-truncate:]
    return inputs[kept[0].start :], kept


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a request took, in seconds. It counts as queued until its first token."""

    total: float
    validation: float
    queue: float
    inference: float
    per_token: float


class Generation:
    """The tokens of one answer, as an iterator that ends where TGI would end it.

    `finish` is set with the last token. Raises Refusal when the engine fails or ends too early.
    """

    def __init__(self, order: Order, engine: Engine, asked_at: float, *, stream: bool) -> None:
        self.order = order
        self.produced: AsyncGenerator[Token] = engine.generate(
            order.prompt, order.ids, order.sampling, order.max_new_tokens
        )
        self.tokens: list[Token] = []
        self.finish: FinishReason | None = None
        self.asked_at = asked_at
        self.queued_at = perf_counter()
        self.started_at: float | None = None
        self._stream = stream
        self._end_ids = engine.end_ids
        self._stops = [re.compile(re.escape(stop) + "$") for stop in order.stop]
        self._tail = ""

    @property
    def text(self) -> str:
        """What was said so far, without special tokens."""
        return "".join(token.text for token in self.tokens if not token.special)

    def timings(self) -> Timings:
        """Return how long the request took so far."""
        now = perf_counter()
        started_at = now if self.started_at is None else self.started_at
        inference = now - started_at
        return Timings(
            total=now - self.asked_at,
            validation=self.queued_at - self.asked_at,
            queue=started_at - self.queued_at,
            inference=inference,
            per_token=inference / max(1, len(self.tokens)),
        )

    def __aiter__(self) -> AsyncIterator[Token]:
        return self

    async def __anext__(self) -> Token:
        if self.finish is not None:
            raise StopAsyncIteration
        token = await self._next()
        if self.started_at is None:
            self.started_at = perf_counter()
        self.tokens.append(token)
        self.finish = self._end(token)
        return token

    async def _next(self) -> Token:
        try:
            return await anext(self.produced)
        except StopAsyncIteration:
            raise incomplete(stream=self._stream) from None
        except EngineError as error:
            raise failed(error) from error
        except Exception as error:
            logger.exception("the engine failed in a way it does not know of")
            raise failed(EngineError(f"the engine failed: {type(error).__name__}")) from error

    def _end(self, token: Token) -> FinishReason | None:
        if len(self.tokens) >= self.order.max_new_tokens:
            return "length"
        if token.id in self._end_ids:
            return "eos_token"
        self._tail += token.text
        if len(self._tail) > LONGEST_TAIL:
            self._tail = self._tail[-KEPT_TAIL:]
        if any(stop.search(self._tail) for stop in self._stops):
            return "stop_sequence"
        return None


@asynccontextmanager
async def running(generation: Generation) -> AsyncIterator[Generation]:
    """Let a generation run inside the context, and let the engine's work end with it.

    Someone who hangs up is thrown into the engine as CancelledError, so that it can tell them from
    someone who has heard enough.
    """
    try:
        yield generation
    except asyncio.CancelledError as gone:
        with suppress(asyncio.CancelledError, StopAsyncIteration, Refusal):
            await generation.produced.athrow(gone)
        raise
    finally:
        await generation.produced.aclose()
