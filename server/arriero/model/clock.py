"""The deadlines of one request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from typing import Literal, TypeVar

from arriero.model import explain
from arriero.model.endpoint import Endpoint

T = TypeVar("T")
First = Literal["first_token", "info"]


class Clock:
    """Started when a request is sent; after that, every wait for the server goes through it.

    Only waits for the server count, so a slow reader of the answer is never blamed on the server.
    Raises TooSlow, which names the deadline that passed.
    """

    def __init__(
        self, endpoint: Endpoint, ends: float | None = None, first: First = "first_token"
    ) -> None:
        """Start now. `ends` is the loop's time at which `total` passes, where tries share it.

        `first` is the deadline until something begins: a token, or what the server says of itself.
        """
        self._endpoint = endpoint
        self._now = asyncio.get_running_loop().time
        self._ends = self._now() + endpoint.deadlines.total if ends is None else ends
        self._first: First = first
        self._begins = self._now() + getattr(endpoint.deadlines, first)
        self._begun = False

    def begin(self) -> None:
        """Note the first token: from now on, silence is measured instead."""
        self._begun = True

    async def meet(self, wait: Awaitable[T]) -> T:
        """Await one thing from the server within whatever deadline comes first."""
        when, deadline = min((self._ends, "total"), self._next())
        try:
            async with asyncio.timeout_at(when) as timeout:
                return await wait
        except TimeoutError:
            if not timeout.expired():
                raise
            raise explain.too_slow(self._endpoint, deadline) from None

    async def watch(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """Pass chunks on; each byte is a sign of life, comments that no token comes with too."""
        while (chunk := await self.meet(anext(chunks, None))) is not None:
            yield chunk

    def _next(self) -> tuple[float, str]:
        if self._begun:
            return self._now() + self._endpoint.deadlines.between_tokens, "between_tokens"
        return self._begins, self._first
