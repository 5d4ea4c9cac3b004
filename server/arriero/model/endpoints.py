"""Several servers with the same model: each document keeps to one, and another stands in for it.

A server has most of a prompt in its prefix cache if it saw the document before. Which one that is
follows from the names of both (rendezvous hashing), so it stays so when servers come and go, and
after a restart.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ModelInfo
from arriero.errors import BackendError, Invalid, TooLong
from arriero.model.driver import Driver
from arriero.model.remote import Remote

# These say something of the request: every other server would refuse it too.
OF_THE_REQUEST = (Invalid, TooLong)

# Seconds for which a server that failed is asked last.
REST = 10.0


class Replicas:
    """Servers with one model; implements `seam.Model`. Every method raises BackendError."""

    def __init__(self, servers: Sequence[Remote]) -> None:
        self._servers = servers
        self._told = servers[0]  # the last one that told of its model
        self._resting: dict[str, float] = {}

    async def driver(self) -> Driver:
        """Return the driver to the first server, whatever became of it."""
        return await self._servers[0].driver()

    async def info(self) -> ModelInfo:
        """Return what the first server that can says of its model."""
        *others, last = self._awake([self._told, *self._servers])
        for server in others:
            try:
                info = await server.info()
            except BackendError:
                self._rest(server)
            else:
                self._told = server
                return info
        return await last.info()

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate before `info` was asked."""
        return self._told.count(text)

    def stream(self, prompt: Prompt, *, explicit: bool) -> aclosing[AsyncGenerator[Piece | End]]:
        """Generate where the document is known, else on the next server that begins to answer."""
        return aclosing(self._pieces(prompt, explicit))

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await asyncio.gather(*(server.close() for server in self._servers))

    async def _pieces(self, prompt: Prompt, explicit: bool) -> AsyncGenerator[Piece | End]:
        now = asyncio.get_running_loop().time
        ends = now() + self._servers[0].endpoint.deadlines.total
        *others, last = self._awake(by_affinity(self._servers, prompt.topic))
        for server in others:
            begun = False
            try:
                # Another server is a better second try than the same one.
                async with server.stream(prompt, explicit=False) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except BackendError as error:
                if isinstance(error, OF_THE_REQUEST):
                    raise
                self._rest(server)
                if begun or now() >= ends:
                    raise
        async with last.stream(prompt, explicit=explicit) as pieces:
            async for piece in pieces:
                yield piece

    def _awake(self, servers: Sequence[Remote]) -> list[Remote]:
        """Put those that failed a moment ago last; they are asked if no other answers."""
        now = asyncio.get_running_loop().time()
        resting = {url for url, until in self._resting.items() if until > now}
        return sorted(servers, key=lambda server: server.endpoint.url in resting)

    def _rest(self, server: Remote) -> None:
        self._resting[server.endpoint.url] = asyncio.get_running_loop().time() + REST


def by_affinity(servers: Sequence[Remote], topic: str) -> list[Remote]:
    """Return the servers in the order in which a document prefers them."""

    def rank(server: Remote) -> bytes:
        name = f"{server.endpoint.url}\n{topic}".encode("utf-8", "replace")
        return hashlib.blake2b(name, digest_size=8).digest()

    return sorted(servers, key=rank)
