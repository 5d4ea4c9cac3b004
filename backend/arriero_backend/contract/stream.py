"""Server-sent events, and the work that ends when nobody listens any more.

`EventStream` sends what its work emits, comments while there is nothing to send, and stops the work
at once when the client hangs up. `until_gone` does the last for requests without a stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

T = TypeVar("T")
Emit = Callable[[str], Awaitable[None]]

KEEP_ALIVE_SECONDS = 15.0  # axum's default, which TGI uses
COMMENT = b":\n\n"


async def until_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """Return what the work returns; cancel it and return None as soon as the client is gone."""
    task = asyncio.create_task(work)
    watch = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for each in (task, watch):
            each.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class EventStream(Response):
    """A response whose `work` emits the data of one event after the other."""

    def __init__(
        self,
        work: Callable[[Emit], Awaitable[None]],
        headers: Mapping[str, str],
        keep_alive: float = KEEP_ALIVE_SECONDS,
    ) -> None:
        self.status_code = 200
        self.background = None
        # As axum writes it. Starlette would add a charset to a media type.
        self.init_headers(
            {"content-type": "text/event-stream", "cache-control": "no-cache", **headers}
        )
        self._work = work
        self._keep_alive = keep_alive
        self._sent_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        await until_gone(receive, self._run(send))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _run(self, send: Send) -> None:
        async def emit(data: str) -> None:
            await self._send(send, f"data: {data}\n\n".encode())

        comments = asyncio.create_task(self._comment(send))
        try:
            await self._work(emit)
        finally:
            comments.cancel()

    async def _comment(self, send: Send) -> None:
        """Send a comment whenever nothing was sent for a while, as a sign of life."""
        clock = asyncio.get_running_loop().time
        self._sent_at = clock()
        while True:
            await asyncio.sleep(self._sent_at + self._keep_alive - clock())
            if clock() - self._sent_at >= self._keep_alive:
                await self._send(send, COMMENT)

    async def _send(self, send: Send, body: bytes) -> None:
        self._sent_at = asyncio.get_running_loop().time()
        await send({"type": "http.response.body", "body": body, "more_body": True})
