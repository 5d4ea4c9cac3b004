"""The process's standard streams as asyncio streams.

asyncio can wait for pipes, sockets and terminals. For the rest (files, /dev/null, everything on
Windows) a thread waits in its place.
"""

from __future__ import annotations

import asyncio
import os
import queue
import stat
import sys
import threading
from contextlib import suppress
from typing import BinaryIO, Protocol

PIECE = 256 * 1024  # bytes read at once

# The answers that may wait for a client that does not read; then it is not read from either. It
# has to be large: a client may well write a thousand requests before it reads the first answer.
MAX_WAITING = 16 * 1024 * 1024  # bytes


class Outgoing(Protocol):
    """What is needed of asyncio's StreamWriter."""

    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...
    def is_closing(self) -> bool: ...
    async def drain(self) -> None:
        """Wait while too much is waiting to be read."""
        ...

    async def wait_closed(self) -> None:
        """Wait until everything is written. Raises OSError if it cannot be."""
        ...


async def standard_streams() -> tuple[asyncio.StreamReader, Outgoing]:
    """Return standard input and output. From then on what is printed goes to standard error."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not get between the messages
    return await _incoming(stdin), await _outgoing(stdout)


async def _incoming(stdin: BinaryIO) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=PIECE)
    if _can_be_waited_for(stdin):
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
    else:
        _feed_from_thread(reader, stdin.fileno())
    return reader


async def _outgoing(stdout: BinaryIO) -> Outgoing:
    if not _can_be_waited_for(stdout):
        return ThreadWriter(stdout)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), stdout
    )
    transport.set_write_buffer_limits(high=MAX_WAITING)
    return asyncio.StreamWriter(transport, protocol, None, loop)


def _can_be_waited_for(stream: BinaryIO) -> bool:
    if sys.platform == "win32":
        return False
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stream.isatty()


def _feed_from_thread(reader: asyncio.StreamReader, file: int) -> None:
    loop = asyncio.get_running_loop()

    def feed() -> None:
        # RuntimeError: the loop is closed, and nobody listens any more.
        with suppress(RuntimeError):
            with suppress(OSError):
                while data := os.read(file, PIECE):
                    loop.call_soon_threadsafe(reader.feed_data, data)
            loop.call_soon_threadsafe(reader.feed_eof)

    # A daemon, because a read cannot be interrupted and must not keep the process alive.
    threading.Thread(target=feed, name="stdin", daemon=True).start()


class ThreadWriter:
    """Writes to a file from a thread, so that a full pipe does not stop the server."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._size = 0  # bytes that wait to be written
        self._room = asyncio.Event()
        self._room.set()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Write, some time."""
        self._size += len(data)
        if self._size > MAX_WAITING:
            self._room.clear()
        self._waiting.put(data)

    def close(self) -> None:
        """Write what is waiting, and no more."""
        if not self._closing:
            self._closing = True
            self._waiting.put(None)

    def is_closing(self) -> bool:
        """Tell whether the stream is closed, from our side or from the other."""
        return self._closing or not self._thread.is_alive()

    async def drain(self) -> None:
        """Wait while too much is waiting to be read."""
        await self._room.wait()

    async def wait_closed(self) -> None:
        """Wait until everything is written."""
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        # RuntimeError: the loop is closed, and nobody waits any more.
        with suppress(OSError, RuntimeError):
            while (data := self._waiting.get()) is not None:
                self._file.write(data)
                self._file.flush()
                self._loop.call_soon_threadsafe(self._written, len(data))
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._room.set)

    def _written(self, size: int) -> None:
        self._size -= size
        if self._size <= MAX_WAITING // 2:
            self._room.set()
