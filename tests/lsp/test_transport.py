"""The server as a process: pipes, files, sockets, and the end of either side."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import small_server
from arriero.errors import SettingsError
from arriero.lsp import parent
from arriero.lsp.client import Client
from arriero.lsp.framing import Frames, frame
from arriero.lsp.positions import Position
from arriero.lsp.standard_streams import MAX_WAITING, ThreadWriter
from arriero.lsp.transport import serve_tcp
from wire import HANGS

SERVER = [sys.executable, str(Path(small_server.__file__))]
URI = "file:///project/a.py"
PIPE = asyncio.subprocess.PIPE


def initialize(process_id: int | None = None) -> bytes:
    params = {"processId": process_id, "rootUri": None, "capabilities": {}}
    return frame({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})


def wait_for_ever() -> bytes:
    return frame({"jsonrpc": "2.0", "id": 2, "method": "test/wait"})


SHUTDOWN = frame({"jsonrpc": "2.0", "id": 9, "method": "shutdown"})
EXIT = frame({"jsonrpc": "2.0", "method": "exit"})


def messages(data: bytes) -> list[dict]:
    return [json.loads(body) for body in Frames().feed(data)]


@asynccontextmanager
async def server(stdin=PIPE, stdout=PIPE, args=()):
    process = await asyncio.create_subprocess_exec(
        *SERVER, *args, stdin=stdin, stdout=stdout, stderr=PIPE
    )
    try:
        async with asyncio.timeout(HANGS):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(stream: asyncio.StreamReader, word: bytes) -> bytes:
    """Read until the stream has said the word."""
    data = b""
    while word not in data:
        piece = await stream.read(4096)
        assert piece, f"the stream ended with {data!r}"
        data += piece
    return data


# Standard streams -------------------------------------------------------------------------------


async def test_a_client_is_served_over_pipes(tmp_path):
    async with Client.spawn(SERVER, tmp_path) as client:
        client.open(URI, "text 😀", "python")
        (_, text) = await client.inline_completion(URI, Position(0, 0))
        assert text["insertText"] == "text 😀"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (initialize() + SHUTDOWN + EXIT, 0),
        (initialize() + EXIT, 1),
        (initialize(), 1),
        (initialize() + b"nonsense\n", 1),
        (b"", 1),
    ],
    ids=["shutdown and exit", "exit", "end of input", "nonsense", "nothing"],
)
async def test_exit_codes(said, code):
    async with server() as process:
        out, err = await process.communicate(said)
        assert process.returncode == code
        assert len([m for m in messages(out) if m["id"] == 1]) == (1 if said else 0)
        assert b"Traceback" not in err


async def test_bytes_may_come_one_by_one():
    async with server() as process:
        for byte in initialize():
            process.stdin.write(bytes([byte]))
            await process.stdin.drain()
        assert b'"capabilities"' in await until(process.stdout, b"capabilities")


async def test_the_end_of_input_ends_what_runs():
    async with server() as process:
        process.stdin.write(initialize() + wait_for_ever())
        await until(process.stdout, b"test/waiting")
        out, err = await process.communicate(b"")
        assert [m.get("method") or m["error"]["code"] for m in messages(out)] == [
            "test/released",
            -32800,
        ]
        assert b"Traceback" not in err


async def test_files_and_the_null_device_will_do_as_streams(tmp_path):
    said, heard = tmp_path / "said", tmp_path / "heard"
    said.write_bytes(initialize() + SHUTDOWN + EXIT)
    with said.open("rb") as stdin, heard.open("wb") as stdout:
        async with server(stdin, stdout) as process:
            assert await process.wait() == 0
    assert [message["id"] for message in messages(heard.read_bytes())] == [1, 9]
    async with server(stdin=asyncio.subprocess.DEVNULL) as process:
        assert await process.wait() == 1


async def test_a_client_that_stops_reading_ends_the_server_when_it_goes():
    async with server() as process:
        process.stdin.write(initialize() + wait_for_ever())
        await until(process.stdout, b"test/waiting")
        process.stdout._transport.close()  # noqa: SLF001
        process.stdin.write(initialize())
        process.stdin.close()
        assert await process.wait() == 1


async def test_a_thousand_requests_may_be_written_before_an_answer_is_read():
    """More than any pipe holds: who stops reading until its answers are read stands still."""
    item = {"uri": URI, "languageId": "text", "version": 1, "text": "x" * 2000}
    opening = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}
    requests = [
        frame({"jsonrpc": "2.0", "id": n, "method": "test/line", "params": {"uri": URI, "line": 0}})
        for n in range(10, 1010)
    ]
    async with server() as process:
        process.stdin.write(initialize() + frame(opening) + b"".join(requests) + SHUTDOWN + EXIT)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()
        out, _ = await process.communicate()
        answers = messages(out)
        assert len(answers) == 1002
        assert {len(m["result"]) for m in answers if m["id"] >= 10} == {2000}


async def test_what_is_printed_stays_out_of_the_messages():
    code = (
        "import asyncio, sys; from arriero.lsp.transport import serve_stdio\n"
        "sys.path.insert(0, sys.argv[1]); from small_server import small_server\n"
        "server = small_server()\n"
        "server.feature('test/print')(lambda ls, params: print('stray'))\n"
        "sys.exit(asyncio.run(serve_stdio(lambda: server)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", code, str(Path(small_server.__file__).parent)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    stray = frame({"jsonrpc": "2.0", "id": 2, "method": "test/print"})
    out, err = await process.communicate(initialize() + stray + SHUTDOWN + EXIT)
    assert [message["id"] for message in messages(out)] == [1, 2, 9]
    assert err.strip() == b"stray"


# The editor's process ---------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the editor is a shell here")
async def test_the_server_ends_when_the_editor_is_gone():
    """Its input is held open by somebody else, so that only the process id can tell."""
    held_open, input_ = os.pipe()
    async with server(stdin=held_open) as process:
        editor = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=PIPE)
        os.write(input_, initialize(editor.pid))
        await until(process.stdout, b"capabilities")
        await editor.communicate(b"\n")
        assert await process.wait() == 1
    os.close(held_open)
    os.close(input_)


async def test_an_editor_that_cannot_be_seen_is_not_taken_for_gone(monkeypatch):
    monkeypatch.setattr(parent, "_alive", lambda pid: False)
    assert parent.visible(12345) is None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await parent.orphaned(None)


# TCP --------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening():
    async with server(args=["0"]) as process:
        said = await until(process.stderr, b"\n")
        assert said.startswith(b"arriero listens on 127.0.0.1:")
        yield int(said.rpartition(b":")[2])


@asynccontextmanager
async def connected(port: int):
    async with Client.over(*await asyncio.open_connection("127.0.0.1", port)) as client:
        yield client


async def test_clients_on_one_port_are_separate():
    async with listening() as port, connected(port) as one, connected(port) as other:
        one.open(URI, "one", "python")
        other.open(URI, "other", "python")
        for client, text in ((one, "one"), (other, "other")):
            (_, item) = await client.inline_completion(URI, Position(0, 0))
            assert item["insertText"] == text


async def test_a_client_that_leaves_takes_only_its_own_work_along():
    async with listening() as port, connected(port) as staying:
        async with connected(port) as leaving:
            leaving.send("test/wait")
            await leaving.until("test/waiting")
        assert await staying.execute("work") == "done"


async def test_a_web_page_is_refused():
    async with listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = initialize() + wait_for_ever()
        head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(body)
        writer.write(head + body)
        answer = await reader.read()
        assert b"capabilities" not in answer
        assert b"test/waiting" not in answer
        writer.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
async def test_other_machines_are_kept_out(host):
    with pytest.raises(SettingsError, match="other machines"):
        await serve_tcp(small_server.small_server, host, 0)


# Writing from a thread, for Windows and for files ------------------------------------------------


async def test_a_thread_writes_all_in_order_before_it_is_closed(tmp_path):
    path = tmp_path / "out"
    with path.open("wb") as file:
        writer = ThreadWriter(file)
        for number in range(100):
            writer.write(b"%d\n" % number)
        assert not writer.is_closing()
        writer.close()
        await writer.wait_closed()
        assert writer.is_closing()
        await writer.drain()
    assert path.read_bytes().split() == [b"%d" % number for number in range(100)]


async def test_who_writes_faster_than_is_read_has_to_wait():
    read_end, write_end = os.pipe()
    with open(read_end, "rb", 0) as slow, open(write_end, "wb") as file:  # noqa: ASYNC230, PTH123
        writer = ThreadWriter(file)
        writer.write(b"x" * (MAX_WAITING + 1))
        waiting = asyncio.create_task(writer.drain())
        await asyncio.sleep(0)
        assert not waiting.done()
        left = MAX_WAITING + 1
        while left:
            left -= len(await asyncio.to_thread(slow.read, left))
        async with asyncio.timeout(HANGS):
            await waiting
        writer.close()
        await writer.wait_closed()
