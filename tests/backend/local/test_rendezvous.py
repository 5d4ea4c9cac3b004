"""The process that all editors share, real each time, with a tiny model."""

import asyncio
import json
import os
import signal
import stat
import sys
import threading
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from arriero_backend.local import rendezvous
from arriero_backend.local.rendezvous import Rendezvous, Running
from backend.local import tiny

PATIENCE = 30  # seconds; nothing waits for so long on purpose


@pytest.fixture
def found(tmp_path, monkeypatch, gguf):
    """Return a function that asks where the process is, as an editor does."""
    cache = tmp_path / "c"
    monkeypatch.setenv("ARRIERO_CACHE", str(cache))
    pids = set()

    async def find(*arguments: str, gguf: Path = gguf) -> Running:
        named = ("--gguf", str(gguf), *arguments)
        command = (sys.executable, "-m", "arriero_backend.local", "--shared", *named)
        asking = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
        said, complaint = await asyncio.wait_for(asking.communicate(), PATIENCE)
        assert not complaint, complaint
        running = Running.from_json(said.decode())
        pids.add(running.pid)
        return running

    find.run = cache / "run"
    yield find
    for pid in pids:
        kill(pid)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    except OSError:
        return  # it has ended


def client(running: Running, key: str | None = None) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {running.key if key is None else key}"}
    if running.url.startswith("unix://"):
        transport = httpx2.AsyncHTTPTransport(uds=running.url.removeprefix("unix://"))
        return httpx2.AsyncClient(
            base_url="http://localhost", transport=transport, headers=headers, timeout=PATIENCE
        )
    return httpx2.AsyncClient(base_url=running.url, headers=headers, timeout=PATIENCE)


async def connected(running: Running):
    """Connect without asking for anything."""
    if running.url.startswith("unix://"):
        return await asyncio.open_unix_connection(running.url.removeprefix("unix://"))
    host, _, port = running.url.removeprefix("http://").rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def status(running: Running, key: str | None = None) -> int:
    async with client(running, key) as http:
        return (await http.post("/tokenize", json={"inputs": "x"})).status_code


async def test_all_who_ask_at_once_find_the_same_process(found):
    first, *others = await asyncio.gather(*(found() for _ in range(4)))
    assert others == [first] * 3
    assert await status(first) == 200


async def test_another_file_has_another_process(found, tmp_path):
    one = await found()
    other = await found(gguf=tiny.write(tmp_path / "other.gguf", seed=1))
    assert one.pid != other.pid


async def test_a_file_that_changed_has_another_process(found, tmp_path):
    gguf = tiny.write(tmp_path / "changing.gguf")
    one = await found(gguf=gguf)
    tiny.write(gguf, seed=1)
    assert (await found(gguf=gguf)).pid != one.pid


async def test_a_process_that_was_killed_is_not_believed_in(found):
    first = await found()
    kill(first.pid)
    second = await found()
    assert second.pid != first.pid
    assert await status(second) == 200


@pytest.mark.parametrize("left", ["", "{}", '{"url": "http://127.0.0.1:1", "key": "k", "pid": 1}'])
async def test_what_somebody_left_there_is_not_believed(found, left):
    await found()
    (file,) = found.run.glob("*.json")
    file.write_text(left)
    assert await status(await found()) == 200


async def test_the_key_is_asked_for(found):
    assert await status(await found(), key="guessed") == 401


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
async def test_nobody_else_reaches_it(found):
    running = await found()
    assert running.url.startswith("unix://")
    (file,) = found.run.glob("*.json")
    assert stat.S_IMODE(found.run.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_where_a_path_is_too_long_for_a_socket_it_is_a_port_of_loopback(found, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(found.run.parent / ("d" * rendezvous.LONGEST_SOCKET)))
    running = await found()
    assert running.url.startswith("http://127.0.0.1:")
    assert await status(running) == 200


async def test_it_ends_when_nobody_asks_any_more_and_leaves_nothing_to_find(found):
    running = await found("--idle", "0.1")
    with suppress(OSError):  # it may be gone already
        reader, writer = await connected(running)
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()
    assert not [*found.run.glob("*.json"), *found.run.glob("*.sock")]


async def test_what_it_could_not_start_for_is_said(found, tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")
    command = (sys.executable, "-m", "arriero_backend.local", "--shared")
    asking = await asyncio.create_subprocess_exec(
        *command, "--gguf", str(tmp_path / "page.gguf"), stdout=PIPE, stderr=PIPE
    )
    said, complaint = await asyncio.wait_for(asking.communicate(), PATIENCE)
    assert (asking.returncode, said) == (1, b"")
    assert b"It has to be a whole GGUF file." in complaint
    assert complaint.count(b"\n") == 1


def test_who_starts_one_is_waited_for_by_one_that_would_end(tmp_path, gguf):
    """A process that ends while somebody is told of it would be missed at once."""
    here, there = Rendezvous(tmp_path, gguf), Rendezvous(tmp_path, gguf)
    here.register(Running("http://127.0.0.1:1", "k", 1))
    left = []
    with here.lock:
        asking = threading.Thread(target=lambda: left.append(there.leave()))
        asking.start()
        asking.join()
    assert left == [False]
    assert json.loads(next(tmp_path.glob("*.json")).read_text())["key"] == "k"
    assert there.leave()
    assert not list(tmp_path.glob("*.json"))
