"""The real process, spoken to byte by byte."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from arriero.lsp.framing import Frames, frame
from metamodel import Witness
from wire import HANGS

COMMAND = [sys.executable, "-m", "arriero", "serve"]
ENVIRONMENT = {"ARRIERO_LOCAL_ENABLED": "false", "ARRIERO_CONFIG": os.devnull}
PIPE = asyncio.subprocess.PIPE


class Line:
    """A process and what it says; every message of it is held to the protocol's own model."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._frames, self._heard = Frames(), []
        self._ids = itertools.count(1000)
        self.witness = Witness()

    def write(self, data: bytes) -> None:
        self.process.stdin.write(data)

    def say(self, *messages: dict) -> None:
        for message in messages:
            self.witness.to_server({"jsonrpc": "2.0", **message})
            self.write(frame({"jsonrpc": "2.0", **message}))

    async def hear(self) -> dict | None:
        """Return the next message, or None at the end."""
        while not self._heard:
            async with asyncio.timeout(HANGS):
                data = await self.process.stdout.read(65536)
            if not data:
                return None
            for body in self._frames.feed(data):
                self._heard.append(json.loads(body))
                self.witness.from_server(self._heard[-1])
        return self._heard.pop(0)

    async def answers(self, count: int) -> list[dict]:
        """Return the next answers, and any that come besides before a further request's."""
        found = [await self._answer() for _ in range(count)]
        probe = next(self._ids)
        self.say({"id": probe, "method": "test/probe"})
        while (answer := await self._answer())["id"] != probe:
            found.append(answer)
        return found

    async def _answer(self) -> dict:
        while message := await self.hear():
            if "method" not in message:
                return message
        raise AssertionError("the server ended")

    async def start(self, **capabilities: object) -> dict:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities}
        self.say({"id": 0, "method": "initialize", "params": params})
        answer = await self.hear()
        self.say({"method": "initialized", "params": {}})
        return answer

    async def end(self) -> tuple[list[dict], int]:
        """Close the input; return what still comes and the exit code."""
        self.process.stdin.close()
        rest = []
        while message := await self.hear():
            rest.append(message)
        return rest, await self.process.wait()


@asynccontextmanager
async def line(**environment: str) -> AsyncIterator[Line]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **ENVIRONMENT, **environment},
    )
    spoken = Line(process)
    try:
        yield spoken
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
    spoken.witness.check()
