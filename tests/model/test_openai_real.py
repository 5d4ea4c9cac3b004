"""The driver to OpenAI's protocol and a real server of it, with a real model: llama-cpp-python's.

`make test-openai` installs that server beside the project; LLAMA_CPP_PYTHON is its Python.
"""

import asyncio
import os
import socket
from contextlib import asynccontextmanager

import pytest

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Turn
from arriero.errors import Interrupted, Unreachable
from arriero.model.endpoint import Endpoint
from arriero.model.openai import OpenAi
from arriero.model.remote import Remote
from arriero_backend.local import model
from model.driving import everything

pytestmark = pytest.mark.openai

PYTHON = os.environ.get("LLAMA_CPP_PYTHON", "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def real_server():
    """A server with the demo model; its process ends with the block."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, "-m", "llama_cpp.server", "--model", str(model.find()), "--n_ctx", "1024"),
        *("--host", "127.0.0.1", "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async for line in process.stderr:
            if b"Uvicorn running" in line:
                break
        reading = asyncio.create_task(process.stderr.read())  # a full pipe would stop it
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
        await reading


def said(items) -> str:
    return "".join(item.text for item in items if isinstance(item, Piece))


async def test_a_real_server_and_model():
    async with real_server() as url:
        remote = Remote(Endpoint(f"{url}/v1"))

        info = await remote.info()
        assert (type(await remote.driver()), info.backend) == (OpenAi, "openai")
        assert info.id.endswith(".gguf")

        code = Prompt("def add(a, b):\n    return", ("\n",), frozenset({2}), 12)
        first, second = [await everything(remote, code) for _ in range(2)]
        assert first == second  # greedy
        assert (said(first[0]), first[0][-1].reason) == (" a + b", "eos_token")

        chat = Prompt("", (), frozenset(), 6, turns=(Turn("user", "Say hello."),))
        items, error = await everything(remote, chat)
        assert (error, items[-1]) == (None, End("length"))
        assert said(items).startswith("Hello")

        # Whoever leaves is not in the way of the next.
        async with remote.stream(code, explicit=False) as pieces:
            await anext(pieces)
        assert await everything(remote, code) == first

        # A length that others refuse in words breaks this server's answer off, and it closes the
        # connection a moment later: the next request meets it closed, and is sent over another.
        _, error = await everything(remote, Prompt("x " * 3000, (), frozenset(), 6))
        assert isinstance(error, Interrupted)
        assert await everything(remote, code) == first

    _, error = await everything(remote, code)
    assert isinstance(error, Unreachable | Interrupted)
    await remote.close()
