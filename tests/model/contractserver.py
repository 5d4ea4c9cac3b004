"""The project's own TGI contract on loopback, over an engine that says what it was told to."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import uvicorn

from arriero_backend.contract import app
from arriero_backend.engine import EngineError, Facts, InputToken, Token

EOS = Token(2, "</s>", -0.1, special=True)


class ScriptedEngine:
    """One token per character, and `<s>` before them. Items are tokens, faults, or events."""

    end_ids = frozenset({2})

    def __init__(
        self, *items: Token | EngineError | asyncio.Event, model: str = "toy/model"
    ) -> None:
        self.facts = Facts(model, 40, 60, 2, "arriero-simulated")
        self.items = items
        self.prompts: list[str] = []
        self.begun = asyncio.Event()
        self.closed = asyncio.Event()

    def encode(self, text, *, add_special_tokens=True):
        bos = [InputToken(1, "<s>", 0, 0)] if add_special_tokens else []
        return bos + [InputToken(100, sign, at, at + 1) for at, sign in enumerate(text)]

    def render_chat(self, messages) -> str:
        return "".join(message["content"] for message in messages)

    async def generate(self, prompt, ids, sampling, max_new_tokens):
        self.prompts.append(prompt)
        self.begun.set()
        try:
            for item in self.items[:max_new_tokens]:
                if isinstance(item, asyncio.Event):
                    await item.wait()
                elif isinstance(item, EngineError):
                    raise item
                else:
                    yield item
        finally:
            self.closed.set()

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class Server(uvicorn.Server):
    def __init__(self, config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets)
        self.ready.set()


def contract(engine, *, port=0, **options):
    """Serve an engine; give the URL."""
    return served(app(engine, **options), port)


@asynccontextmanager
async def served(application, port=0):
    """Serve an application; give the URL."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(application, log_level="critical", ws="none", http="h11")
    server = Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    await server.ready.wait()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()
