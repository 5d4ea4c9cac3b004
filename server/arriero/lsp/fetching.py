"""arriero.fetch: bring the demo model to this computer, with progress that people can cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from lsprotocol import types

from arriero.errors import NoBackend
from arriero.lsp.capabilities import FETCH
from arriero.lsp.progress import progress
from arriero.lsp.server import Server

# Yields how many bytes are there, of how many. Raises NoBackend, which says why it cannot be.
Fetch = Callable[[], AsyncGenerator[tuple[int, int]]]

TITLE = "Fetching the demo model"
DONE = "The demo model is there. It is used while no `url` is set."


def register(server: Server, fetch: Fetch) -> None:
    async def fetched(ls: Server) -> dict[str, object]:
        try:
            async with progress(ls, TITLE) as report, aclosing(fetch()) as steps:
                now = asyncio.get_running_loop().time
                began, before = now(), None
                async for done, total in steps:
                    before = done if before is None else before
                    report(told(done, total, done - before, now() - began))
        except NoBackend as error:
            ls.say(types.MessageType.Error, str(error))
            return {"fetched": False, "reason": str(error)}
        ls.say(types.MessageType.Info, DONE)
        return {"fetched": True}

    server.command(FETCH)(fetched)


def told(done: int, total: int, came: int, seconds: float) -> str:
    """Say how far it is: `came` of the bytes that are there took so many seconds."""
    size = f"{done / 1e6:.0f} of {total / 1e6:.0f} MB"
    if not came or seconds <= 0:
        return size
    speed = came / seconds
    return f"{size}, {speed / 1e6:.1f} MB/s, {(total - done) / speed:.0f} s left"
