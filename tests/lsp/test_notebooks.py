"""Notebooks: their cells are documents, opened, changed and closed with them."""

from raw_client import INITIALIZE, Raw, request

NOTEBOOK = "file:///project/book.ipynb"
CELL = "vscode-notebook-cell:/project/book.ipynb#1"
OTHER = "vscode-notebook-cell:/project/book.ipynb#2"


def cell(uri: str, text: str) -> dict:
    return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def notification(kind: str, **params: object) -> dict:
    return {"method": f"notebookDocument/{kind}", "params": params}


def opened() -> dict:
    cells = [{"kind": 2, "document": CELL}]
    book = {"uri": NOTEBOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    return notification("didOpen", notebookDocument=book, cellTextDocuments=[cell(CELL, "x = 1")])


def changed(**cells: object) -> dict:
    book = {"uri": NOTEBOOK, "version": 2}
    return notification("didChange", notebookDocument=book, change={"cells": cells})


async def check(*sent: dict, texts: dict[str, str | None]) -> None:
    """Say these; the cells then have these first lines, or (None) are not open."""
    async with Raw() as raw:
        able = {"notebookDocument": {"synchronization": {}}}
        raw.say(request("initialize", {**INITIALIZE, "capabilities": able}))
        capabilities = (await raw.hear())["result"]["capabilities"]
        assert capabilities["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}]}
        raw.say(*sent)
        for uri, text in texts.items():
            raw.say(request("test/line", {"uri": uri, "line": 0}))
            answer = await raw.hear()
            assert answer.get("result") == text


async def test_a_cell_is_a_document():
    await check(opened(), texts={CELL: "x = 1", OTHER: None})


async def test_a_cell_is_typed_in():
    here = {"line": 0, "character": 4}
    edit = {"range": {"start": here, "end": here}, "text": "2"}
    content = [{"document": {"uri": CELL, "version": 2}, "changes": [edit]}]
    await check(opened(), changed(textContent=content), texts={CELL: "x = 21"})


async def test_cells_come_and_go():
    array = {"start": 0, "deleteCount": 1, "cells": [{"kind": 2, "document": OTHER}]}
    structure = {"array": array, "didOpen": [cell(OTHER, "y")], "didClose": [{"uri": CELL}]}
    await check(opened(), changed(structure=structure), texts={CELL: None, OTHER: "y"})


async def test_a_closed_notebook_takes_its_cells_along():
    book = {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": CELL}]}
    await check(opened(), notification("didClose", **book), texts={CELL: None})
