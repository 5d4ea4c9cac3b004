"""A failing server as a program, for `arriero backend simulate --fault`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from functools import partial

from starlette.types import ASGIApp

from arriero_backend.faults.script import Moment
from arriero_backend.faults.server import FaultyServer, serving
from arriero_backend.faults.table import FAULTS


def run(app: ASGIApp, fault: str, moment: Moment, port: int, *, until_stdin_closes: bool) -> int:
    """Serve on loopback with a fault in every answer; return the exit code.

    Says where it is as arriero_backend.serve does.
    """

    async def serve() -> None:
        async with serving(app, partial(FaultyServer, port=port)) as server:
            server.order(FAULTS[fault], moment)
            url = f"http://127.0.0.1:{server.port}"
            print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)
            if until_stdin_closes:
                await asyncio.to_thread(sys.stdin.buffer.read)
            else:
                await asyncio.Event().wait()

    asyncio.run(serve())
    return 0


def ordered(text: str) -> tuple[str, Moment]:
    """Read `name` or `name@moment`. Raises ValueError for what there is not."""
    name, _, moment = text.partition("@")
    if name not in FAULTS:
        raise ValueError(f"{name!r} is no fault; there are: {', '.join(FAULTS)}")
    # At the meeting, nothing but the fault would ever be seen.
    moments = [each for each in FAULTS[name].moments if each != "meeting"]
    found = next((each for each in FAULTS[name].moments if each == moment), None)
    if moment and found is None:
        raise ValueError(f"{name!r} has no moment {moment!r}; there are: {', '.join(moments)}")
    return name, found or moments[0]
