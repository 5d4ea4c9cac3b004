"""The law of the protocol, on the wire: what goes in as bytes, what comes back as messages."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_client import URI, Raw, check, opened, request, suggestion

# What cannot be understood ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}', -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', -32600),
        (b"7", -32600),
        (b"null", -32600),
        (b"{}", -32600),
        (b'{"id": 1}', -32600),
        (b'{"id": 1, "method": 7}', -32600),
        (b'{"id": null, "method": "shutdown"}', -32600),
        (b'{"id": 1.5, "method": "shutdown"}', -32600),
        (b'{"id": true, "method": "shutdown"}', -32600),
        (b'{"id": {}, "method": "shutdown"}', -32600),
        (b'{"id": [], "result": {}, "method": 3}', -32600),
    ],
)
async def test_what_is_no_message_is_answered_and_the_next_one_too(body, code):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.wire.up.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        assert (await raw.hear())["error"]["code"] == code
        raw.say(request("shutdown"))
        assert (await raw.hear())["result"] is None


@pytest.mark.parametrize(
    "answer",
    [{"id": "nobody asked", "result": 1}, {"id": None, "error": {}}, {"id": [], "result": 1}],
)
async def test_an_answer_to_nothing_is_ignored(answer):
    await check(answer, answers={})


async def test_unknown_requests_are_refused_and_unknown_notifications_ignored():
    await check(
        request("no/such"),
        request("$/noSuch", id_="two"),
        {"method": "no/such", "params": 1},
        {"method": "$/noSuch"},
        answers={1: -32601, "two": -32601},
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"position": {"line": -1, "character": 0}}, "Position.line should be in range"),
        ({"position": {"line": 0, "character": 2**31}}, "Position.character should be in range"),
        ({"position": {"line": "one", "character": 0}}, "expected int @ params.position.line"),
        ({"position": None}, "@ params.position"),
        ({"position": 7}, "@ params.position"),
        ({"textDocument": {}}, "required field missing @ params.textDocument.uri"),
    ],
)
async def test_wrong_parameters_are_named(changes, reason):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(suggestion(**changes))
        error = (await raw.hear())["error"]
        assert error["code"] == -32602
        assert reason in error["message"]


async def test_parameters_that_are_missing_altogether_are_named_too():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say({"id": 1, "method": "textDocument/inlineCompletion"})
        error = (await raw.hear())["error"]
        assert error["code"] == -32602
        assert "required field missing @ params." in error["message"]


async def test_what_an_extension_calls_jsonrpc_is_data():
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        "context": {"diagnostics": []},
    }
    data = {"jsonrpc": "in data", "problems": []}
    action = {"title": "Look", "data": data}
    await check(
        request("textDocument/codeAction", {**params, "jsonrpc": "x"}),
        answers={1: {"result": [action]}},
    )


# Failures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["test/fail", "test/failLater"])
@pytest.mark.parametrize(
    ("how", "code", "message"),
    [
        ("changed", -32801, "The text moved on."),
        ("key", -32803, "The key is refused."),
        ("bug", -32603, "fault in arriero"),
        ("unwritable", -32603, "fault in arriero"),
    ],
)
async def test_failures_are_told_in_words_and_nothing_else(method, how, code, message):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request(method, {"how": how}))
        error = (await raw.hear())["error"]
        assert error["code"] == code
        assert message in error["message"]
        assert set(error) == {"code", "message"}
        assert "secret.py" not in error["message"]


async def test_a_document_that_is_not_open_fails_the_request():
    await check(suggestion(), answers={1: -32803})


async def test_a_notification_that_fails_is_logged_and_bothers_nobody(caplog):
    change = {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": "x"}]}
    await check(
        {"method": "textDocument/didChange", "params": change},
        {"method": "textDocument/didOpen", "params": {"textDocument": 7}},
        {"method": "test/failLater", "params": {"how": "bug"}},
        {"method": "test/fail", "params": {"how": "bug"}},
        answers={},
    )
    assert caplog.text.count("The notification") == 4


# Cancelling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "waiting",
    [request("test/wait"), request("workspace/executeCommand", {"command": "wait"})],
    ids=["request", "command"],
)
async def test_a_cancelled_request_stops_and_is_answered(waiting):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(waiting)
        assert (await raw.hear())["method"] == "test/waiting"
        raw.say({"method": "$/cancelRequest", "params": {"id": 1}})
        assert (await raw.hear())["method"] == "test/released"
        answer = await raw.hear()
        assert (answer["id"], answer["error"]["code"]) == (1, -32800)


async def test_a_request_cancelled_in_the_same_breath_is_answered():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("test/wait"), {"method": "$/cancelRequest", "params": {"id": 1}})
        codes = [message.get("error", {}).get("code") for message in await raw.rest()]
        assert codes[-1] == -32800


@pytest.mark.parametrize("params", [{"id": 99}, {"id": None}, {"id": []}, {}, None, [1]])
async def test_cancelling_nothing_is_ignored(params):
    await check({"method": "$/cancelRequest", "params": params}, answers={})


async def test_an_id_that_is_still_running_is_refused_a_second_time():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("test/wait"), request("test/wait"))
        assert (await raw.hear())["method"] == "test/waiting"
        assert (await raw.hear())["error"]["code"] == -32600


# Order and memory -------------------------------------------------------------------------------


async def test_a_request_meets_the_text_that_the_client_had():
    changes = [
        {
            "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": URI, "version": version},
                "contentChanges": [{"text": f"version {version}"}],
            },
        }
        for version in range(2, 12)
    ]
    lines = [request("test/line", {"uri": URI, "line": 0}, version) for version in range(2, 12)]
    answers = {version: {"result": f"version {version}"} for version in range(2, 12)}
    pairs = [message for pair in zip(changes, lines, strict=True) for message in pair]
    await check(opened("version 1"), *pairs, answers=answers)


async def test_a_request_does_not_meet_what_was_typed_behind_it():
    typed = {
        "method": "textDocument/didChange",
        "params": {
            "textDocument": {"uri": URI, "version": 2},
            "contentChanges": [{"text": "after"}],
        },
    }
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(opened("before"), suggestion(), typed)
        _, text = (await raw.hear())["result"]["items"]
        assert text["insertText"] == "before"


async def test_the_clients_answers_reach_the_handler_that_asked():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("test/configuration"))
        question = await raw.hear()
        raw.say({"id": question["id"], "result": [{"url": "x"}]})
        assert (await raw.hear())["result"] == {"url": "x"}


async def test_an_answer_that_comes_too_late_disturbs_nobody(caplog):
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(request("test/patience"))
        messages = [await raw.hear(), await raw.hear()]
        question = next(message for message in messages if "method" in message)
        raw.say({"id": question["id"], "result": []}, request("test/line", {}, 2))
        assert (await raw.hear())["id"] == 2
    assert "InvalidStateError" not in caplog.text


async def test_nothing_is_kept_of_what_is_done():
    async with Raw() as raw:
        raw.start()
        await raw.hear()
        raw.say(opened("x"), request("test/wait"), suggestion() | {"id": 2})
        raw.say({"method": "test/failLater", "params": {"how": "key"}})
        raw.say({"method": "$/cancelRequest", "params": {"id": 1}})
        raw.say(request("test/patience", id_=3))
        while (await raw.hear()).get("id") != 3:
            pass
        await asyncio.sleep(0)
        kept = vars(raw.server.protocol)
        names = ("_running", "_heeding", "_request_futures", "_result_types")
        assert [len(kept[name]) for name in names] == [0, 0, 0, 0]


# Anything at all --------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
METHODS = st.sampled_from(
    [
        "initialize",
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/codeAction",
        "textDocument/inlineCompletion",
        "workspace/executeCommand",
        "$/cancelRequest",
        "$/setTrace",
        "window/workDoneProgress/cancel",
        "workspace/didChangeWorkspaceFolders",
        "test/fail",
        "no/such",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(METHODS, JSON), max_size=5))
def test_every_request_is_answered_once_whatever_it_asks(requests):
    async def run() -> None:
        async with Raw() as raw:
            raw.start()
            raw.say(*(request(m, params, id_) for id_, (m, params) in enumerate(requests, 1)))
            answers = [message["id"] for message in await raw.rest() if "method" not in message]
            assert sorted(answers) == list(range(len(requests) + 1))

    asyncio.run(run())
