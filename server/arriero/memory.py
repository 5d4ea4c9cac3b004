"""The memory of a process that lives as long as the editor: garbage is found, what is free goes."""

from __future__ import annotations

import gc
import sys
from typing import Any

# How often the collector looks through objects of the three generations.
USUAL = gc.get_threshold()
SELDOM = (5_000, 1_000, 1_000)

# mallopt(3): memory of this size and more is taken from the system for itself, and goes back whole.
M_MMAP_THRESHOLD = -3
LARGE = 1 << 20  # bytes


def begin() -> None:
    """Look for garbage seldom while modules are imported, which stay to the end.

    To look through all of them, again and again while they grow, takes a fifth of the time that
    they take.
    """
    gc.set_threshold(*SELDOM)


def settle() -> None:
    """Look for garbage as often as Python does, and no more among all that was imported.

    An error and the frames that it came through hold each other, so there is garbage to find at
    every request that fails. A large answer that was refused leaves no hole either: glibc would
    raise its limit to the largest block that was ever freed, and take all up to it from the heap.
    """
    if gc.get_freeze_count():  # over TCP there may be several servers
        return
    gc.freeze()
    gc.set_threshold(*USUAL)
    if limit := _of_c("mallopt"):
        limit(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Return freed memory to the system, where the C library does so only when asked (glibc).

    To read a tokenizer of 32,000 pieces takes 25 MB; half of them are free afterwards, in pieces
    among the others, and would stay.
    """
    if trim := _of_c("malloc_trim"):
        trim(0)


def _of_c(name: str) -> Any:
    """Return a function of the C library on Linux; None where it has none, as musl."""
    if sys.platform != "linux":
        return None
    import ctypes  # only now: an editor waits for the start

    return getattr(ctypes.CDLL(None), name, None)
