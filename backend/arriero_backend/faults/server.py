"""An ASGI application on loopback, whose answers are spoiled to order.

It hears each request out, lets the application answer, and then writes what the fault makes of the
answer. So it is no server for long answers, and that is all it is for.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ssl import SSLContext

from starlette.types import ASGIApp, Message

from arriero_backend.faults.script import Answer, End, Moment, Script
from arriero_backend.faults.table import Fault

# RST in place of FIN: "linger" on, for 0 seconds.
ABORT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class FaultyServer:
    """Serves an application; `order` says what goes wrong from now on.

    `scripts` are what was written in place of right answers, `connections` counts all.
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self.app = app
        self.scripts: list[Script] = []
        self.connections = 0
        self._fault: Fault | None = None
        self._moment: Moment = "before"
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = port

    def order(self, fault: Fault | None, moment: Moment = "before") -> None:
        """Let a fault occur in every answer, or none any more."""
        self._fault, self._moment = fault, moment

    async def start(self, context: SSLContext | None = None) -> None:
        """Listen, at the port of last time, unless it does."""
        if self._server:
            return
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port, ssl=context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and break all connections."""
        if self._server:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()
            self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                served = 0
                while request := await _read(reader):
                    if not await self._served(request, reader, writer, kept=served > 0):
                        break
                    served += 1
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _served(
        self,
        request: Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        kept: bool,
    ) -> bool:
        """Answer; False when the connection is over."""
        answer = await self._answer(request)
        ordered = self.ordered(request, kept=kept)
        if ordered is None:
            return await _play(answer.script, reader, writer)
        fault, moment = ordered
        script = fault.play(answer, moment)
        self.scripts.append(script)
        return await _play(script, reader, writer)

    def ordered(self, request: Request, *, kept: bool) -> tuple[Fault, Moment] | None:
        """Return what goes wrong with a request: with all, or where an answer is generated."""
        if self._fault is None:
            return None
        generates = request.method == "POST" and request.path != "/tokenize"
        hit = generates and (kept or self._moment != "idle")
        return (self._fault, self._moment) if hit or self._moment == "meeting" else None

    async def _answer(self, request: Request) -> Answer:
        status, headers, pieces = 500, [], []
        gone = asyncio.Event()
        unread = [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> Message:
            if not unread:
                await gone.wait()
            return unread.pop() if unread else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.extend(message.get("headers", ()))
            elif message.get("body"):
                pieces.append(message["body"])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "path": request.path.partition("?")[0],
            "raw_path": request.path.encode(),
            "query_string": b"",
            "scheme": "http",
            "headers": list(request.headers),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", self.port),
        }
        await self.app(scope, receive, send)
        framing = (b"content-length", b"transfer-encoding", b"connection")
        plain = tuple((name, value) for name, value in headers if name.lower() not in framing)
        return Answer(status, plain, tuple(pieces))


@asynccontextmanager
async def serving(
    app: ASGIApp, kind: Callable[[ASGIApp], FaultyServer] = FaultyServer
) -> AsyncIterator[FaultyServer]:
    """Run the application's life, and a server of it."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    started, ended = asyncio.Event(), asyncio.Event()

    async def send(message: Message) -> None:
        (started if "startup" in message["type"] else ended).set()

    life = asyncio.create_task(_awaited(app, inbox, send))
    await inbox.put({"type": "lifespan.startup"})
    await started.wait()
    server = kind(app)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        await inbox.put({"type": "lifespan.shutdown"})
        await life


async def _awaited(app: ASGIApp, inbox: asyncio.Queue[Message], send: object) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, send)  # type: ignore[arg-type]


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """Read one request; None at the end, or where what comes is no HTTP."""
    first = await reader.read(1)
    if not first.isalpha():
        return None
    top, *lines = (first + await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    method, path, _ = top.decode("latin-1").split(" ")
    headers = tuple(
        (name.lower(), value.strip())
        for name, found, value in (line.partition(b":") for line in lines)
        if found
    )
    length = int(dict(headers).get(b"content-length", b"0"))
    return Request(method, path, headers, await reader.readexactly(length))


async def _play(
    script: Sequence[object], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Do what the script says; False when the connection is over."""
    for step in script:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, float):
            await asyncio.sleep(step)
        elif step is End.HANG:
            await reader.read()
            return False
        else:
            if step is End.RESET:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, ABORT
                )
                writer.transport.abort()
            return False
    return True
