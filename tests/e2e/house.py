"""The whole house: an editor, the server with its real driver, and the simulated 70B over HTTP."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from arriero import app
from arriero.lsp.client import Client
from arriero_backend.simulated.application import app as simulated_app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.models import CHAT_70B, Model
from arriero_backend.simulated.orders import Orders
from desk import FULL, Desk
from engines import on_loopback
from wire import wired

NO_MODEL = (
    "The embedded model is not there yet. Run "
    f"`{sys.executable} -m arriero backend local --fetch`, or the command `arriero.fetch` "
    "in an editor, to download it (93 MB)."
)
SERVE = (sys.executable, "-m", "arriero", "serve")


class Backend:
    """The simulated model, in this process. Its `orders` can be changed while it runs."""

    def __init__(self, engine: SimulatedEngine, url: str) -> None:
        self.engine = engine
        self.url = url

    def order(self, **orders: object) -> None:
        self.engine.orders = Orders(**orders)

    @property
    def states(self) -> list[str]:
        """How each generation stands, the oldest first."""
        return [record.state for record in self.engine.records]

    @property
    def prompts(self) -> list[str]:
        return [record.prompt for record in self.engine.records]


@asynccontextmanager
async def backend(
    truth: Path, *, key: str | None = None, model: Model = CHAT_70B, **orders: object
):
    """Serve a model that knows the files under `truth`."""
    engine = SimulatedEngine(truth, Orders(**orders), model)
    async with on_loopback(simulated_app(engine, key=key)) as client:
        yield Backend(engine, str(client.base_url).rstrip("/"))


def settings(url: str, **more: object) -> dict[str, object]:
    """Return an editor's settings; without a url there is nothing, whatever this computer has."""
    return {"url": url, "local": {"enabled": False}, **more}


@asynccontextmanager
async def in_memory(root: Path, told: dict[str, object]) -> AsyncIterator[Desk]:
    async with wired(app.server(), root=root, settings=told, capabilities=FULL) as client:
        yield Desk(None, client, root)


@asynccontextmanager
async def over_stdio(root: Path, told: dict[str, object]) -> AsyncIterator[Desk]:
    async with Client.spawn(SERVE, root, settings=told, capabilities=FULL) as client:
        yield Desk(None, client, root)


@asynccontextmanager
async def over_tcp(root: Path, told: dict[str, object]) -> AsyncIterator[Desk]:
    process = await asyncio.create_subprocess_exec(*SERVE, "--tcp", "127.0.0.1:0", stderr=PIPE)
    assert process.stderr is not None
    try:
        said = (await process.stderr.readline()).decode()
        host, port = said.removeprefix("arriero listens on ").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        async with Client.over(reader, writer, root, settings=told, capabilities=FULL) as client:
            yield Desk(None, client, root)
        await writer.wait_closed()
    finally:
        process.kill()
        await process.communicate()
