"""The engines that are held to TGI's description, each served on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

from arriero_backend import contract
from arriero_backend.local.engine import LlamaEngine
from arriero_backend.simulated.application import app as simulated_app
from arriero_backend.simulated.engine import SimulatedEngine
from backend.local import tiny


def simulated(folder: Path) -> ASGIApp:
    (folder / "a.py").write_text("x = 1\n")
    return simulated_app(SimulatedEngine(folder))


def local(folder: Path) -> ASGIApp:
    return contract.app(LlamaEngine(tiny.write(folder / "tiny.gguf"), folder))


# To hold another engine to the contract, add it here.
ENGINES: tuple[Callable[[Path], ASGIApp], ...] = (simulated, local)


class Server(uvicorn.Server):
    """A server in a thread, which has no signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        self.answers.set()

    @property
    def url(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: engine.__name__)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve each engine in turn, and return its address."""
    app = request.param(tmp_path_factory.mktemp("engine"))
    server = Server(
        uvicorn.Config(app, port=0, http="h11", ws="none", lifespan="on", log_level="critical")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.answers.wait(20)
        yield server.url
    finally:
        server.should_exit = True
        thread.join(20)
