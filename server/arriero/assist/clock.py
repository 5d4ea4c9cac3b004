"""The time by which we wait and judge: the event loop's, which a simulation can let pass."""

from __future__ import annotations

import asyncio


def now() -> float:
    """Return the loop's time in seconds."""
    return asyncio.get_running_loop().time()
