"""The real driver with a server in memory: its tries, turns and deadlines, without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero.model.clock import Clock
from arriero.model.driver import Driver, Late, Request
from arriero.model.endpoint import Endpoint
from benchmarks.scale.server import SharedServer
from benchmarks.speaker import Said, tokens_in

Speaks = Callable[[Prompt], list[Said]]


class Wire(Driver):
    """A driver to one shared server, for one person. `speaks` says what the answer will be."""

    def __init__(self, endpoint: Endpoint, server: SharedServer, speaks: Speaks) -> None:
        super().__init__(endpoint, None)
        self._server = server
        self._speaks = speaks

    async def info(self) -> ModelInfo:
        return ModelInfo(CODELLAMA_70B_INSTRUCT, "tgi", self.endpoint.url)

    def count(self, text: str) -> int:
        return tokens_in(len(text))

    async def _attempt(
        self, prompt: Prompt, clock: Clock, explicit: bool
    ) -> AsyncGenerator[Piece | End]:
        async with AsyncExitStack() as stack:
            await clock.meet(stack.enter_async_context(self._slots.taken(explicit=explicit)))
            said = self._speaks(prompt)
            asked = self._server.ask(prompt.text, said, prompt.max_new_tokens)
            pieces = await stack.enter_async_context(aclosing(asked))
            while (piece := await clock.meet(anext(pieces, None))) is not None:
                clock.begin()
                yield piece

    # What only a server over HTTP is asked.

    async def tokenize(self, text: str) -> tuple[int, ...] | None:
        raise NotImplementedError

    async def admitted(self) -> None:
        raise NotImplementedError

    async def _told(self) -> ModelInfo:
        raise NotImplementedError

    async def _worded(self, prompt: Prompt) -> Request:
        raise NotImplementedError


class Known(Late):
    """A server of which the driver is known, as `Replicas` has them."""

    def __init__(self, number: int, server: SharedServer, speaks: Speaks) -> None:
        self.endpoint = Endpoint(f"http://replica{number}")
        self._driver = Wire(self.endpoint, server, speaks)

    async def driver(self) -> Driver:
        return self._driver

    async def close(self) -> None:
        await asyncio.sleep(0)
