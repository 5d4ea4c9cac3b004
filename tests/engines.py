"""An engine that says what a test tells it to, and ways to reach it: in memory, and on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import httpx2
import uvicorn
from starlette.types import ASGIApp

from arriero_backend.engine import Facts, InputToken, Sampling, Token

END = Token(2, "</s>", -0.5, special=True)
STEP = Token(32015, "<step>", -0.5, special=True)

# A step of a script: text becomes a token, an exception is raised, an event is waited for.
Step = str | Token | Exception | asyncio.Event


@dataclass
class ScriptedEngine:
    """Says its script, whatever the prompt; one token for each character that it is asked about."""

    script: Sequence[Step] = ("Hello", " world", END)
    facts: Facts = field(
        default_factory=lambda: Facts("the/model", 100, 128, 8, "scripted", None, "text-generation")
    )
    end_ids: frozenset[int] = frozenset({2})
    asked: list[tuple[str, Sequence[int], Sampling, int]] = field(default_factory=list)
    # How each generation ended: "exhausted", "closed" by one who heard enough, "gone".
    ends: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    # Released once for each generation that begins.
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    life: list[str] = field(default_factory=list)

    def encode(self, text: str, *, add_special_tokens: bool = True) -> Sequence[InputToken]:
        begin = [InputToken(1, "", 0, 0)] if add_special_tokens else []
        return begin + [InputToken(ord(c), c, n, n + 1) for n, c in enumerate(text)]

    def render_chat(self, messages: Sequence[Mapping[str, str]]) -> str:
        if any(message["role"] == "tool" for message in messages):
            raise ValueError("Conversation roles must alternate")
        return "".join(f"<{m['role']}>{m['content']}\n" for m in messages) + "<assistant>"

    async def generate(
        self, prompt: str, ids: Sequence[int], sampling: Sampling, max_new_tokens: int
    ) -> AsyncGenerator[Token]:
        self.asked.append((prompt, ids, sampling, max_new_tokens))
        self.begun.release()
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield Token(7, step, -0.25) if isinstance(step, str) else step
            self.ends.append("exhausted")
        except asyncio.CancelledError:
            self.ends.append("gone")
            raise
        except GeneratorExit:
            self.ends.append("closed")
            raise
        finally:
            self.ended.set()

    async def start(self) -> None:
        self.life.append("started")

    async def close(self) -> None:
        self.life.append("closed")


def in_memory(app: ASGIApp) -> httpx2.AsyncClient:
    """Return a client that calls the application directly. It cannot hang up in the middle."""
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1")


class Server(uvicorn.Server):
    """A server that leaves the signals of the test's process alone."""

    def capture_signals(self) -> nullcontext[None]:
        return nullcontext()


@asynccontextmanager
async def on_loopback(app: ASGIApp) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve the application on a free port, in this event loop; yield a client of it."""
    config = uvicorn.Config(app, port=0, http="h11", ws="none", lifespan="on", log_level="critical")
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        async with httpx2.AsyncClient(base_url=f"http://{host}:{port}", timeout=10) as client:
            yield client
    finally:
        await server.shutdown()
