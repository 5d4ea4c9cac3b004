"""Whether the editor is still there: a server whose editor crashed must not stay behind."""

from __future__ import annotations

import asyncio
import os
import sys

_PERIOD = 1.0  # seconds between two looks


def visible(pid: int | None) -> int | None:
    """Return the process that the client named if it can be seen.

    One that cannot says nothing: it may be the editor on the other side of a container's wall, or
    of the network. To be asked before the initialize reply: the editor lives until then.
    """
    return pid if pid is not None and _alive(pid) else None


async def orphaned(pid: int | None) -> None:
    """Return when this process is gone; without one, never."""
    if pid is None:
        await asyncio.Event().wait()
        return
    was_parent = pid == os.getppid()
    # No event tells of it, on all systems: it has to be looked at (ASYNC110).
    while _alive(pid) and (not was_parent or pid == os.getppid()):  # noqa: ASYNC110
        await asyncio.sleep(_PERIOD)


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE, _TIMED_OUT = 0x00100000, 0x102

    def _alive(pid: int) -> bool:
        # os.kill with signal 0 would end the process on Windows.
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        if not handle:
            return False
        alive = kernel.WaitForSingleObject(handle, 0) == _TIMED_OUT
        kernel.CloseHandle(handle)
        return bool(alive)

else:

    def _alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
