"""One connection that speaks HTTP/1.1: a request's bytes out, the parts of one answer at a time in.

transport -> data_received -> httptools -> head, chunks, end
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

import httptools
import httpx2

Headers = list[tuple[bytes, bytes]]

# Bytes of a head, and of chunks that wait to be read before no more is read from the socket.
LONGEST_HEAD = 100 * 1024
MOST_WAITING = 256 * 1024

SWITCHING_PROTOCOLS = 101


@dataclass(slots=True)
class Answer:
    """What has come of an answer. `over`: all of it; `lasting`: the connection outlives it."""

    status: int = 0
    reason: bytes = b""
    headers: Headers = field(default_factory=list)
    chunks: deque[bytes] = field(default_factory=deque)
    begun: bool = False
    over: bool = False
    lasting: bool = False

    @property
    def told(self) -> bool:
        """Whether the server says where the body ends; if not, it is where the connection does."""
        return any(
            name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self.headers
        )


class Wire(asyncio.Protocol):
    """A connection. Awaiting anything of it raises httpx2's exceptions when it breaks."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self.gone = asyncio.get_running_loop().create_future()
        self._answer: Answer | None = None
        self._parser: httptools.HttpResponseParser
        self._news: asyncio.Future[None] | None = None
        self._error: httpx2.TransportError | None = None
        self._head = 0  # bytes of it so far
        self._waiting = 0  # bytes of chunks that nobody took yet

    @property
    def idle(self) -> bool:
        """Whether it is open, and nothing is under way on it."""
        return self._answer is None and not (self._error or self._transport.is_closing())

    async def ask(self, request: bytes) -> Answer:
        """Send a request; return its answer as soon as its head is there."""
        answer = self._answer = Answer()
        self._parser = httptools.HttpResponseParser(self)
        self._head = 0
        self._transport.write(request)
        while not answer.begun:
            await self._more()
        return answer

    async def chunk(self) -> bytes:
        """Return what has come of the body since; b"" at its end."""
        answer = self._answer
        assert answer is not None
        while not answer.chunks:
            if answer.over:
                return b""
            await self._more()
        body = b"".join(answer.chunks)
        answer.chunks.clear()
        if self._waiting > MOST_WAITING:
            self._transport.resume_reading()
        self._waiting = 0
        return body

    def release(self) -> bool:
        """Let go of the answer; return whether another request can follow on this connection."""
        answer, self._answer = self._answer, None
        if not (answer and answer.over and answer.lasting) or self._transport.is_closing():
            self.close()
            return False
        return True

    def close(self) -> None:
        """Close at once, whatever was not sent or read yet."""
        self._transport.abort()

    async def _more(self) -> None:
        """Wait until something came."""
        if self._error:
            raise self._error
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)

    def _broke(self, error: httpx2.TransportError) -> None:
        self._error = self._error or error
        self._transport.abort()
        self._tell()

    # What asyncio calls --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.over:
            self._transport.abort()  # nobody asked for this: the next answer would not be its own
            return
        if not answer.begun:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._broke(httpx2.RemoteProtocolError("illegal change of the protocol"))
        except httptools.HttpParserError as error:
            self._broke(httpx2.RemoteProtocolError(f"illegal answer: {error}"))
        if not answer.begun and self._head > LONGEST_HEAD:
            self._broke(httpx2.RemoteProtocolError("illegal answer: its head has no end"))
        if self._waiting > MOST_WAITING:
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> None:
        answer = self._answer
        if answer and answer.begun and not answer.over and not answer.told:
            answer.over = True

    def connection_lost(self, error: Exception | None) -> None:
        if not self._error:
            self._error = httpx2.RemoteProtocolError("The server closed the connection.")
            if error:
                self._error = httpx2.ReadError(str(error))
                self._error.__cause__ = error
        if not self.gone.done():
            self.gone.set_result(None)
        self._tell()

    # What httptools calls ------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.over:
            raise ValueError("a second answer to one request")

    def on_status(self, reason: bytes) -> None:
        assert self._answer is not None
        self._answer.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        assert self._answer is not None
        self._answer.headers.append((name, value))

    def on_headers_complete(self) -> None:
        assert self._answer is not None
        self._answer.status = self._parser.get_status_code()
        self._answer.begun = self._answer.status >= 200

    def on_body(self, body: bytes) -> None:
        assert self._answer is not None
        self._answer.chunks.append(body)
        self._waiting += len(body)

    def on_message_complete(self) -> None:
        assert self._answer is not None
        if self._answer.begun:
            self._answer.over = True
            self._answer.lasting = self._parser.should_keep_alive()
        else:
            self._answer.headers.clear()  # it was an interim answer, such as 100
            self._answer.reason = b""
