"""A client and a server joined in memory: no process, no socket, the real bytes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from arriero.lsp.client import CAPABILITIES, Client
from arriero.lsp.server import Server
from arriero.lsp.transport import converse

# Nothing waits for this: it only turns a test that would hang into one that fails, in seconds.
HANGS = 60


class Pipe:
    """One direction: what is written at this end can be read at `reader`."""

    def __init__(self) -> None:
        self.reader = asyncio.StreamReader()
        self._closing = False

    def write(self, data: bytes) -> None:
        if not self._closing:
            self.reader.feed_data(data)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.reader.feed_eof()

    def is_closing(self) -> bool:
        return self._closing

    async def drain(self) -> None: ...

    async def wait_closed(self) -> None: ...


class Wire:
    """Both directions between a test and a server, and the server's end as a task."""

    def __init__(self, server: Server) -> None:
        self.up, self.down = Pipe(), Pipe()
        self.serving = asyncio.create_task(converse(server, self.up.reader, self.down))


@asynccontextmanager
async def wired(server: Server, *, root=None, settings=None, capabilities=CAPABILITIES):
    """Yield an initialized Client of the server; when left, both have ended."""
    wire = Wire(server)
    try:
        options = {"settings": settings, "capabilities": capabilities}
        async with (
            asyncio.timeout(HANGS),
            Client.over(wire.down.reader, wire.up, root, **options) as client,
        ):
            yield client
    finally:
        wire.up.close()
        await wire.serving
