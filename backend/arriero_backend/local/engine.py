"""The embedded engine: one small model on the processor, one answer at a time.

    generate ── waits for its turn ── prepare ── advance, piece by piece ── choose ── advance ── ...
                    (event loop)      └──────────── in the one worker thread ────────────┘

The event loop only waits: BLAS lets go of Python's lock while it computes. Whoever stops listening
closes the generator, and the piece or token under way is the last that is computed for them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from arriero_backend.engine import EngineError, Facts, InputToken, Sampling, Token
from arriero_backend.local import chat, loading
from arriero_backend.local.llama import PIECE
from arriero_backend.local.parts import Parts
from arriero_backend.local.reading import Reader
from arriero_backend.local.sampling import Sampler

# One is served, the others wait; more than these are refused as overloaded.
MAX_CONCURRENT_REQUESTS = 16

# What files of quantised models carry at the end of their names: ".Q4_1", "-IQ3_XS", "-f16".
QUANTISATION = re.compile(r"[.-](I?Q\d\w*|B?F\d+)$", re.IGNORECASE)

Given = TypeVarTuple("Given")
Result = TypeVar("Result")


class LlamaEngine:
    """Implements `arriero_backend.engine.Engine`. `facts` and `end_ids` are there after `start`.

    `cache` is the directory for what makes later starts quick; `load` makes the parts.
    """

    facts: Facts
    end_ids: frozenset[int]
    kind: str  # what computes: "NumPy" or "llama.cpp"

    def __init__(
        self, gguf: Path, cache: Path, load: Callable[[Path, Path], Parts] = loading.load
    ) -> None:
        self._gguf = gguf
        self._cache = cache
        self._load = load
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Load the model; raises ModelError."""
        self._parts = await self._compute(self._load, self._gguf, self._cache)
        self.end_ids = self._parts.vocabulary.signs.ends
        self.kind = self._parts.kind
        self.facts = Facts(
            model_id=model_id(self._gguf),
            max_input_tokens=self._parts.context - 1,
            max_total_tokens=self._parts.context,
            max_concurrent_requests=MAX_CONCURRENT_REQUESTS,
            router="arriero-local",
            pipeline_tag="text-generation",
        )

    async def close(self) -> None:
        """Compute no further; what is under way ends with its piece."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def encode(self, text: str, *, add_special_tokens: bool = True) -> Sequence[InputToken]:
        """Tokenize as the Engine's interface says."""
        return self._parts.vocabulary.encode(text, begin=add_special_tokens)

    def render_chat(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Write a chat by the model's own template; raises ValueError for one that it refuses."""
        return chat.render(self._parts.vocabulary.signs, messages)

    async def generate(
        self, prompt: str, ids: Sequence[int], sampling: Sampling, max_new_tokens: int
    ) -> AsyncGenerator[Token]:
        """Yield tokens as the Engine's interface says; `ids` alone decide."""
        self._check(len(ids), max_new_tokens)
        network, vocabulary = self._parts.network, self._parts.vocabulary
        async with self._turn:
            known = await self._compute(network.prepare, ids)
            for start in range(known, len(ids), PIECE):
                logits = await self._compute(network.advance, ids[start : start + PIECE])
            sampler = Sampler(sampling, ids, len(logits))
            reader = Reader(vocabulary.piece)
            for generated in range(1, max_new_tokens + 1):
                token, logprob = await self._compute(sampler.choose, logits)
                special = token in vocabulary.signs.special
                yield Token(token, reader.read(token), logprob, special)
                if generated < max_new_tokens:
                    logits = await self._compute(network.advance, [token])

    async def _compute(self, function: Callable[[*Given], Result], *given: *Given) -> Result:
        """Run in the worker thread. Cancelled, it lets the piece under way end by itself.

        What comes next in the worker then finds the network whole, never half advanced.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._worker, function, *given)
        except MemoryError as error:
            raise EngineError("The computer has too little free memory for the model.") from error

    def _check(self, length: int, max_new_tokens: int) -> None:
        if not length:
            raise EngineError("There is nothing to go on from: the prompt has no tokens.")
        if length + max_new_tokens > self._parts.context:
            raise EngineError(
                f"A prompt of {length} tokens and an answer of {max_new_tokens} do not fit: this "
                f"model is served with {self._parts.context} tokens."
            )


def model_id(gguf: Path) -> str:
    """Name the model as people know it: its file's name, without the quantisation.

    The metadata's own name can be one that nobody knows: "Smollm2 135M 8k Lc100K Mix1 Ep2".
    """
    return QUANTISATION.sub("", gguf.name.removesuffix(".gguf"))
