"""How much of the processor the model may take."""

from __future__ import annotations

import os


def set_default() -> None:
    """Let BLAS use `count()` threads unless the environment says otherwise; before NumPy loads."""
    os.environ.setdefault("OMP_NUM_THREADS", str(count()))


def count() -> int:
    """Return half of the logical processors: about the cores, less those that others need.

    BLAS's threads wait for each other by spinning. With as many of them as processors, one other
    busy program made a piece of 256 tokens 3 to 12 times slower and a token 2 to 25 times (2
    cores); with half as many it changed nothing.
    """
    return max(1, (os.cpu_count() or 1) // 2)
