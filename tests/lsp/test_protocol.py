"""The lifecycle, and clients that are older or newer than we are."""

import pytest
from lsprotocol import types

from arriero.lsp.framing import frame
from raw_client import INITIALIZE, URI, Raw, check, opened, request, suggestion
from small_server import small_server

# The lifecycle ----------------------------------------------------------------------------------


async def test_before_initialize_nothing_is_served(caplog):
    await check(
        request("textDocument/codeAction"),
        opened("x"),
        request("shutdown", id_=2),
        answers={1: -32002, 2: -32002},
        started=False,
    )
    assert caplog.text == ""


@pytest.mark.parametrize("message", [{}, {"params": None}, {"params": {}}])
async def test_initialized_needs_no_parameters(message):
    server, seen = small_server(), []
    server.feature(types.INITIALIZED)(lambda ls, params: seen.append(params))
    async with Raw(server) as raw:
        raw.say(request("initialize", INITIALIZE), {"method": "initialized", **message})
        await raw.rest()
        assert seen == [types.InitializedParams()]


async def test_shutdown_cancels_what_runs():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("test/wait"))
        assert (await raw.hear())["method"] == "test/waiting"
        raw.say(request("shutdown", id_=2))
        assert (await raw.hear())["id"] == 2
        assert (await raw.hear())["method"] == "test/released"
        assert (await raw.hear())["error"]["code"] == -32800


async def test_initialize_comes_once():
    await check(request("initialize", INITIALIZE), answers={1: -32600})


async def test_initialize_may_be_sent_again_after_it_was_refused():
    async with Raw() as raw:
        raw.say(request("initialize", {"capabilities": 7}), request("initialize", INITIALIZE, 2))
        assert (await raw.hear())["error"]["code"] == -32602
        assert "capabilities" in (await raw.hear())["result"]


async def test_after_shutdown_nothing_is_served():
    async with Raw() as raw:
        raw.start()
        raw.say(
            request("shutdown"),
            request("test/line", {"uri": URI, "line": 0}, 2),
            request("shutdown", id_=3),
            opened("x"),
        )
        codes = [message.get("error", {}).get("code") for message in await raw.rest()]
        assert codes == [None, None, -32600, -32600]
        assert URI not in raw.server.documents


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([request("shutdown"), {"method": "exit"}], 0),
        ([request("shutdown"), {"method": "exit", "params": None}], 0),
        ([request("shutdown"), {"method": "exit", "params": {}}], 0),
        ([{"method": "exit"}], 1),
        ([request("shutdown")], 0),
        ([], 1),
    ],
)
async def test_exit_code(messages, code):
    async with Raw() as raw:
        raw.start()
        raw.say(*messages)
        await raw.rest()
        assert await raw.wire.serving == code


async def test_exit_before_initialize_ends_the_server():
    async with Raw() as raw:
        raw.say({"method": "exit"})
        assert await raw.wire.serving == 1


async def test_the_end_of_the_client_cancels_what_runs_and_closes_the_assistant():
    async with Raw() as raw:
        raw.start()
        raw.say(request("test/wait"))
        await raw.hear()
        assert (await raw.hear())["method"] == "test/waiting"
        released, answer = await raw.rest()
        assert released["method"] == "test/released"
        assert answer["error"]["code"] == -32800
        assert raw.server.assistant.closed


async def test_http_is_refused():
    async with Raw() as raw:
        body = frame({"jsonrpc": "2.0", **request("initialize", INITIALIZE)})
        raw.wire.up.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + body)
        assert await raw.wire.serving == 1
        (answer,) = await raw.rest()
        assert answer["error"]["code"] == -32700


# Old and new clients ----------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "seen"), [(0, "1"), (1, "1"), (2, "2"), (7, "7")])
async def test_trigger_kinds_of_other_times_are_read(kind, seen):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(opened("text"), suggestion(context={"triggerKind": kind}))
        assert [item["insertText"] for item in (await raw.hear())["result"]["items"]] == [
            seen,
            "text",
        ]


async def test_initialize_survives_words_and_numbers_of_the_future():
    capabilities = {
        "general": {"positionEncodings": ["utf-64", "utf-8"]},
        "textDocument": {
            "hover": {"contentFormat": ["hologram"]},
            "publishDiagnostics": {"tagSupport": {"valueSet": [1, 99]}},
            "documentSymbol": {"symbolKind": {"valueSet": [1, 99]}},
            "completion": {"completionItemKind": {"valueSet": [99]}},
            "foldingRange": {"foldingRangeKind": {"valueSet": ["fold"]}},
            "unheardOf": {"a": 1},
        },
        "workspace": {
            "workspaceEdit": {"failureHandling": "hope", "resourceOperations": ["teleport"]}
        },
    }
    async with Raw() as raw:
        raw.say(request("initialize", {**INITIALIZE, "capabilities": capabilities}))
        assert (await raw.hear())["result"]["capabilities"]["positionEncoding"] == "utf-8"


async def test_diagnostics_with_unknown_severities_and_tags_are_passed_on():
    problem = {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
        "severity": 9,
        "tags": [99],
        "message": "odd",
    }
    params = {
        "textDocument": {"uri": URI},
        "range": problem["range"],
        "context": {"diagnostics": [problem], "triggerKind": 9},
    }
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("textDocument/codeAction", params))
        assert (await raw.hear())["result"][0]["data"]["problems"] == ["odd"]
