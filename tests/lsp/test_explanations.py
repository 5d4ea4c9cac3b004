"""Explanations: a document that grows, a file, or a message."""

import asyncio
from pathlib import Path

import pytest

from arriero.errors import AnswerError
from arriero.lsp.client import CAPABILITIES
from arriero.lsp.excerpts import path_of
from arriero.lsp.explanations import GONE, KEPT, Explanations
from arriero.lsp.peer import ResponseError
from desk import Desk

LIVE = {
    **CAPABILITIES,
    "workspace": {**CAPABILITIES["workspace"], "textDocumentContent": {}},
}
NO_DOCUMENTS = {
    **CAPABILITIES,
    "window": {**CAPABILITIES["window"], "showDocument": {"support": False}},
}
ITSELF = {**CAPABILITIES, "experimental": {"arriero": {"explanations": True}}}
MACHINE_MADE = "written by a machine, codellama/CodeLlama-70b-Instruct-hf"


async def text_of(desk, uri: str) -> str:
    answer = await desk.client.request("workspace/textDocumentContent", {"uri": uri})
    return answer["text"]


async def explained(desk, said: str | Exception):
    desk.open("⟦x = not not a⟧\n")
    desk.model.replies = [said]
    return await desk.choose("explain")


async def test_a_document_is_shown_and_asked_for(tmp_path):
    async with Desk.at(tmp_path, capabilities=LIVE) as desk:
        result = await explained(desk, "It makes a truth value of a. <step>")
        [uri] = desk.client.shown
        text = await text_of(desk, uri)
    assert text.startswith("# Explain: example.py, lines 1 to 1\n")
    assert MACHINE_MADE in text
    assert text.endswith("\n\nIt makes a truth value of a.\n")
    assert result == {"applied": False, "text": "It makes a truth value of a."}
    assert desk.messages == []


async def test_the_document_grows_while_the_model_speaks(tmp_path):
    async with Desk.at(tmp_path, capabilities=LIVE) as desk:
        seen = []
        desk.client.answers["workspace/textDocumentContent/refresh"] = seen.append
        await explained(desk, "It is. It was. It will be. <step>")
        [uri] = desk.client.shown
    assert len(seen) > 2
    assert {each["uri"] for each in seen} == {uri}


async def test_a_cancelled_explanation_says_so(tmp_path):
    async with Desk.at(tmp_path, capabilities=LIVE) as desk:
        desk.model.hold = asyncio.Event()
        desk.model.hold.set()
        desk.client.on_progress = lambda value: (
            value["kind"] == "report" and desk.model.hold.clear()
        )
        asking = asyncio.create_task(explained(desk, "It makes a truth value of a. <step>"))
        begun = await desk.client.until("$/progress", lambda p: p["value"]["kind"] == "report")
        desk.client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
        with pytest.raises(ResponseError):
            await asking
        [uri] = desk.client.shown
        assert "breaks off here" in await text_of(desk, uri)


async def test_without_such_documents_it_is_a_file_of_this_person_alone(desk):
    await explained(desk, "It makes a truth value of a. <step>")
    [uri] = desk.client.shown
    file = path_of(uri)
    assert file.read_text().endswith("It makes a truth value of a.\n")
    assert file.suffix == ".md"
    assert file.parent.stat().st_mode & 0o077 == 0 or Path("/").drive


async def test_the_files_are_gone_with_the_server(tmp_path):
    async with Desk.at(tmp_path) as desk:
        await explained(desk, "It makes a truth value of a. <step>")
        folder = path_of(desk.client.shown[0]).parent
    assert not folder.exists()


async def test_without_documents_it_is_a_message(tmp_path):
    async with Desk.at(tmp_path, capabilities=NO_DOCUMENTS) as desk:
        await explained(desk, "It makes a truth value of a. <step>")
        assert desk.messages[0].startswith("It makes a truth value of a. (This is written by")
        assert MACHINE_MADE in desk.messages[0]


async def test_a_client_that_fails_to_show_it_gets_a_message(desk):
    desk.client.answers["window/showDocument"] = lambda params: {"success": False}
    await explained(desk, "It makes a truth value of a. <step>")
    assert "truth value" in desk.messages[0]


async def test_only_the_first_one_says_that_it_is_machine_made(tmp_path):
    async with Desk.at(tmp_path, capabilities=LIVE) as desk:
        for _ in range(2):
            await explained(desk, "It makes a truth value of a. <step>")
        texts = [await text_of(desk, uri) for uri in desk.client.shown]
    assert [MACHINE_MADE in text for text in texts] == [True, False]


async def test_old_explanations_are_let_go(tmp_path):
    async with Desk.at(tmp_path, capabilities=LIVE) as desk:
        for _ in range(KEPT + 1):
            await explained(desk, "It makes a truth value of a. <step>")
        first, *_, last = desk.client.shown
        assert await text_of(desk, first) == GONE
        assert await text_of(desk, last) != GONE


async def test_a_client_that_shows_it_itself_is_told_what_to_say_with_the_first_one(tmp_path):
    async with Desk.at(tmp_path, capabilities=ITSELF) as desk:
        first, second = [
            await explained(desk, "It makes a truth value of a. <step>") for _ in range(2)
        ]
        assert desk.client.shown == desk.messages == []
    assert MACHINE_MADE in first.pop("note")
    assert first == second == {"applied": False, "text": "It makes a truth value of a."}


async def test_what_is_to_be_said_waits_for_an_explanation_that_comes(tmp_path):
    async with Desk.at(tmp_path, capabilities=ITSELF) as desk:
        first = await explained(desk, AnswerError("The answer is empty."))
        result = await explained(desk, "It makes a truth value of a. <step>")
    assert "text" not in first
    assert MACHINE_MADE in result["note"]


def test_a_server_that_was_restarted_names_its_documents_anew():
    # VS Code would show what it still has under the old name.
    assert Explanations().uri("explanation-1.md") != Explanations().uri("explanation-1.md")
