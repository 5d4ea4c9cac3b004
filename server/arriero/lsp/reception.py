"""The way from a client's first message to its server.

What the server stands on takes several times as long to import as Python to start: lsprotocol
builds 550 classes. An `initialize` can be answered without, so the client gets its answer first,
and goes on with its own start while the rest is imported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from arriero.errors import FramingError
from arriero.lsp.framing import frame, is_id, read_json
from arriero.lsp.greeting import Greeting

if TYPE_CHECKING:
    from arriero.lsp.server import Server
    from arriero.lsp.standard_streams import Outgoing


class Reception:
    """Takes one client's messages. `opened` is set once there is a server for them."""

    def __init__(self, make_server: Callable[[], Server], writer: Outgoing) -> None:
        self.opened = asyncio.Event()
        self._make_server = make_server
        self._writer = writer
        self._made: Server | None = None

    @property
    def server(self) -> Server:
        """The client's server, made when it is first needed."""
        if self._made is None:
            self._made = self._make_server()
            self._made.protocol.set_writer(self._writer)
            self.opened.set()
        return self._made

    async def receive(self, body: bytes) -> None:
        """Take one message; the next one may come when this returns."""
        if self._made is None and (greeting := self._greeted(body)):
            self.server.protocol.greet(greeting)
        else:
            await self.server.protocol.receive(body)

    def refuse(self, error: FramingError) -> None:
        """Say why the connection ends."""
        self.server.protocol.refuse(error)

    def _greeted(self, body: bytes) -> Greeting | None:
        """Answer an `initialize` in good order; return None for all else, the server's business."""
        try:
            message = read_json(body)
            if message["method"] != "initialize" or not is_id(message["id"]):
                return None
            greeting = Greeting.of(message["params"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": greeting.reply()}
        self._writer.write(frame(answer))
        return greeting
