"""What a person's other files lend to a prompt, through the real index, and which never do."""

from contextlib import asynccontextmanager

import pytest

from arriero.lsp.client import CAPABILITIES
from arriero.workspace import index as indexing
from arriero.workspace.index import Index
from desk import FULL, Desk
from lsp.test_folders import event
from lsp.test_notebooks import cell

LIB = 'def scale(image, factor=2):\n    """Make it larger."""\n    return image * factor\n'
USE = "from lib import scale\n\n\ndef thumbnail(image):\n    return scale(‸\n"
HEAD = "From lib.py:\n```\ndef scale(image, factor=2):"
WATCHING = {
    **CAPABILITIES,
    "workspace": {
        **CAPABILITIES["workspace"],
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
}


@asynccontextmanager
async def at(tmp_path, monkeypatch, **options):
    """A desk in the folder `work`, all of which has been read."""
    monkeypatch.setattr(indexing, "GATHERED", 0)
    index = Index(tmp_path / "cache")
    async with Desk.at(tmp_path / "work", index=index, **options) as desk:
        while not index.news:  # the server asks for the settings first
            await desk.client.request("arriero/status", {})
        await index.ready()
        desk.index = index
        yield desk


@pytest.fixture
def work(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "lib.py").write_text(LIB)
    return tmp_path / "work"


async def prompt(desk, model: str = "") -> str:
    """Return what would be asked at the cursor."""
    params = {"uri": desk.uri, "position": desk.cursor._asdict(), "model": model}
    return (await desk.client.request("arriero/prompt", params))["text"]


async def asked(desk) -> str:
    """Return what was asked for a suggestion at the cursor."""
    desk.model.replies = ["image)\n```"]
    await desk.suggestion()
    return desk.model.prompts[-1]


async def test_a_suggestion_knows_what_is_defined_elsewhere(work, tmp_path, monkeypatch):
    async with at(tmp_path, monkeypatch) as desk:
        desk.open(USE, "app.py")
        assert HEAD in await asked(desk)
        assert '"""Make it larger."""' in desk.model.prompts[-1]


@pytest.mark.parametrize(
    ("model", "form"),
    [
        ("codellama/CodeLlama-7b-hf", "<MID> # From lib.py:\n# def scale(image, factor=2):"),
        ("codellama/CodeLlama-7b-Python-hf", "# From lib.py:\n# def scale(image, factor=2):"),
        ("codellama/CodeLlama-34b-Instruct-hf", HEAD),
    ],
)
async def test_every_format_has_its_own_way_to_say_so(work, tmp_path, monkeypatch, model, form):
    async with at(tmp_path, monkeypatch) as desk:
        desk.open(USE, "app.py")
        assert form in await prompt(desk, model)


async def test_an_action_knows_it_too(work, tmp_path, monkeypatch):
    async with at(tmp_path, monkeypatch) as desk:
        desk.open(USE.replace("    return scale(‸", "⟦    return scale(image)⟧"), "app.py")
        desk.model.replies = ["```python\n    return scale(image, 3)\n```"]
        await desk.choose("simplify")
        assert HEAD in desk.model.prompts[-1]


@pytest.mark.parametrize(
    "settings",
    [
        {"context": {"enabled": False}},
        {"context": {"limit": 0}},
        {"context": {"sources": ["tests"]}},
        {"context": {"sources": {"definitions": False}}},
    ],
)
async def test_it_can_be_switched_off_and_narrowed(work, tmp_path, monkeypatch, settings):
    async with at(tmp_path, monkeypatch, settings=settings) as desk:
        desk.open(USE, "app.py")
        assert "factor" not in await asked(desk)


@pytest.mark.parametrize("rule", [".arrieroignore", ".gitignore", "arriero.toml"])
async def test_what_is_kept_back_is_not_shown(work, tmp_path, monkeypatch, rule):
    text = 'ignore = ["lib.py"]' if rule == "arriero.toml" else "lib.py"
    (work / rule).write_text(text)
    async with at(tmp_path, monkeypatch) as desk:
        desk.open(USE, "app.py")
        assert "factor" not in await asked(desk)


async def test_what_is_kept_back_since_it_was_read_is_not_shown(work, tmp_path, monkeypatch):
    async with at(tmp_path, monkeypatch) as desk:
        (work / ".arrieroignore").write_text("lib.py")  # and nobody tells of it
        desk.open(LIB.replace("def", "‸def", 1), "lib.py")
        desk.type("# seen ")
        desk.open(USE, "app.py")
        text = await asked(desk)
        assert "factor" not in text
        assert "seen" not in text


async def test_secrets_in_other_files_are_taken_out(work, tmp_path, monkeypatch):
    key = "ghp_" + "a1B2c3D4e5F6" * 3
    (work / "lib.py").write_text(f'TOKEN = "{key}"\n')
    async with at(tmp_path, monkeypatch) as desk:
        desk.open("from lib import TOKEN\n\nheaders = TOKEN‸\n", "app.py")
        text = await asked(desk)
        assert 'TOKEN = "REDACTED_' in text
        assert key not in text


async def test_a_file_that_was_saved_is_read_again(work, tmp_path, monkeypatch):
    (work / "lib.py").write_text("x = 1\n")
    async with at(tmp_path, monkeypatch) as desk:
        desk.open("", "lib.py")
        (work / "lib.py").write_text(LIB)
        desk.client.notify("textDocument/didSave", {"textDocument": {"uri": desk.uri}})
        desk.open(USE, "app.py")
        await desk.client.request("arriero/status", {})
        await desk.index.ready()
        assert HEAD in await asked(desk)


async def test_a_client_that_can_tell_which_files_change_is_asked_to(work, tmp_path, monkeypatch):
    (work / "lib.py").write_text("x = 1\n")
    async with at(tmp_path, monkeypatch, capabilities=WATCHING) as desk:
        (work / "lib.py").write_text(LIB)
        change = {"uri": (work / "lib.py").as_uri(), "type": 2}
        desk.client.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
        desk.open(USE, "app.py")
        await desk.client.request("arriero/status", {})
        await desk.index.ready()
        assert HEAD in await asked(desk)


async def test_the_place_that_was_edited_last_is_shown(work, tmp_path, monkeypatch):
    async with at(tmp_path, monkeypatch) as desk:
        desk.open("‸\n", "notes.txt", "plaintext")
        desk.type("remember the milk")
        desk.open("# ‸\n", "app.py")
        assert "From notes.txt:\n```\nremember the milk" in await asked(desk)


async def test_a_second_folder_lends_its_files_until_it_goes(work, tmp_path, monkeypatch):
    second = tmp_path / "second"
    second.mkdir()
    (second / "lib.py").write_text(LIB)
    (work / "lib.py").unlink()
    async with at(tmp_path, monkeypatch) as desk:
        desk.open(USE, "app.py")
        assert HEAD not in await prompt(desk)
        desk.client.notify("workspace/didChangeWorkspaceFolders", event(added=[second]))
        while len(desk.index.folders) < 2:
            await desk.client.request("arriero/status", {})
        await desk.index.ready()
        assert HEAD in await asked(desk)
        desk.client.notify("workspace/didChangeWorkspaceFolders", event(removed=[second]))
        while len(desk.index.folders) > 1:
            await desk.client.request("arriero/status", {})
        desk.open(USE, "other.py")
        assert HEAD not in await prompt(desk)


async def test_the_cells_above_are_shown(work, tmp_path, monkeypatch):
    above, here = ("vscode-notebook-cell:/book.ipynb#1", "vscode-notebook-cell:/book.ipynb#2")
    able = {**FULL, "notebookDocument": {"synchronization": {}}}
    async with at(tmp_path, monkeypatch, capabilities=able) as desk:
        cells = [{"kind": 2, "document": uri} for uri in (above, here)]
        book = {"uri": "file:///book.ipynb", "notebookType": "jupyter-notebook", "version": 1}
        texts = [cell(above, "frame = load()"), cell(here, "frame.")]
        desk.client.notify(
            "notebookDocument/didOpen",
            {"notebookDocument": {**book, "cells": cells}, "cellTextDocuments": texts},
        )
        params = {"uri": here, "position": {"line": 0, "character": 6}}
        text = (await desk.client.request("arriero/prompt", params))["text"]
        assert "From book.ipynb:\n```\nframe = load()" in text
