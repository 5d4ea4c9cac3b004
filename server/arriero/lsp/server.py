"""The server: pygls's LanguageServer, our documents, and the work behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from arriero import __version__
from arriero.errors import ArrieroError, NotSent
from arriero.lsp.capabilities import Client
from arriero.lsp.documents import Documents
from arriero.lsp.excerpts import place_of
from arriero.lsp.explanations import Explanations
from arriero.lsp.possible import Work
from arriero.lsp.protocol import Protocol
from arriero.lsp.tolerance import explain, tolerant_converter
from arriero.settings import Settings
from arriero.settings_sources import Loaded

if TYPE_CHECKING:
    from arriero.assist.assistant import Assistant

T = TypeVar("T")


class Server(LanguageServer):
    """One client's server.

    `client` and `documents` are what the client's initialize request makes them; handlers for
    `initialize` and all later ones find them ready.
    """

    protocol: Protocol

    def __init__(
        self, assistant: Assistant, files: Callable[[Path], Sequence[str]] = lambda folder: ()
    ) -> None:
        self._plain = tolerant_converter()  # one for all: it takes 20 ms to make
        super().__init__(
            "arriero",
            __version__,
            protocol_cls=Protocol,
            converter_factory=lambda: self._plain,
        )
        self.assistant = assistant
        self.files = files  # those of a folder, with forward slashes
        self.client = Client()
        self.documents = Documents()
        self.work = Work()
        self.explanations = Explanations()
        self.applying = asyncio.Lock()  # an edit has to see what the one before it changed
        self.editor: int | None = None  # its process, where it can be seen
        self.folders: list[Path] = []  # of the workspace
        self.options: object = None  # initializationOptions
        self.configuration: Mapping[str, Any] = {}  # the editor's settings, section "arriero"
        self.loaded = Loaded(Settings(), ())

    def say(self, kind: types.MessageType, message: str) -> None:
        """Show the person a message."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def tell(self, error: ArrieroError, *, asked: bool) -> None:
        """Show the person what failed, unless they know; `asked` says whether they wait for it."""
        if self.assistant.is_news(error, asked=asked):
            self.say(types.MessageType.Error, str(error))

    def plain(self, value: object) -> Any:
        """Return a value as the plain JSON that the client brings back to us."""
        return self._plain.unstructure(value)

    def structured(self, raw: object, kind: type[T]) -> T:
        """Return the parameters of a method of our own as a value; a wrong one is the client's."""
        try:
            return self._plain.structure(raw, kind)
        except Exception as error:
            raise JsonRpcInvalidParams(explain(error)) from error

    def root_of(self, uri: str) -> Path | None:
        """Return the workspace's folder that a document lies in, the innermost where several do."""
        place = place_of(uri)
        around = [folder for folder in self.folders if place.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts), default=None)

    def reason_not_to_send(self, uri: str) -> str | None:
        """Return why this document is kept from every model, or None where it is not."""
        return self.assistant.keeps_back(place_of(uri), self.root_of(uri))

    def check_may_send(self, uri: str) -> None:
        """Raise NotSent for a document that is kept from every model."""
        if reason := self.reason_not_to_send(uri):
            raise NotSent(reason)

    async def close(self) -> None:
        """Cancel what still runs, wait until it has let go, and close the assistant."""
        running = self.protocol.cancel_all()
        await asyncio.gather(*running, return_exceptions=True)
        await self.assistant.close()
        self.explanations.close()
