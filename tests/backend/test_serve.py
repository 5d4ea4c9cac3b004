"""Running a server as a process that others start, trust to end, and understand when it cannot."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from arriero_backend import serve

SECONDS = 20  # what a busy machine may need; nothing waits for it on purpose


@asynccontextmanager
async def process(truth: Path, *arguments: str) -> AsyncIterator[Process]:
    """Start the simulated model as a process; it is gone after the test."""
    command = (sys.executable, "-m", "arriero_backend.simulated", "--truth", str(truth), *arguments)
    started = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def ready(server: Process) -> dict[str, object]:
    """Wait for the line that says where the server is."""
    line = await asyncio.wait_for(server.stdout.readline(), SECONDS)
    return json.loads(line)


async def test_it_says_where_it_is_when_it_answers(tmp_path):
    async with process(tmp_path) as server:
        told = await ready(server)
        assert told["pid"] == server.pid
        async with httpx2.AsyncClient(base_url=told["url"], timeout=SECONDS) as client:
            assert (await client.get("/health")).status_code == 200


async def test_it_goes_when_its_parent_does(tmp_path):
    async with process(tmp_path, "--until-stdin-closes") as server:
        await ready(server)
        server.stdin.close()
        assert await asyncio.wait_for(server.wait(), SECONDS) == 0


async def test_without_that_option_a_closed_stdin_means_nothing(tmp_path):
    async with process(tmp_path) as server:
        server.stdin.close()
        told = await ready(server)
        async with httpx2.AsyncClient(base_url=told["url"], timeout=SECONDS) as client:
            assert (await client.get("/health")).status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes without a signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_cleanly_though_an_answer_is_running(tmp_path, number):
    async with process(tmp_path, "--stall-at", "0") as server:
        told = await ready(server)
        async with (
            httpx2.AsyncClient(base_url=told["url"], timeout=SECONDS) as client,
            client.stream("POST", "/generate_stream", json={"inputs": "Hi"}) as answer,
        ):
            assert answer.status_code == 200
            server.send_signal(number)
            assert await asyncio.wait_for(server.wait(), SECONDS) == 0
        assert await server.stderr.read() == b""


async def test_a_port_in_use_is_one_plain_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with process(tmp_path, "--port", str(port)) as server:
            out, err = await asyncio.wait_for(server.communicate(), SECONDS)
            assert server.returncode == 1
    assert out == b""
    assert err.decode().startswith(f"Port {port} on 127.0.0.1 cannot be used: ")
    assert err.count(b"\n") == 1


async def test_missing_truth_is_one_plain_sentence(tmp_path):
    async with process(tmp_path / "nowhere") as server:
        _, err = await asyncio.wait_for(server.communicate(), SECONDS)
    assert server.returncode == 2
    assert err.decode().startswith("There is nothing at ")


STARTLESS = """
import sys
from arriero_backend import contract, serve
from arriero_backend.simulated.engine import SimulatedEngine
class Broken(SimulatedEngine):
    async def start(self):
        raise OSError("the weights are not all there")
sys.exit(serve.run(contract.app(Broken("."))))
"""


async def test_an_engine_that_cannot_start_is_one_plain_sentence():
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTLESS, stdout=PIPE, stderr=PIPE
    )
    out, err = await asyncio.wait_for(server.communicate(), SECONDS)
    assert server.returncode == 1
    assert out == b""
    assert err.decode() == "the weights are not all there\n"


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_said(port, capsys):
    assert serve.run(None, port) == 2
    assert capsys.readouterr().err == f"{port} is no port: ports are numbers from 0 to 65535.\n"
