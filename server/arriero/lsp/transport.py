"""From bytes to a served client: standard streams, or TCP on this machine only.

    stream -> framing -> Reception, Protocol.receive -> handlers -> stream

A conversation ends when the client says `exit`, closes its side, loses the framing, or dies; then
everything that still runs for it is cancelled, which closes the streams from the model.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from arriero.errors import FramingError, SettingsError
from arriero.lsp.framing import Frames
from arriero.lsp.parent import orphaned
from arriero.lsp.reception import Reception
from arriero.lsp.standard_streams import MAX_WAITING, PIECE, Outgoing, standard_streams

if TYPE_CHECKING:
    from arriero.lsp.server import Server

_FLUSH = 5.0  # seconds that the last answers may take to be read

logger = logging.getLogger(__name__)


async def serve_stdio(make_server: Callable[[], Server]) -> int:
    """Serve the client at the standard streams; return the exit code that LSP asks for."""
    reader, writer = await standard_streams()
    return await converse(make_server, reader, writer)


async def serve_tcp(make_server: Callable[[], Server], host: str, port: int) -> None:
    """Serve every client that connects, each with a server of its own, until cancelled.

    Port 0 takes a free one; standard error says which. Raises SettingsError for an address that
    other machines can reach, OSError if the port is taken.
    """
    _refuse_other_machines(host)
    conversations: set[asyncio.Task[int]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.set_write_buffer_limits(high=MAX_WAITING)
        task = asyncio.create_task(converse(make_server, reader, writer))
        conversations.add(task)
        task.add_done_callback(conversations.discard)

    listening = await asyncio.start_server(connected, host, port, limit=PIECE)
    try:
        print(f"arriero listens on {_address(listening)}", file=sys.stderr, flush=True)
        await asyncio.Event().wait()
    finally:
        listening.close()
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


async def converse(
    make_server: Callable[[], Server], reader: asyncio.StreamReader, writer: Outgoing
) -> int:
    """Serve one client to the end; return 0 if it shut the server down, else 1."""
    reception = Reception(make_server, writer)
    reading = asyncio.create_task(_read(reception, reader, writer))
    watching = asyncio.create_task(_watch(reception))
    try:
        await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        reading.cancel()
        watching.cancel()
        for ended in await asyncio.gather(reading, watching, return_exceptions=True):
            if isinstance(ended, Exception):
                logger.error("The connection ended by a fault in arriero", exc_info=ended)
        if reception.opened.is_set():
            await reception.server.close()
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_FLUSH):
                await writer.wait_closed()
    return reception.server.protocol.exit_code if reception.opened.is_set() else 1


async def _watch(reception: Reception) -> None:
    await reception.opened.wait()
    await reception.server.protocol.initialized.wait()
    await orphaned(reception.server.editor)


async def _read(reception: Reception, reader: asyncio.StreamReader, writer: Outgoing) -> None:
    frames = Frames()
    try:
        while not writer.is_closing() and (data := await reader.read(PIECE)):
            for body in frames.feed(data):
                await reception.receive(body)
                # One turn of the loop for each message: its handler has begun, on the text as it
                # is, before the next message changes that.
                await asyncio.sleep(0)
            await writer.drain()
    except FramingError as error:
        logger.error("The connection ends: %s", error)
        reception.refuse(error)
    except OSError as error:
        logger.info("The client is gone: %s", error)


def _refuse_other_machines(host: str) -> None:
    with suppress(ValueError):
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return
    raise SettingsError(
        f"{host} can be reached from other machines, and whoever connects can read your files' "
        "text. Use 127.0.0.1, and a tunnel (ssh -L) if the editor is elsewhere."
    )


def _address(listening: asyncio.Server) -> str:
    host, port = listening.sockets[0].getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
