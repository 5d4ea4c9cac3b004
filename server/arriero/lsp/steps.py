"""Work on what is large, in steps: a file of 50 MB must not keep a keystroke waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TypeVar

# Bytes or characters that are worked through at once; that takes about ten milliseconds.
STEP = 1 << 20

T = TypeVar("T")

Steps = Generator[None, None, T]


async def in_turns(steps: Steps[T]) -> T:
    """Return what the steps return, with a turn of the loop after each of them."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        await asyncio.sleep(0)
