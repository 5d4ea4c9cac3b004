"""What the drivers have in common: a model server that is asked about itself, and for answers.

    stream -> persistent (tries, within the deadlines) -> Chats.ask (who writes a chat)
           -> _attempt -> Channel.sent -> spoken

A kind of server says which routes it has: `_told`, `_worded`, `tokenize`, `admitted`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ModelInfo
from arriero.model import retry
from arriero.model.channel import Channel, beginning
from arriero.model.chats import Chats
from arriero.model.clock import Clock
from arriero.model.endpoint import Endpoint
from arriero.model.kinds import Read
from arriero.model.reference import Rendered
from arriero.model.slots import Slots
from arriero.model.streaming import persistent, spoken
from arriero.model.tokens import Counter, estimate


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt as one server wants it: route and body, and how the events of the answer read."""

    route: str
    body: dict[str, Any]
    read: Read


class Driver(ABC):
    """One model server; implements `seam.Model`. Every method raises BackendError.

    `tokenizer` is a file or directory to count tokens by, and to write chats by where the server
    cannot. `sleep` is the wait between two tries.
    """

    def __init__(
        self, endpoint: Endpoint, tokenizer: Path | None, sleep: retry.Sleep = asyncio.sleep
    ) -> None:
        self.endpoint = endpoint
        self._channel = Channel(endpoint, self._forget)
        self._counter = Counter(tokenizer, self.tokenize)
        self._chats = Chats(tokenizer)
        self._slots = Slots(endpoint.concurrency)
        self._sleep = sleep
        self._info: ModelInfo | None = None

    async def info(self) -> ModelInfo:
        """Return what the server says of its model.

        Asked once, and again after the connection broke: behind it another model may start.
        """
        if self._info is None:
            await self._counter.load()
            self._info = await self._told()
        return self._info

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate until better is known."""
        return self._counter.count(text)

    def stream(self, prompt: Prompt, *, explicit: bool) -> aclosing[AsyncGenerator[Piece | End]]:
        """Generate. The request is sent with the first step of the iteration."""
        pieces = persistent(
            self.endpoint,
            lambda clock: self._chats.ask(
                prompt, lambda readable: self._attempt(readable, clock, explicit)
            ),
            explicit=explicit,
            sleep=self._sleep,
        )
        return aclosing(pieces)

    async def health(self) -> None:
        """Return if the server says that it can generate."""
        clock = Clock(self.endpoint, first="info")
        async with self._channel.sent("GET", "/health", clock) as response:
            await beginning(response, clock)

    async def metrics(self) -> str:
        """Return what the server tells of its work, in Prometheus's format."""
        clock = Clock(self.endpoint, first="info")
        async with self._channel.sent("GET", "/metrics", clock) as response:
            return (await beginning(response, clock)).decode("utf-8", "replace")

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await self._counter.close()
        await self._channel.close()

    @abstractmethod
    async def tokenize(self, text: str) -> tuple[int, ...] | None:
        """Return the server's token ids of a text, with `<s>`; None where it does not tell."""

    async def chat_tokenize(self, messages: Sequence[Mapping[str, str]]) -> Rendered | None:
        """Return a dialog as the server's own chat template writes it; None if it never tells."""
        return None

    @abstractmethod
    async def admitted(self) -> None:
        """Return if the key is accepted, by the cheapest route that is behind it."""

    @abstractmethod
    async def _told(self) -> ModelInfo:
        """Ask the server what it serves."""

    @abstractmethod
    async def _worded(self, prompt: Prompt) -> Request:
        """Return the request for a prompt."""

    async def _attempt(
        self, prompt: Prompt, clock: Clock, explicit: bool
    ) -> AsyncGenerator[Piece | End]:
        asked = await self._worded(prompt)
        async with AsyncExitStack() as stack:
            await clock.meet(stack.enter_async_context(self._slots.taken(explicit=explicit)))
            sent = self._channel.sent("POST", asked.route, clock, asked.body)
            response = await stack.enter_async_context(sent)
            most = prompt.max_new_tokens
            said = spoken(self.endpoint, response, clock, asked.read, most)
            async for piece in await stack.enter_async_context(aclosing(said)):
                yield piece

    def _forget(self) -> None:
        self._info = None


class Late(ABC):
    """A model whose driver is found when somebody first asks; implements `seam.Model`."""

    _driver: Driver | None = None

    @abstractmethod
    async def driver(self) -> Driver:
        """Return the driver."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections and processes."""

    async def info(self) -> ModelInfo:
        """Return what the server says of its model."""
        return await (await self.driver()).info()

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate before there is a driver."""
        return self._driver.count(text) if self._driver else estimate(text)

    @asynccontextmanager
    async def stream(
        self, prompt: Prompt, *, explicit: bool
    ) -> AsyncIterator[AsyncIterator[Piece | End]]:
        """Generate; see `seam.Model.stream`."""
        driver = await self.driver()
        async with driver.stream(prompt, explicit=explicit) as pieces:
            yield pieces
