"""httpx2's way to a server without a proxy in between: every suggestion goes over it.

httpx2's own transport takes a millisecond of Python for a request and its answer, more than all the
rest of a suggestion. asyncio's own connections and httptools, the parser in C under uvicorn, take a
fifth of that. What is above a transport (headers, authentication, redirects) stays httpx2's.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2

from arriero.model.wire import Wire

# httpx2's extension of that name, by which a caller hears of new connections.
Trace = Callable[[str, object], Awaitable[None]]

# Seconds until another of a name's addresses is tried beside the first (RFC 8305, section 5). An
# address has no other, and Python before 3.12 may lose a socket where that race is cancelled.
SECOND_ADDRESS = 0.25
_ADDRESS = re.compile(r"[\d.]+|.*:.*")

# RFC 9112, sections 3 and 5: what may stand in a request's head.
_TARGET = re.compile(rb"[\x21-\x7e]+")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(rb"[\x20-\x7e\x80-\xff\t]*")


class Direct(httpx2.AsyncBaseTransport):
    """Connections to one server, kept open between requests.

    `most_idle` of them, and each for `expiry` seconds. `context` is for https, `socket` the path
    of a Unix socket.
    """

    def __init__(
        self, context: ssl.SSLContext, socket: str, *, most_idle: int, expiry: float
    ) -> None:
        self._context = context
        self._context.set_alpn_protocols(["http/1.1"])
        self._socket = socket
        self._most_idle = most_idle
        self._expiry = expiry
        self._idle: list[tuple[Wire, float]] = []  # and when each expires; the oldest first
        self._open: set[Wire] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; return its response when its head is there."""
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise httpx2.UnsupportedProtocol("no address of an HTTP server")
        data = await _encoded(request)
        wire = self._kept() or await self._connected(request)
        try:
            answer = await wire.ask(data)
        except BaseException:
            wire.close()
            raise
        return httpx2.Response(
            answer.status,
            headers=answer.headers,
            stream=Body(wire, self._back),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": answer.reason},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        wires = list(self._open)
        for wire in wires:
            wire.close()
        await asyncio.gather(*(wire.gone for wire in wires))

    def _kept(self) -> Wire | None:
        """Return an idle connection, the last used: it has the best chance to be alive."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            wire, expires = self._idle.pop()
            if wire.idle and now < expires:
                return wire
            wire.close()
        return None

    def _back(self, wire: Wire) -> None:
        """Take a connection back, if it can be used again."""
        if not wire.release():
            return
        self._idle.append((wire, asyncio.get_running_loop().time() + self._expiry))
        if len(self._idle) > self._most_idle:
            self._idle.pop(0)[0].close()

    async def _connected(self, request: httpx2.Request) -> Wire:
        """Open a connection. Raises ConnectTimeout, ConnectError."""
        trace: Trace | None = request.extensions.get("trace")
        if trace:
            await trace("connection.connect_tcp.started", {})
        limit = request.extensions.get("timeout", {}).get("connect")
        try:
            async with asyncio.timeout(limit):
                _, wire = await self._connecting(request.url)
        except TimeoutError as error:
            raise httpx2.ConnectTimeout("no connection in time") from error
        except OSError as error:
            # So asyncio says that a server broke off TLS's greeting.
            broken_off = isinstance(error, ConnectionResetError) and request.url.scheme == "https"
            cause = ssl.SSLError("the server broke it off") if broken_off else error
            raise httpx2.ConnectError(str(error)) from cause
        self._open.add(wire)
        wire.gone.add_done_callback(lambda _: self._open.discard(wire))
        return wire

    def _connecting(self, url: httpx2.URL) -> Awaitable[tuple[asyncio.BaseTransport, Wire]]:
        loop = asyncio.get_running_loop()
        secure = url.scheme == "https"
        context = self._context if secure else None
        if self._socket:
            return loop.create_unix_connection(Wire, self._socket)
        host, port = url.raw_host.decode("ascii"), url.port or (443 if secure else 80)
        delay = None if _ADDRESS.fullmatch(host) else SECOND_ADDRESS
        return loop.create_connection(Wire, host, port, ssl=context, happy_eyeballs_delay=delay)


class Body(httpx2.AsyncByteStream):
    """The body of a response, as it comes. `back` is given the connection when it is closed."""

    def __init__(self, wire: Wire, back: Callable[[Wire], None]) -> None:
        self._wire: Wire | None = wire
        self._back = back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._wire.chunk() if self._wire else b""
        if not chunk:
            raise StopAsyncIteration
        return chunk

    async def aclose(self) -> None:
        """Let go of the connection: one whose answer is not over is closed."""
        wire, self._wire = self._wire, None
        if wire:
            self._back(wire)


async def _encoded(request: httpx2.Request) -> bytes:
    """Return a request as it goes over the wire. Raises LocalProtocolError for what cannot."""
    target = request.url.raw_path
    if not _TARGET.fullmatch(target):
        raise httpx2.LocalProtocolError("illegal request target")
    head = [b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), target)]
    for name, value in request.headers.raw:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise httpx2.LocalProtocolError(f"illegal header {name!r}")
        head.append(b"%b: %b\r\n" % (name, value))
    return b"".join((*head, b"\r\n", await request.aread()))
