"""A small editor without a screen: it keeps documents, asks, and applies what it is sent.

The command line, the benchmarks and the tests are clients of the real server through this.
Positions are lines (from 0) and code units of `encoding`; `documents[uri].position` makes them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from arriero import __version__
from arriero.errors import Disconnected
from arriero.lsp.documents import Document, Documents, Edit
from arriero.lsp.peer import Answer, Call, Peer, Reader, Writer
from arriero.lsp.positions import Encoding, Position, Range, negotiated
from arriero.lsp.workspace_edit import NotApplied, apply_workspace_edit

Json = Mapping[str, Any]

# How long a server may take to shut down, and then to end, in seconds.
_PATIENCE = 5.0

INVOKED, AUTOMATIC = 1, 2  # InlineCompletionTriggerKind, LSP 3.18

CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"didSave": True},
        "completion": {"completionItem": {"snippetSupport": True}, "contextSupport": True},
        "inlineCompletion": {"dynamicRegistration": False},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
            "honorsChangeAnnotations": True,
            "isPreferredSupport": True,
            "tagSupport": {"valueSet": [1]},
        },
    },
    "window": {
        "workDoneProgress": True,
        "showMessage": {"messageActionItem": {}},
        "showDocument": {"support": True},
    },
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceEdit": {
            "documentChanges": True,
            "changeAnnotationSupport": {"groupsOnLabel": True},
            "resourceOperations": ["create"],
        },
        "workspaceFolders": True,
    },
}


class Client:
    """One conversation with a language server.

    `messages` are the window/showMessage parameters so far, `heard` every notification with its
    parameters, `edits` the workspace edits that were applied, `shown` the uris of
    window/showDocument. `answers` is the table of what the server may ask (see Peer); it can be
    changed. Calls raise ResponseError where the server answers with an error.
    """

    def __init__(self, writer: Writer, root: Path | None, settings: Json | None) -> None:
        self.capabilities: Json = {}
        self.documents = Documents()
        self.messages: list[Json] = []
        self.heard: list[tuple[str, Any]] = []
        self.edits: list[Json] = []
        self.shown: list[str] = []
        self.on_progress: Callable[[Json], None] = lambda value: None
        self.settings = settings
        self._folders: list[Json] = []
        if root:
            self._folders.append({"uri": root.resolve().as_uri(), "name": root.name})
        self.answers: dict[str, Answer] = {
            "workspace/applyEdit": self._apply_edit,
            "workspace/configuration": self._configuration,
            "workspace/textDocumentContent/refresh": lambda _: None,
            "workspace/workspaceFolders": lambda _: self._folders,
            "window/showDocument": self._show_document,
            "window/showMessageRequest": self.messages.append,
            "window/workDoneProgress/create": lambda _: None,
            "client/registerCapability": lambda _: None,
            "client/unregisterCapability": lambda _: None,
        }
        self._peer = Peer(writer, self.answers, self._hear)
        self._news = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def spawn(
        cls,
        argv: Sequence[str],
        root: Path,
        *,
        settings: Json | None = None,
        capabilities: Json = CAPABILITIES,
        env: Mapping[str, str] | None = None,
        stderr: int | None = None,
    ) -> AsyncGenerator[Client]:
        """Start a server as a process that speaks over its standard streams, and end it after.

        `stderr` is as for `subprocess`; None lets it through. Raises Disconnected.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                env=env,
                cwd=root,
            )
        except OSError as error:
            raise Disconnected(f"{argv[0]} cannot be started: {error.strerror}.") from error
        assert process.stdin is not None
        assert process.stdout is not None
        options: dict[str, Any] = {"settings": settings, "capabilities": capabilities}
        try:
            async with cls.over(process.stdout, process.stdin, root, **options) as client:
                yield client
        finally:
            await _ended(process)

    @classmethod
    @asynccontextmanager
    async def over(
        cls,
        reader: Reader,
        writer: Writer,
        root: Path | None = None,
        *,
        settings: Json | None = None,
        capabilities: Json = CAPABILITIES,
    ) -> AsyncGenerator[Client]:
        """Speak over streams that are there already: initialize, and shut down after."""
        client = cls(writer, root, settings)
        listening = asyncio.create_task(client._peer.listen(reader))
        try:
            await client._initialize(capabilities)
            yield client
            await client._shut_down()
        finally:
            writer.close()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    # Documents -----------------------------------------------------------------------------------

    def open_file(self, path: Path, language: str) -> str:
        """Open a file of the disk and return its uri. Raises OSError or UnicodeDecodeError."""
        uri = path.resolve().as_uri()
        with path.open(encoding="utf-8", newline="") as file:
            self.open(uri, file.read(), language)
        return uri

    def open(self, uri: str, text: str, language: str, version: int = 1) -> None:
        """Open a document with this text."""
        self._did_open(self.documents.open(uri, language, version, text))

    def _did_open(self, document: Document) -> None:
        item = {
            "uri": document.uri,
            "languageId": document.language_id,
            "version": document.version,
            "text": document.text,
        }
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, range_: Range | None, text: str) -> None:
        """Replace a range, or the whole document, as typing does."""
        document = self.documents[uri]
        document.apply([Edit(range_, text)], document.version + 1)
        change = {"text": text} if range_ is None else {"range": as_json(range_), "text": text}
        identifier = {"uri": uri, "version": document.version}
        params = {"textDocument": identifier, "contentChanges": [change]}
        self.notify("textDocument/didChange", params)

    def close(self, uri: str) -> None:
        """Close a document."""
        self.documents.close(uri)
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    # Questions -----------------------------------------------------------------------------------

    async def inline_completion(
        self, uri: str, position: Position, trigger: int = INVOKED
    ) -> list[Json]:
        """Return the suggestions at a position (InlineCompletionItem)."""
        params = {**_place(uri, position), "context": {"triggerKind": trigger}}
        return _items(await self.request("textDocument/inlineCompletion", params))

    async def completion(self, uri: str, position: Position) -> list[Json]:
        """Return the ordinary completion list's items (CompletionItem)."""
        params = {**_place(uri, position), "context": {"triggerKind": 1}}
        return _items(await self.request("textDocument/completion", params))

    async def code_actions(
        self,
        uri: str,
        range_: Range,
        only: Sequence[str] | None = None,
        diagnostics: Sequence[Json] = (),
    ) -> list[Json]:
        """Return the actions that are offered for a range (CodeAction or Command)."""
        context: dict[str, Any] = {"diagnostics": list(diagnostics), "triggerKind": 1}
        if only is not None:
            context["only"] = list(only)
        params = {"textDocument": {"uri": uri}, "range": as_json(range_), "context": context}
        return list(await self.request("textDocument/codeAction", params) or [])

    async def execute(
        self, command: str, arguments: Sequence[Any] = (), token: str | int | None = None
    ) -> Any:
        """Run a command of the server; with a token it reports progress under it."""
        params: dict[str, Any] = {"command": command, "arguments": list(arguments)}
        if token is not None:
            params["workDoneToken"] = token
        return await self.request("workspace/executeCommand", params)

    async def request(self, method: str, params: Any = None) -> Any:
        """Ask anything and wait; cancelling this cancels the request at the server."""
        return await self._peer.request(method, params)

    def send(self, method: str, params: Any = None) -> Call:
        """Ask without waiting; `await call.answer` waits, `cancel(call)` cancels."""
        return self._peer.send(method, params)

    def cancel(self, call: Call) -> None:
        """Send $/cancelRequest; the answer still comes."""
        self._peer.cancel(call)

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self._peer.notify(method, params)

    async def until(self, method: str, where: Callable[[Any], bool] = lambda params: True) -> Any:
        """Return the parameters of the first such notification, waiting if none came yet."""
        seen = 0
        while True:
            for name, params in self.heard[seen:]:
                if name == method and where(params):
                    return params
            seen = len(self.heard)
            self._news.clear()
            await self._news.wait()

    # What the server sends -----------------------------------------------------------------------

    def _hear(self, method: str, params: Any) -> None:
        if method == "window/showMessage":
            self.messages.append(params)
        elif method == "$/progress":
            self.on_progress(params["value"])
        self.heard.append((method, params))
        self._news.set()

    def _apply_edit(self, params: Json) -> Json:
        open_before = {document.uri for document in self.documents}
        try:
            changed = apply_workspace_edit(self.documents, params["edit"])
        except NotApplied as refusal:
            return {"applied": False, "failureReason": str(refusal)}
        self.edits.append(params["edit"])
        for document in changed:
            if document.uri not in open_before:
                self._did_open(document)
                continue
            identifier = {"uri": document.uri, "version": document.version}
            change = {"textDocument": identifier, "contentChanges": [{"text": document.text}]}
            self.notify("textDocument/didChange", change)
        return {"applied": True}

    def _configuration(self, params: Json) -> list[Any]:
        return [
            self.settings if item.get("section") == "arriero" else None for item in params["items"]
        ]

    def _show_document(self, params: Json) -> Json:
        self.shown.append(params["uri"])
        return {"success": True}

    # Lifecycle -----------------------------------------------------------------------------------

    async def _initialize(self, capabilities: Json) -> None:
        params = {
            "processId": os.getpid(),
            "clientInfo": {"name": "arriero", "version": __version__},
            "rootUri": self._folders[0]["uri"] if self._folders else None,
            "workspaceFolders": self._folders or None,
            "capabilities": capabilities,
            "initializationOptions": self.settings,
        }
        result = await self.request("initialize", params)
        self.capabilities = result["capabilities"]
        self.documents.encoding = self.encoding
        self.notify("initialized", {})

    @property
    def encoding(self) -> Encoding:
        """What the server counts characters in."""
        return negotiated([self.capabilities.get("positionEncoding")])

    async def _shut_down(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.request("shutdown")
            self.notify("exit")
        except (Disconnected, TimeoutError):
            pass  # The streams are closed next, which ends whatever is left.


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def as_json(range_: Range) -> Json:
    """Return a range as the protocol writes it."""
    return {"start": range_.start._asdict(), "end": range_.end._asdict()}


def _place(uri: str, position: Position) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": position._asdict()}


def _items(result: Any) -> list[Json]:
    return list(result["items"] if isinstance(result, dict) else result or [])
