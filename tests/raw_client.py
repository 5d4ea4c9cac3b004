"""A client that says exactly what a test says, as bytes, and hears every message."""

from __future__ import annotations

import asyncio
import json

from arriero.lsp.framing import Frames, frame
from small_server import small_server
from wire import HANGS, Wire

URI = "file:///project/a.py"
INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {}}


class Raw:
    """A client that says exactly what the test says, and hears everything."""

    def __init__(self, server=None) -> None:
        self.server = server or small_server()
        self.wire = Wire(self.server)
        self._frames = Frames()
        self._heard = []

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        self.wire.up.close()
        await self.wire.serving

    def say(self, *messages) -> None:
        for message in messages:
            self.wire.up.write(frame({"jsonrpc": "2.0", **message}))

    def start(self) -> None:
        self.say(
            {"id": 0, "method": "initialize", "params": INITIALIZE},
            {"method": "initialized", "params": {}},
        )

    async def hear(self) -> dict:
        """Return the server's next message."""
        while not self._heard:
            async with asyncio.timeout(HANGS):
                data = await self.wire.down.reader.read(4096)
            assert data, "the server ended"
            self._heard += [json.loads(body) for body in self._frames.feed(data)]
        return self._heard.pop(0)

    async def rest(self) -> list[dict]:
        """End the connection and return what the server still says."""
        self.wire.up.close()
        await self.wire.serving
        data = await self.wire.down.reader.read()
        return self._heard + [json.loads(body) for body in self._frames.feed(data)]


async def check(*messages: dict, answers: dict, started: bool = True) -> None:
    """Say the messages; the answers, by id, are an error's code or {"result": ...}."""
    async with Raw() as raw:
        if started:
            raw.start()
            await raw.hear()
        raw.say(*messages)
        for _ in answers:
            answer = await raw.hear()
            wanted = answers[answer["id"]]
            if isinstance(wanted, int):
                assert answer["error"]["code"] == wanted
            else:
                assert answer["result"] == wanted["result"]
        raw.say({"id": "probe", "method": "test/unknown"})
        assert (await raw.hear())["id"] == "probe"


def request(method: str, params: object = None, id_: object = 1) -> dict:
    return {"id": id_, "method": method, "params": params}


def opened(text: str) -> dict:
    item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def suggestion(**changes: object) -> dict:
    params = {
        "textDocument": {"uri": URI},
        "position": {"line": 0, "character": 0},
        "context": {"triggerKind": 1},
        **changes,
    }
    return request("textDocument/inlineCompletion", params)
