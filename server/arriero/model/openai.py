"""The driver to vLLM, SGLang and llama.cpp's server: a Prompt goes out, Pieces come back.

/v1/completions         stream; the prompt as text, in the model's own format
/v1/chat/completions    stream, where the model's chat template writes the prompt
/v1/models              info; llama.cpp tells in /props how many tokens it serves
/tokenize               tokenize, where there is one
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_TOTAL_TOKENS, ModelInfo
from arriero.errors import WrongAddress
from arriero.model import explain, kinds, retry
from arriero.model.broken import interrupted
from arriero.model.channel import Channel, beginning
from arriero.model.clock import Clock
from arriero.model.endpoint import Endpoint
from arriero.model.kinds import Kind
from arriero.model.streaming import drained, events, persistent
from arriero.model.tokens import Counter

# What is kept for the answer: these servers tell one limit for prompt and answer together.
ANSWER_TOKENS = 512


class OpenAi:
    """One server of this protocol; implements `seam.Model`. Every method raises BackendError.

    `kind` is known beforehand, or taken from what the server says. `model` is asked for by this
    name if the server has it, else its first model.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        kind: Kind | None = None,
        model: str = "",
        tokenizer: Path | None = None,
        sleep: retry.Sleep = asyncio.sleep,
    ) -> None:
        # Others call the address with /v1 theirs; the routes beside it are wanted too.
        self.endpoint = replace(endpoint, url=endpoint.url.rstrip("/").removesuffix("/v1"))
        self._kind = kind
        self._model = model
        self._channel = Channel(self.endpoint, self._forget)
        self._counter = Counter(tokenizer)
        self._sleep = sleep
        self._info: ModelInfo | None = None

    async def info(self) -> ModelInfo:
        """Return what is known of the model; asked once, and again after the connection broke."""
        if self._info is None:
            await self._counter.load()
            answer = await self._channel.ask("GET", "/v1/models")
            model = kinds.served(answer, self._model)
            if model is None:
                raise explain.no_model_server(self.endpoint, "its /v1/models lists none")
            kind = self._kind or model.kind
            total = model.context or await self._props(kind) or ASSUMED_TOTAL_TOKENS
            self._info = ModelInfo(
                id=model.id,
                backend=kind.name,
                url=self.endpoint.shown,
                max_input_tokens=max(1, total - min(ANSWER_TOKENS, total // 2)),
                max_total_tokens=total,
            )
        return self._info

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate without a tokenizer."""
        return self._counter.count(text)

    def stream(self, prompt: Prompt, *, explicit: bool) -> aclosing[AsyncGenerator[Piece | End]]:
        """Generate. The request is sent with the first step of the iteration."""
        pieces = persistent(
            self.endpoint,
            lambda clock: self._attempt(prompt, clock),
            explicit=explicit,
            sleep=self._sleep,
        )
        return aclosing(pieces)

    async def tokenize(self, text: str) -> tuple[int, ...] | None:
        """Return the server's token ids of a text, with `<s>`; None where it does not tell."""
        info = await self.info()
        field = kinds.BY_NAME[info.backend].tokenized
        if not field:
            return None
        body: dict[str, Any] = {"model": info.id, field: text}
        if field == "content":
            body |= {"add_special": True, "parse_special": True}
        answer = await self._channel.ask("POST", "/tokenize", body)
        try:
            return tuple(int(each) for each in answer["tokens"])
        except (TypeError, KeyError, ValueError):
            raise explain.no_model_server(self.endpoint, "its tokens have no ids") from None

    async def admitted(self) -> None:
        """Return if the key is accepted, by the cheapest route that is behind it."""
        if await self.tokenize("x") is None:
            await self._channel.ask("GET", "/v1/models")

    async def health(self) -> None:
        """Return if the server says that it can generate."""
        info = await self.info()
        if info.backend != kinds.ANY.name:
            clock = Clock(self.endpoint)
            async with self._channel.sent("GET", "/health", clock) as response:
                await beginning(response, clock)

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await self._channel.close()

    async def _attempt(self, prompt: Prompt, clock: Clock) -> AsyncGenerator[Piece | End]:
        info = await self.info()
        route, body = kinds.request(prompt, info.id, kinds.BY_NAME[info.backend])
        async with (
            self._channel.sent("POST", route, clock, body) as response,
            aclosing(events(self.endpoint, response, clock)) as stream,
        ):
            async for event in stream:
                said = kinds.read(event)
                if said is None:
                    found = "its stream has events of another kind"
                    raise explain.no_model_server(self.endpoint, found)
                if said.failed:
                    raise explain.event(self.endpoint, {"error": "it aborted the answer"})
                if not said.reason:
                    if said.text:
                        clock.begin()
                        yield Piece(said.text)
                    continue
                # Read to the end first: whoever hears the last token may leave at it.
                tokens = kinds.tokens_told([event, *await drained(stream)])
                if said.text:
                    yield Piece(said.text)
                yield End(said.reason, tokens)
                return
            raise interrupted(self.endpoint)

    async def _props(self, kind: Kind) -> int | None:
        """Return the context that llama.cpp's server was started with, in tokens per request."""
        if kind.name != "llama.cpp":
            return None
        try:
            answer: Any = await self._channel.ask("GET", "/props")
            return kinds.limit(answer["default_generation_settings"]["n_ctx"])
        except (WrongAddress, KeyError, TypeError):
            return None  # it can be switched off

    def _forget(self) -> None:
        """Ask for the model again next time: behind a broken connection another may start."""
        self._info = None
