"""The server: pygls's LanguageServer, our documents, and the work behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pygls.lsp.server import LanguageServer

from arriero import __version__
from arriero.lsp.capabilities import Client
from arriero.lsp.documents import Documents
from arriero.lsp.protocol import Protocol
from arriero.lsp.tolerance import tolerant_converter

if TYPE_CHECKING:
    from arriero.assist.assistant import Assistant


class Server(LanguageServer):
    """One client's server.

    `client` and `documents` are what the client's initialize request makes them; handlers for
    `initialize` and all later ones find them ready.
    """

    protocol: Protocol

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(
            "arriero",
            __version__,
            protocol_cls=Protocol,
            converter_factory=tolerant_converter,
        )
        self.assistant = assistant
        self.client = Client()
        self.documents = Documents()

    async def close(self) -> None:
        """Cancel what still runs, wait until it has let go, and close the assistant."""
        running = self.protocol.cancel_all()
        await asyncio.gather(*running, return_exceptions=True)
        await self.assistant.close()
