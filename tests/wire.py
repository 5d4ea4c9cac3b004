"""A client and a server joined in memory: no process, no socket, the real bytes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

from arriero.errors import FramingError
from arriero.lsp.client import CAPABILITIES, Client
from arriero.lsp.framing import Frames, read_json
from arriero.lsp.server import Server
from arriero.lsp.transport import converse
from metamodel import Witness

# Nothing waits for this: it only turns a test that would hang into one that fails, in seconds.
HANGS = 60


class Pipe:
    """One direction: what is written at this end can be read at `reader`, and `hears` each message.

    Once the framing is lost, it hears nothing more.
    """

    def __init__(self, hears) -> None:
        self.reader = asyncio.StreamReader()
        self._hears, self._frames = hears, Frames()
        self._closing = False

    def write(self, data: bytes) -> None:
        if not self._closing:
            self._hear(data)
            self.reader.feed_data(data)

    def _hear(self, data: bytes) -> None:
        if self._frames is None:
            return
        try:
            for body in self._frames.feed(data):
                with suppress(ValueError, RecursionError):
                    self._hears(read_json(body))
        except FramingError:
            self._frames = None

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
        self.witness = Witness()
        self.up, self.down = Pipe(self.witness.to_server), Pipe(self.witness.from_server)
        self.serving = asyncio.create_task(converse(lambda: server, self.up.reader, self.down))


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
    wire.witness.check()
