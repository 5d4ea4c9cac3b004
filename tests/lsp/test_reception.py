"""The first message: `initialize` is answered before there is a server, all else by it."""

import json
import subprocess
import sys

import pytest

from arriero.lsp.framing import Frames
from arriero.lsp.reception import Reception
from raw_client import INITIALIZE, request
from small_server import small_server


class Written:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self._data = b""

    def write(self, data: bytes) -> None:
        self._data += data

    @property
    def messages(self) -> list[dict]:
        return [json.loads(body) for body in Frames().feed(self._data)]


async def check(body: bytes, *, before: int, after: int) -> list[dict]:
    """Say something first; so many answers are there before there is a server, and after."""
    written = Written()
    seen = []

    def make_server():
        seen.append(len(written.messages))
        return small_server()

    await Reception(make_server, written).receive(body)
    assert (seen, len(written.messages)) == ([before], after)
    return written.messages


def body(message: object) -> bytes:
    return json.dumps(message).encode()


async def test_initialize_is_answered_before_there_is_a_server():
    [answer] = await check(body(request("initialize", INITIALIZE)), before=1, after=1)
    assert answer["result"]["serverInfo"]["name"] == "arriero"


async def test_the_answer_is_the_one_that_the_server_would_give():
    early, late = Written(), Written()
    await Reception(small_server, early).receive(body(request("initialize", INITIALIZE)))
    server = small_server()
    server.protocol.set_writer(late)
    await server.protocol.receive(body(request("initialize", INITIALIZE)))
    assert early.messages == late.messages


@pytest.mark.parametrize(
    "first",
    [
        b"{",
        b"[" * 100_000,
        body([request("initialize", INITIALIZE)]),
        body(7),
        body(request("initialize", {"capabilities": 7})),
        body({"method": "initialize", "id": None, "params": INITIALIZE}),
        body({"method": "initialize", "id": 1}),
        body(request("shutdown", None)),
    ],
)
async def test_what_is_no_initialize_in_good_order_is_answered_by_the_server(first):
    [answer] = await check(first, before=0, after=1)
    assert "error" in answer


async def test_a_notification_has_no_answer():
    await check(body({"method": "initialize", "params": INITIALIZE}), before=0, after=0)


async def test_what_follows_is_the_servers():
    written = Written()
    reception = Reception(small_server, written)
    for message in (request("initialize", INITIALIZE), request("initialize", INITIALIZE, 2)):
        await reception.receive(body(message))
    assert "result" in written.messages[0]
    assert written.messages[1]["error"]["code"] == -32600
    assert reception.opened.is_set()


def test_nothing_heavy_is_imported_before_initialize_is_answered():
    code = (
        "import sys, arriero.cli.serve\n"
        "heavy = {'lsprotocol', 'pygls', 'attrs', 'cattrs', 'arriero.core', 'arriero.settings'}\n"
        "sys.exit(repr(sorted(heavy & sys.modules.keys())) if heavy & sys.modules.keys() else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
