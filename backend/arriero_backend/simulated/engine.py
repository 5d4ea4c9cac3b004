"""The engine: what the model says, in tokens, at the speed and with the faults ordered."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Literal

from arriero_backend.engine import EngineError, Facts, InputToken, Sampling, Token
from arriero_backend.simulated import speech, tokenizer
from arriero_backend.simulated.models import CHAT_70B, Model
from arriero_backend.simulated.noise import wrapped
from arriero_backend.simulated.orders import Orders
from arriero_backend.simulated.prefixes import PrefixCache
from arriero_backend.simulated.truth import load

ANSWER_TOKENS = 512  # what /info keeps of the context for the answer
LOGPROB = -0.25
RECORDS = 1000


@dataclass(slots=True, eq=False)
class Record:
    """One generation, for tests to look at. `ended` is set when it is no longer running."""

    prompt: str
    max_new_tokens: int
    state: Literal["running", "finished", "aborted", "failed"] = "running"
    generated: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, state: Literal["finished", "aborted", "failed"]) -> None:
        self.state = state
        self.ended.set()


class SimulatedEngine:
    """A model that knows the files under `truth`. `records` are its last generations."""

    end_ids = frozenset({tokenizer.END})  # <step> is no end token in the model's files

    def __init__(self, truth: Path, orders: Orders | None = None, model: Model = CHAT_70B) -> None:
        self.model = model
        self.facts = Facts(
            model_id=model.id,
            max_input_tokens=model.context - ANSWER_TOKENS,
            max_total_tokens=model.context,
            max_concurrent_requests=128,
            router="arriero-simulated",
            pipeline_tag="text-generation",
        )
        self.orders = orders or Orders()
        self.records: deque[Record] = deque(maxlen=RECORDS)
        self.prefixes = PrefixCache()
        self._root = truth
        self._files: Mapping[str, str] = {}
        self._slots = asyncio.Semaphore(self.orders.slots)
        self._turned_away = 0
        self._random = Random(self.orders.seed)

    async def start(self) -> None:
        """Read the true files."""
        self._files = await asyncio.to_thread(load, self._root)

    async def close(self) -> None:
        """Hold nothing that would have to be let go."""

    def encode(self, text: str, *, add_special_tokens: bool = True) -> Sequence[InputToken]:
        """Tokenize with the toy tokenizer."""
        return tokenizer.encode(text, add_special_tokens=add_special_tokens)

    def render_chat(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Write a chat by the model's template; raises ValueError."""
        return self.model.render(messages)

    async def generate(
        self, prompt: str, ids: Sequence[int], sampling: Sampling, max_new_tokens: int
    ) -> AsyncGenerator[Token]:
        """Yield the tokens of what the model says, whatever the sampling."""
        record = Record(prompt, max_new_tokens)
        self.records.append(record)
        try:
            self._turn_away()
            async with self._slots:
                await _take(self.prefixes.admit(ids), self.orders.prompt_speed)
                for token in self._tokens(prompt, ids)[:max_new_tokens]:
                    await self._misfortune(record.generated)
                    await _take(1, self.orders.speed)
                    record.generated += 1
                    yield token
        except EngineError:
            record.end("failed")
            raise
        except asyncio.CancelledError:
            record.end("aborted")
            raise
        finally:
            if not record.ended.is_set():
                record.end("finished")

    def counters(self) -> Mapping[str, float]:
        """Return what /metrics shows beyond TGI's own counts."""
        return {
            "simulated_prompt_tokens_computed": self.prefixes.computed,
            "simulated_prompt_tokens_reused": self.prefixes.reused,
        }

    def report(self) -> dict[str, object]:
        """Return what GET /simulated shows: the generations, oldest first."""
        return {
            "prompt_tokens": {
                "computed": self.prefixes.computed,
                "reused": self.prefixes.reused,
            },
            "generations": [
                {
                    "prompt": record.prompt,
                    "max_new_tokens": record.max_new_tokens,
                    "state": record.state,
                    "generated": record.generated,
                }
                for record in self.records
            ],
        }

    def _turn_away(self) -> None:
        if self._turned_away < self.orders.overload:
            self._turned_away += 1
            raise EngineError("Model is overloaded", "overloaded")

    async def _misfortune(self, generated: int) -> None:
        if generated == self.orders.fault_at:
            raise EngineError("CUDA error: an illegal memory access was encountered")
        if generated == self.orders.stall_at:
            await asyncio.Event().wait()

    def _tokens(self, prompt: str, ids: Sequence[int]) -> list[Token]:
        """Return all that the model would say if nobody stopped it.

        `<step>` ends nothing by itself: without a stop, the header of a next turn follows.
        """
        if self.orders.refuse:
            said = speech.Speech(speech.REFUSAL)
        else:
            # The caller tokenized the prompt, with or without a `<s>` of its own.
            tokens = tokenizer.encode(prompt, add_special_tokens=False)
            if len(ids) > len(tokens):
                tokens = tokenizer.encode(prompt, add_special_tokens=True)
            noise = partial(wrapped, forms=self.orders.noise, random=self._random)
            said = speech.say(tokens, self._files, self.model, noise)
        last = Token(tokenizer.END, "</s>", LOGPROB, special=True)
        if not self.model.turns_end:
            filled = Token(tokenizer.INFILLING["<EOT>"], "<EOT>", LOGPROB, special=True)
            return [*_spoken(said.text), *([filled] if said.filled else []), last]
        step = Token(tokenizer.STEP, "<step>", LOGPROB, self.orders.hidden_step)
        end = [step] if said.ended and not self.orders.leak else []
        leaked = [*_spoken(speech.LEAKED), step, *_spoken(speech.OPENED)]
        return [*_spoken(said.text), *end, *leaked, last]


def _spoken(text: str) -> list[Token]:
    return [Token(number, piece, LOGPROB) for number, piece in tokenizer.pieces(text)]


async def _take(tokens: int, speed: float) -> None:
    """Let the time pass that so many tokens take; at least, let others have their turn."""
    await asyncio.sleep(tokens / speed)
