"""A house whose model server fails: in its answers, or in how it is reached."""

from __future__ import annotations

import asyncio
import datetime
import gc
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from arriero_backend.faults.script import Moment
from arriero_backend.faults.server import FaultyServer, serving
from arriero_backend.faults.table import FAULTS
from arriero_backend.simulated.application import app as simulated
from arriero_backend.simulated.engine import SimulatedEngine
from desk import Desk
from e2e.house import in_memory, settings
from e2e.truth import write

REACHED: tuple[Moment, ...] = ("meeting", "before")

AUTHORITY, STRANGER = trustme.CA(), trustme.CA()
PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
CERTIFICATES = {
    "good": AUTHORITY.issue_cert("127.0.0.1"),
    "self-signed": STRANGER.issue_cert("127.0.0.1"),
    "expired": AUTHORITY.issue_cert("127.0.0.1", not_after=PAST),
    "of another host": AUTHORITY.issue_cert("gpu.example"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A fault on the way to the server. `secure`: the server has TLS while all is well."""

    about: str
    says: str
    secure: bool = False
    harmless: bool = False
    moments: tuple[Moment, ...] = REACHED
    elsewhere: str = "a connection that stands is not looked up or made again"


WAYS = {
    "refused": Way("nothing listens", "connection refused"),
    "unknown host": Way("the name is not known", "is not known here"),
    "self-signed": Way("nobody known signed the certificate", "is not trusted", secure=True),
    "expired": Way("the certificate has run out", "certificate has expired", secure=True),
    "of another host": Way("the certificate is another's", "is not trusted", secure=True),
    "no TLS": Way("HTTP at the port of TLS", "No secure connection", secure=True),
}
ALL = {**WAYS, **FAULTS}


class House:
    """A server that is well, until a fault begins."""

    def __init__(self, server: FaultyServer, name: str) -> None:
        self.server = server
        self.name = name
        self.way = WAYS.get(name)
        self._resolve = socket.getaddrinfo

    @property
    def url(self) -> str:
        if self.way and self.way.secure:
            return f"https://127.0.0.1:{self.server.port}"
        host = "localhost" if self.name == "unknown host" else "127.0.0.1"
        return f"http://{host}:{self.server.port}"

    async def restart(self, certificate: str) -> None:
        await self.server.stop()
        await self.start(context(certificate) if certificate else None)

    async def start(self, context: ssl.SSLContext | None = None) -> None:
        """Listen again; the system may have lent the port to a connection for a moment."""
        for _ in range(200):
            try:
                return await self.server.start(context)
            except OSError:
                await asyncio.sleep(0.01)
        return await self.server.start(context)

    async def begin(self, moment: Moment) -> None:
        """Let the fault occur from now on."""
        if not self.way:
            self.server.order(FAULTS[self.name], moment)
        elif self.name == "refused":
            await self.server.stop()
        elif self.name == "unknown host":
            await self.restart("")  # so that it has to be looked up
            socket.getaddrinfo = _unknown
        else:
            await self.restart("" if self.name == "no TLS" else self.name)

    async def end(self) -> None:
        """Let all be well again."""
        socket.getaddrinfo = self._resolve
        if not self.way:
            self.server.order(None)
        elif self.way.secure:
            await self.restart("good")
        elif self.name == "refused":
            await self.start()


def context(certificate: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CERTIFICATES[certificate].configure_cert(made)
    return made


def _unknown(*_: object, **__: object) -> list[object]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@asynccontextmanager
async def house(folder: Path, name: str) -> AsyncIterator[House]:
    """Serve a model that knows the truth."""
    engine = SimulatedEngine(write(folder / "truth").parent)
    async with serving(simulated(engine)) as server:
        made = House(server, name)
        if made.way and made.way.secure:
            await made.restart("good")
        try:
            yield made
        finally:
            await made.end()


@asynccontextmanager
async def desk(folder: Path, made: House, deadlines: dict[str, float]) -> AsyncIterator[Desk]:
    """Sit down at an editor of that house."""
    authority = folder / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(authority))
    told = settings(made.url, deadlines=deadlines, ca_file=str(authority), completion={"pace": 0.0})
    async with in_memory(folder, told) as sitting:
        yield sitting


def open_files() -> int:
    """Return how many files and sockets this process has open; 0 where nobody says."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
