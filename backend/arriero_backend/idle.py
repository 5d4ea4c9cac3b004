"""How long a server has had nothing to do."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Idle:
    """An application that knows since when nobody wants anything of it. `now` is in seconds."""

    def __init__(self, app: ASGIApp, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._now = now
        self._running = 0
        self._since = now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._running += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running -= 1
            self._since = self._now()

    @property
    def seconds(self) -> float:
        """For how long no request has been there; 0 while there is one."""
        return 0.0 if self._running else self._now() - self._since
