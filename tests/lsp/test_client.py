import asyncio
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from arriero.errors import Disconnected, ResponseError
from arriero.lsp.client import AUTOMATIC, CAPABILITIES, Client
from arriero.lsp.documents import Documents
from arriero.lsp.positions import Position, Range
from arriero.lsp.server import Server
from arriero.lsp.tolerance import tolerant_converter
from arriero.lsp.workspace_edit import NotApplied, apply_workspace_edit
from small_server import NoAssistant, small_server
from wire import wired

URI = "file:///project/a.py"


async def asked(client: Client, method: str, params: object) -> object:
    """Have the server ask the client something, and return the client's answer."""
    return await client.request("test/ask", {"method": method, "params": params})


def asking_server() -> Server:
    server = Server(NoAssistant())

    async def ask(ls: Server, params: dict) -> object:
        method, kind = params["method"], types.METHOD_TO_TYPES.get(params["method"])
        asked = tolerant_converter().structure(params["params"], kind[2]) if kind else None
        return await ls.protocol.send_request_async(method, asked)

    server.feature("test/ask")(ask)
    server.feature("test/text")(lambda ls, params: ls.documents[URI].text)
    return server


# Asking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_what_is_typed_reaches_the_server_in_every_encoding(encoding):
    capabilities = {**CAPABILITIES, "general": {"positionEncodings": [encoding]}}
    async with wired(small_server(), capabilities=capabilities) as client:
        client.open(URI, "a😀b\r\nc", "python")
        document = client.documents[URI]
        here = document.position(0, 2)
        client.change(URI, Range(here, here), "é😀")
        client.change(URI, Range(document.position(0, 4), document.position(1, 0)), "")
        (_, text) = await client.inline_completion(URI, Position(0, 0))
        assert text["insertText"] == document.text == "a😀é😀c"


async def test_suggestions_say_who_asked():
    async with wired(small_server()) as client:
        client.open(URI, "text", "python")
        client.change(URI, None, "another text")
        items = await client.inline_completion(URI, Position(0, 0), AUTOMATIC)
        assert [item["insertText"] for item in items] == ["2", "another text"]


async def test_actions_are_offered_for_problems():
    nothing = Range(Position(0, 0), Position(0, 0))
    problem = {
        "range": {"start": nothing.start._asdict(), "end": nothing.end._asdict()},
        "message": "wrong",
    }
    async with wired(small_server()) as client:
        client.open(URI, "text", "python")
        (action,) = await client.code_actions(URI, nothing, ["refactor"], [problem])
        assert action["data"]["problems"] == ["wrong"]


async def test_an_error_is_raised_with_its_code_and_words():
    async with wired(small_server()) as client:
        with pytest.raises(ResponseError, match="The key is refused") as error:
            await client.request("test/fail", {"how": "key"})
        assert error.value.code == -32803


async def test_giving_up_a_request_cancels_it_at_the_server():
    async with wired(small_server()) as client:
        waiting = asyncio.ensure_future(client.execute("wait"))
        await client.until("test/waiting")
        waiting.cancel()
        await client.until("test/released")


async def test_progress_is_passed_on():
    seen = []
    async with wired(small_server()) as client:
        client.on_progress = seen.append
        assert await client.execute("work") == "done"
        await client.until("$/progress", lambda params: params["value"]["kind"] == "end")
    assert (seen[0]["title"], seen[-1]["kind"]) == ("Working", "end")


async def test_a_closed_document_is_forgotten_on_both_sides():
    async with wired(small_server()) as client:
        client.open(URI, "text", "python")
        client.close(URI)
        assert URI not in client.documents
        with pytest.raises(ResponseError, match="is not open"):
            await client.inline_completion(URI, Position(0, 0))


# Being asked ------------------------------------------------------------------------------------


async def test_settings_are_told_when_asked_for():
    async with wired(asking_server(), settings={"url": "x"}) as client:
        items = {"items": [{"section": "arriero"}, {"section": "editor"}]}
        answer = await asked(client, "workspace/configuration", items)
        assert list(answer) == [{"url": "x"}, None]


async def test_edits_are_applied_and_told_back():
    async with wired(asking_server()) as client:
        client.open(URI, "one\ntwo\n", "python")
        edit = {"documentChanges": [document_edit(1, (1, 0, 1, 3, "2"))]}
        answer = await asked(client, "workspace/applyEdit", {"edit": edit})
        assert answer["applied"]
        assert client.documents[URI].text == "one\n2\n"
        assert await client.request("test/text") == "one\n2\n"
        assert client.edits == [edit]


async def test_an_edit_for_another_version_is_refused():
    async with wired(asking_server()) as client:
        client.open(URI, "one", "python")
        client.change(URI, None, "two")
        edit = {"documentChanges": [document_edit(1, (0, 0, 0, 3, "2"))]}
        answer = await asked(client, "workspace/applyEdit", {"edit": edit})
        assert not answer["applied"]
        assert "has version 2; the edit is for version 1" in answer["failureReason"]
        assert client.documents[URI].text == "two"


async def test_messages_and_shown_documents_are_kept():
    async with wired(asking_server()) as client:
        await asked(client, "window/showDocument", {"uri": URI})
        await asked(client, "window/showMessageRequest", {"type": 1, "message": "Well?"})
        assert client.shown == [URI]
        assert client.messages[0]["message"] == "Well?"


async def test_an_unknown_question_is_refused():
    async with wired(asking_server()) as client:
        with pytest.raises(ResponseError) as error:
            await asked(client, "test/noSuch", {})
        assert error.value.code == -32601


# Applying edits ---------------------------------------------------------------------------------


def text_edit(line: int, character: int, end_line: int, end_character: int, text: str) -> dict:
    start = {"line": line, "character": character}
    return {
        "range": {"start": start, "end": {"line": end_line, "character": end_character}},
        "newText": text,
    }


def document_edit(version: int | None, *edits: tuple) -> dict:
    name = {"uri": URI, "version": version}
    return {"textDocument": name, "edits": [text_edit(*edit) for edit in edits]}


def applied(before: str, *edits: tuple) -> str:
    documents = Documents()
    documents.open(URI, "python", 1, before)
    apply_workspace_edit(documents, {"changes": {URI: [text_edit(*edit) for edit in edits]}})
    return documents[URI].text


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("abcd", [(0, 1, 0, 2, "X"), (0, 3, 0, 4, "Y")], "aXcY"),
        ("abcd", [(0, 3, 0, 4, "Y"), (0, 1, 0, 2, "X")], "aXcY"),
        ("ab", [(0, 1, 0, 1, "1"), (0, 1, 0, 1, "2")], "a12b"),
        ("ab", [(0, 0, 0, 1, "X"), (0, 0, 0, 0, "1"), (0, 0, 0, 0, "2")], "12Xb"),
        ("a\nb\nc", [(0, 0, 1, 0, ""), (2, 0, 2, 1, "C")], "b\nC"),
        ("a", [], "a"),
    ],
)
def test_edits_are_places_in_the_text_as_it_was(before, edits, after):
    assert applied(before, *edits) == after


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"documentChanges": [document_edit(7, (0, 0, 0, 0, "x"))]}, "for version 7"),
        ({"changes": {"file:///b": [text_edit(0, 0, 0, 0, "x")]}}, "is not open"),
        ({"documentChanges": [{"kind": "delete", "uri": URI}]}, "cannot delete files"),
    ],
)
def test_an_edit_that_does_not_fit_changes_nothing(edit, reason):
    documents = Documents()
    documents.open(URI, "python", 1, "text")
    first = document_edit(None, (0, 0, 0, 4, "changed"))
    if "documentChanges" in edit:
        edit = {"documentChanges": [first, *edit["documentChanges"]]}
    with pytest.raises(NotApplied, match=reason):
        apply_workspace_edit(documents, edit)
    assert documents[URI].text == "text"


# Processes --------------------------------------------------------------------------------------


async def test_a_server_that_cannot_be_started_is_named():
    with pytest.raises(Disconnected, match="no-such-server cannot be started"):
        async with Client.spawn(["no-such-server"], Path()):
            pass


async def test_a_server_that_ends_early_fails_what_waits():
    argv = [sys.executable, "-c", "pass"]
    with pytest.raises(Disconnected, match="ended before it answered"):
        async with Client.spawn(argv, Path()):
            pass


def test_a_client_needs_no_pygls():
    """It is what `arriero complete` starts with."""
    code = (
        "import sys, arriero.lsp.client; sys.exit('pygls' in sys.modules or 'attrs' in sys.modules)"
    )
    from subprocess import run

    assert run([sys.executable, "-c", code], check=False).returncode == 0
