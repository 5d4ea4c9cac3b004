"""Whose turn it is: how many streams of ours run on one model server at once.

What people ask for goes first, and one slot is kept free for it. Of what the editor asks for while
they type, the newest goes first. Who gives up while waiting is never sent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Turn = asyncio.Future[None]


class Slots:
    """Slots for `total` streams; with one alone, nothing is kept free."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._unasked = max(1, total - 1)
        self._running = 0
        self._asked_for: deque[Turn] = deque()
        self._typed: deque[Turn] = deque()

    @asynccontextmanager
    async def taken(self, *, explicit: bool) -> AsyncIterator[None]:
        """Wait for a slot, and hold it."""
        turn = asyncio.get_running_loop().create_future()
        waiting = self._asked_for if explicit else self._typed
        waiting.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                waiting.remove(turn)
            else:
                self._free()  # it was admitted in the same moment
            raise
        try:
            yield
        finally:
            self._free()

    def _free(self) -> None:
        self._running -= 1
        self._admit()

    def _admit(self) -> None:
        while self._asked_for and self._running < self._total:
            self._begin(self._asked_for.popleft())
        while self._typed and self._running < self._unasked:
            self._begin(self._typed.pop())

    def _begin(self, turn: Turn) -> None:
        if not turn.done():
            self._running += 1
            turn.set_result(None)
