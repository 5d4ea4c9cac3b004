"""The embedded model: its process, started on demand, and the driver that speaks to it.

It is a server like any other, behind the same HTTP, so that everything is always tried on the real
way. The process ends with us, however we end: it holds our pipe as its stdin.
"""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from arriero.errors import NoBackend, Unreachable
from arriero.model.driver import Driver, Late
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from arriero.programs import PYTHON

# The exit code of the local backend when a package or the model is missing; its stderr says which.
MISSING = 3

# The first start expands the weights, which takes some seconds on a slow disk.
START_SECONDS = 120.0

logger = logging.getLogger(__name__)


class LocalModel(Late):
    """The model in its process. A process that died is started again by the next request."""

    def __init__(self, gguf: Path | None) -> None:
        self._gguf = gguf
        self._process: Process | None = None
        self._starting: asyncio.Task[Driver] | None = None
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, gguf: Path | None) -> LocalModel:
        """Start the process. Raises NoBackend, with the command that mends it, or Unreachable."""
        model = cls(gguf)
        await model.driver()
        return model

    async def close(self) -> None:
        """End the process, also one that is only starting."""
        if self._starting and not self._starting.done():
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self._end()

    async def _end(self) -> None:
        driver, self._driver = self._driver, None
        process, self._process = self._process, None
        if driver:
            await driver.close()
        if process and process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    async def driver(self) -> Driver:
        """Return the driver to the process, which is started if it does not run.

        All who ask meanwhile wait for the same start, and one who gives up does not end it.
        """
        if self._driver and self._process and self._process.returncode is None:
            return self._driver
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._restarted())
        return await asyncio.shield(self._starting)

    async def _restarted(self) -> Driver:
        await self._end()
        self._process = await self._spawn()
        try:
            self._driver = Tgi(Endpoint(await self._address(self._process)))
        except BaseException:
            await self._end()
            raise
        # Nobody reads on, and a full pipe would stop the process.
        self._listening = asyncio.create_task(_drain(self._process))
        return self._driver

    async def _spawn(self) -> Process:
        gguf = ("--gguf", str(self._gguf)) if self._gguf else ()
        return await asyncio.create_subprocess_exec(
            *(*PYTHON, "arriero_backend.local", "--port", "0"),
            *("--until-stdin-closes", *gguf),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
        )

    async def _address(self, process: Process) -> str:
        """Return the url that the process prints when it is ready; raises what it died of."""
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            process.kill()
            raise Unreachable(
                f"The local model did not start within {START_SECONDS:.0f} seconds. "
                "Run `arriero backend local` to see why."
            ) from None
        if line:
            return str(json.loads(line)["url"])
        raise await _died(process)


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        logger.info("local model: %s", line.decode("utf-8", "replace").rstrip())


async def _died(process: Process) -> NoBackend | Unreachable:
    assert process.stderr is not None
    told = (await process.stderr.read()).decode("utf-8", "replace").strip()
    if await process.wait() == MISSING:
        return NoBackend(told)
    last = told.splitlines()[-1] if told else f"exit code {process.returncode}"
    return Unreachable(
        f"The local model could not start: {last.rstrip('.')}. Run `arriero backend local` to see "
        "more; the setting `local.gguf` names another model."
    )
