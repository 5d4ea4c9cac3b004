"""The lifecycle: initialize, then work, then shutdown, then exit; and nothing out of turn."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import lsp_method

from arriero.lsp.documents import Documents
from arriero.lsp.greeting import Greeting
from arriero.lsp.jsonrpc import Conversation
from arriero.lsp.lines import lines_of
from arriero.lsp.steps import in_turns
from arriero.lsp.workspace import Workspace, language_of

if TYPE_CHECKING:
    from cattrs import Converter

    from arriero.lsp.server import Server


class Protocol(Conversation):
    """The Language Server Protocol with one client."""

    def __init__(self, server: Server, converter: Converter) -> None:
        super().__init__(server, converter)
        self.initialized = asyncio.Event()

    @property
    def exit_code(self) -> int:
        """What the process has to exit with now: 0 after `shutdown`, 1 without."""
        return 0 if self._shutdown else 1

    def _admit(self, method: str) -> None:
        if self._shutdown:
            raise JsonRpcInvalidRequest("The server was shut down; only `exit` may follow.")
        if method == types.INITIALIZE and self.initialized.is_set():
            raise JsonRpcInvalidRequest("The server is initialized already.")
        if method != types.INITIALIZE and not self.initialized.is_set():
            raise JsonRpcServerNotInitialized("The first request has to be `initialize`.")
        if method == types.SHUTDOWN:
            # Before its handlers run, which may take a while: `exit` often comes right behind.
            self._shutdown = True
            self.cancel_all()

    def _heeds(self, method: str) -> bool:
        return method == types.EXIT or (self.initialized.is_set() and not self._shutdown)

    def _params(self, method: str, raw: Any) -> Any:
        if method != types.INITIALIZE:
            return super()._params(method, raw)
        try:
            return Greeting.of(raw)
        except ValueError as error:
            raise JsonRpcInvalidParams(f"The parameters of {method}: {error}") from error

    def greet(self, greeting: Greeting) -> None:
        """Learn what the client can do, and make room for its documents."""
        self._server.client = greeting.client
        self._server.editor = greeting.editor
        self._server.documents = Documents(greeting.client.position_encoding)
        self._workspace = Workspace(self._server.documents)
        if (handler := self.fm.features.get(types.INITIALIZE)) is not None:
            handler(greeting)
        self.initialized.set()

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, greeting: Greeting) -> dict[str, Any]:  # type: ignore[override]
        """Take an `initialize` that was not answered before the server was there."""
        self.greet(greeting)
        return greeting.reply()

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    async def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Keep a document; while a large one is taken to pieces, whatever runs goes on."""
        item = params.text_document
        lines = await in_turns(lines_of(item.text))
        self._server.documents.open(item.uri, language_of(item), item.version, lines)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Run the handlers of `shutdown`; what there is to stop was stopped on admission."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        """Close the connection; what serves it then ends with `exit_code`."""
        if (handler := self.fm.features.get(types.EXIT)) is not None:
            yield handler, args, None
        if self.writer is not None:
            self.writer.close()
