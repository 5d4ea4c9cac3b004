"""The embedded model: the process that all editors share, and the driver that speaks to it.

It is a server like any other, behind the same HTTP, so that everything is always tried on the real
way. The backend's own program knows where the process is, and starts one where there is none; it
ends by itself when nobody has asked for anything for a while, and the next request starts another.
"""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

from arriero import log
from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.errors import Interrupted, NoBackend, Unreachable
from arriero.model.driver import Driver, Late
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from arriero.programs import PYTHON

# The exit code of the local backend when a package or the model is missing; its stderr says which.
MISSING = 3

# The first start expands the weights, which takes some seconds on a slow disk.
START_SECONDS = 120.0


class LocalModel(Late):
    """The model in its process; `gguf` names its file, without it the one that was fetched."""

    def __init__(self, gguf: Path | None) -> None:
        self._gguf = gguf
        self._finding: asyncio.Task[Driver] | None = None

    @classmethod
    async def start(cls, gguf: Path | None) -> LocalModel:
        """Start the process. Raises NoBackend, with the command that mends it, or Unreachable."""
        model = cls(gguf)
        await model.driver()
        return model

    async def close(self) -> None:
        """Let go of the process, which others may use."""
        if self._finding and not self._finding.done():
            self._finding.cancel()
            await asyncio.gather(self._finding, return_exceptions=True)
        if self._driver:
            await self._forget(self._driver)

    async def driver(self) -> Driver:
        """Return the driver to the process, which is started if there is none.

        All who ask meanwhile wait for the same start, and one who gives up does not end it.
        """
        if self._driver:
            return self._driver
        if self._finding is None or self._finding.done():
            self._finding = asyncio.create_task(self._found())
            self._finding.add_done_callback(_heard)
        return await asyncio.shield(self._finding)

    @asynccontextmanager
    async def stream(
        self, prompt: Prompt, *, explicit: bool
    ) -> AsyncIterator[AsyncIterator[Piece | End]]:
        """Generate, by another process if the one that was known is gone."""
        async with aclosing(self._pieces(prompt, explicit)) as pieces:
            yield pieces

    async def _pieces(self, prompt: Prompt, explicit: bool) -> AsyncGenerator[Piece | End]:
        driver, begun = await self.driver(), False
        try:
            async with driver.stream(prompt, explicit=False) as pieces:
                async for piece in pieces:
                    begun = True
                    yield piece
            return
        except (Unreachable, Interrupted):
            if begun:
                raise
            await self._forget(driver)
        async with (await self.driver()).stream(prompt, explicit=explicit) as pieces:
            async for piece in pieces:
                yield piece

    async def _forget(self, driver: Driver) -> None:
        if self._driver is driver:
            self._driver = None
        await driver.close()

    async def _found(self) -> Driver:
        gguf = ("--gguf", str(self._gguf)) if self._gguf else ()
        asking = await asyncio.create_subprocess_exec(
            *(*PYTHON, "arriero_backend.local", "--shared", *gguf),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                said, complaint = await asking.communicate()
        except TimeoutError:
            raise Unreachable(
                f"The local model did not start within {START_SECONDS:.0f} seconds. "
                "Run `arriero backend local` to see why."
            ) from None
        finally:
            await _end(asking)
        if asking.returncode:
            raise _why(asking.returncode, complaint.decode("utf-8", "replace").strip())
        told = json.loads(said)
        log.hide(told["key"])
        self._driver = Tgi(Endpoint(told["url"], key=told["key"]))
        return self._driver


def _heard(finding: asyncio.Task[Driver]) -> None:
    """Take note of a failure that everybody who waited for it may have given up hearing of."""
    if not finding.cancelled():
        finding.exception()


async def fetch() -> AsyncGenerator[tuple[int, int]]:
    """Fetch the demo model; yield how many bytes are there, of how many.

    Raises NoBackend where it cannot be had. Closing it ends the download.
    """
    fetching = await asyncio.create_subprocess_exec(
        *(*PYTHON, "arriero_backend.local", "--fetch", "--json"),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        assert fetching.stdout is not None
        assert fetching.stderr is not None
        async for line in fetching.stdout:
            told = json.loads(line)
            yield told["done"], told["total"]
        complaint = (await fetching.stderr.read()).decode("utf-8", "replace").strip()
        if await fetching.wait():
            raise NoBackend(complaint)
    finally:
        await _end(fetching)


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):  # it may end just now
            process.terminate()
        await process.wait()


def _why(code: int, told: str) -> NoBackend | Unreachable:
    if code == MISSING:
        return NoBackend(told)
    last = told.splitlines()[-1] if told else f"exit code {code}"
    return Unreachable(
        f"The local model could not start: {last.rstrip('.')}. Run `arriero backend local` to see "
        "more; the setting `local.gguf` names another model."
    )
