"""While something large is read and opened, everything else goes on."""

import asyncio
import json

from arriero.lsp.framing import frame
from arriero.lsp.steps import STEP, in_turns
from raw_client import INITIALIZE, URI, Raw, request

MEGABYTES = 5


async def turns_during(task: asyncio.Task) -> int:
    turns = 0
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    await task
    return turns


def opening(text: str) -> dict:
    item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def change(text: str) -> dict:
    here = {"line": 0, "character": 1}
    edit = {"range": {"start": here, "end": here}, "text": text}
    document = {"uri": URI, "version": 2}
    params = {"textDocument": document, "contentChanges": [edit]}
    return {"method": "textDocument/didChange", "params": params}


def steps(count: int):
    for _ in range(count):
        yield
    return count


async def test_each_step_has_its_turn():
    assert await in_turns(steps(3)) == 3
    assert await turns_during(asyncio.create_task(in_turns(steps(30)))) >= 30


async def test_a_large_document_takes_a_turn_for_each_megabyte_of_message_and_text():
    async with Raw() as raw:
        raw.say(request("initialize", INITIALIZE))
        await raw.hear()
        body = json.dumps({"jsonrpc": "2.0", **opening("x\n" * (MEGABYTES * STEP // 2))}).encode()
        receiving = asyncio.create_task(raw.server.protocol.receive(body))
        assert await turns_during(receiving) >= 2 * MEGABYTES
        assert raw.server.documents[URI].line_count == MEGABYTES * STEP // 2 + 1


async def test_what_comes_behind_a_large_document_finds_it_open():
    async with Raw() as raw:
        raw.say(request("initialize", INITIALIZE))
        await raw.hear()
        line = request("test/line", {"uri": URI, "line": 0})
        messages = opening("ab\n" * STEP), change("😀"), line
        raw.wire.up.write(b"".join(frame({"jsonrpc": "2.0", **each}) for each in messages))
        assert (await raw.hear())["result"] == "a😀b"


async def test_no_text_at_all_is_opened_too():
    async with Raw() as raw:
        raw.say(request("initialize", INITIALIZE), opening(""))
        raw.say(request("test/line", {"uri": URI, "line": 0}, 2))
        await raw.hear()
        assert (await raw.hear())["result"] == ""
