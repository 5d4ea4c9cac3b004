"""Real clients by what they announce: each is sent nothing that it did not say it can take.

clients/ has what they announce.
"""

import json
from pathlib import Path

import pytest

from desk import Desk, ScriptedModel

CLIENTS = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted((Path(__file__).parent / "clients").glob("*.json"))
}

# What has to be announced before the server may send it; "" where nothing has to be.
NEEDED = {
    "$/progress": "window.workDoneProgress",
    "client/registerCapability": "workspace.didChangeWatchedFiles.dynamicRegistration",
    "window/logMessage": "",
    "window/showDocument": "window.showDocument.support",
    "window/showMessage": "",
    "window/workDoneProgress/create": "window.workDoneProgress",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/configuration": "workspace.configuration",
    "workspace/textDocumentContent/refresh": "workspace.textDocumentContent",
}

BEFORE = 'def area(r):\n    return 3 * r\n\n\nprint("😀", ‸)\n'
DOCUMENTED = '"""Return the area of a circle."""'


def announced(capabilities, path):
    """Return what stands at a path such as `window.workDoneProgress`, or None."""
    for name in path.split("."):
        capabilities = capabilities.get(name) if isinstance(capabilities, dict) else None
    return capabilities


class Overheard:
    """All that the server sends to a client."""

    def __init__(self, client) -> None:
        self._client = client
        self.asked: list[tuple[str, dict]] = []
        for method, answer in client.answers.items():
            client.answers[method] = self._noted(method, answer)

    def _noted(self, method, answer):
        def note(params):
            self.asked.append((method, params))
            return answer(params)

        return note

    @property
    def methods(self) -> set[str]:
        return {method for method, _ in (*self.asked, *self._client.heard)}

    @property
    def edits(self) -> list[dict]:
        return [params["edit"] for method, params in self.asked if method == "workspace/applyEdit"]


@pytest.fixture(params=CLIENTS)
def can(request):
    return CLIENTS[request.param]


@pytest.fixture
async def desk(tmp_path, can):
    async with Desk.at(tmp_path, capabilities=can, model=ScriptedModel()) as desk:
        desk.overheard = Overheard(desk.client)
        yield desk
    for method in desk.overheard.methods:
        assert not NEEDED[method] or announced(can, NEEDED[method]), method
    for edit in desk.overheard.edits:
        check_edit(edit, can)


def check_edit(edit, can) -> None:
    """Hold an edit to what the client knows of edits."""
    knows = announced(can, "workspace.workspaceEdit") or {}
    changes = edit.get("documentChanges", [])
    operations = {change["kind"] for change in changes if "kind" in change}
    assert operations <= set(knows.get("resourceOperations", ()))
    assert "documentChanges" not in edit or knows.get("documentChanges") or operations
    annotations = edit.get("changeAnnotations", {})
    assert not annotations or "changeAnnotationSupport" in knows
    asks = announced(can, "textDocument.codeAction.honorsChangeAnnotations")
    assert asks or not any(each["needsConfirmation"] for each in annotations.values())


async def test_only_what_it_can_is_offered(desk, can):
    offered = desk.client.capabilities
    encodings = announced(can, "general.positionEncodings") or ["utf-16"]
    assert offered["positionEncoding"] == encodings[0]
    assert ("notebookDocumentSync" in offered) == ("notebookDocument" in can)
    documents = announced(can, "workspace.textDocumentContent")
    assert ("textDocumentContent" in offered["workspace"]) == (documents is not None)


async def test_a_suggestion_comes_in_one_way(desk, can):
    """Grey text where the client has it, else the list; behind letters of several code units."""
    desk.open(BEFORE)
    desk.model.replies = ["area(2))\n```"]
    inline = announced(can, "textDocument.inlineCompletion") is not None
    if inline:
        assert await desk.suggestion() == "area(2)"
    [*items] = (await desk.listed())["items"]
    if inline:
        assert items == []
        return
    while not any(item["textEdit"]["newText"] == "area(2)" for item in items):
        items = (await desk.listed())["items"]
    [item] = items
    assert item["textEdit"]["range"]["end"] == desk.cursor._asdict()
    assert item.get("insertTextFormat", 1) == 1, "no snippet"


async def test_an_action_needs_nothing_resolved(desk, can):
    desk.open(BEFORE.replace("return", "‸return", 1).replace("‸)", ")"))
    knows = announced(can, "textDocument.codeAction.codeActionLiteralSupport.codeActionKind")
    for action in await desk.offers():
        assert action["command"]["command"] == "arriero.act"
        assert "data" not in action
        assert "disabled" not in action
        assert action["kind"] in knows["valueSet"]
        if "tags" in action:
            assert set(action["tags"]) <= set(
                announced(can, "textDocument.codeAction.tagSupport.valueSet") or ()
            )


async def test_an_action_changes_the_text(desk):
    marked = BEFORE.replace("return", "‸return", 1).replace("‸)", ")")
    desk.open(marked)
    desk.model.replies = ['Return the area of a circle."""']
    assert (await desk.choose("document"))["applied"] is True
    assert f"    {DOCUMENTED}\n    return" in desk.text


async def test_a_new_file_is_made_where_it_can_be(desk, can):
    desk.open("⟦def area(r):\n    return 3 * r\n⟧", "calc.py")
    desk.model.replies = ["def test_area():\n    assert area(1) == 3\n```"]
    result = await desk.choose("tests")
    operations = announced(can, "workspace.workspaceEdit.resourceOperations") or ()
    assert result["applied"] is ("create" in operations)
    if not result["applied"]:
        assert "Create it, and choose the action again." in desk.messages[-1]


async def test_an_explanation_reaches_the_person(desk, can):
    desk.open(BEFORE.replace("return", "‸return", 1).replace("‸)", ")"))
    desk.model.replies = ["It computes an area."]
    await desk.choose("explain")
    if announced(can, "window.showDocument.support"):
        assert len(desk.client.shown) == 1
        assert desk.messages == []
    else:
        assert "It computes an area." in desk.messages[-1]
