"""Actions whose answer goes elsewhere than into the place of the lines, and people's own."""

import pytest

from arriero.lsp.client import CAPABILITIES
from arriero.lsp.peer import ResponseError
from desk import Desk

ASKS = {**CAPABILITIES, "experimental": {"arriero": {"instructions": True}}}
NO_FILES = {**CAPABILITIES, "workspace": {"applyEdit": True, "workspaceEdit": {}}}
ADD = "def add(a, b):\n    return a + b\n"
TEST = "def test_add():\n    assert add(1, 2) == 3\n"


async def ids(desk) -> list[str]:
    return [item["command"]["arguments"][0]["action"] for item in await desk.offers()]


async def chosen(desk, action: str, **more) -> dict:
    item = await desk.offered(action)
    [ticket] = item["command"]["arguments"]
    return await desk.client.execute(item["command"]["command"], [ticket | more])


# Told what to do ---------------------------------------------------------------------------------


async def test_an_instruction_goes_to_the_model(tmp_path):
    async with Desk.at(tmp_path, capabilities=ASKS) as desk:
        desk.open("⟦x = 1⟧\n")
        desk.model.replies = ["x = 2\n```"]
        await chosen(desk, "edit", instruction="Make it {two}.")
        assert desk.text == "x = 2\n"
        assert "and change nothing else:\nMake it {two}." in desk.model.prompts[0]


async def test_an_editor_that_cannot_ask_is_not_offered_what_has_to_be_told(desk):
    desk.open("⟦x = 1⟧\n")
    assert "edit" not in await ids(desk)


async def test_an_action_that_is_told_nothing_asks_nothing(tmp_path):
    async with Desk.at(tmp_path, capabilities=ASKS) as desk:
        desk.open("⟦x = 1⟧\n")
        assert "was told nothing" in (await chosen(desk, "edit", instruction=" "))["reason"]
        assert desk.model.prompts == []


# Below, and at the cursor ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (
            "def add(a, b):\n    ‸return a + b\n\n\nx = 1\n",
            "def sub(a, b):\n    return a - b\n```",
            f"{ADD}\n\ndef sub(a, b):\n    return a - b\n\n\nx = 1\n",
        ),
        ("⟦a = 1\n⟧c = 3\n", "b = 2\n```", "a = 1\nb = 2\nc = 3\n"),
        ("⟦a = 1\n⟧c = 3\n", "a = 1\nb = 2\nc = 3\n```", "a = 1\nb = 2\nc = 3\n"),
        (
            "class A:\n    def f(self):\n        ‸return 1\n",
            "def g(self):\n    return 2\n```",
            "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n",
        ),
    ],
)
async def test_what_comes_next_is_written_below(desk, before, said, after):
    desk.open(before)
    desk.model.replies = [said]
    await desk.choose("continue")
    assert desk.text == after


async def test_a_suggestion_asked_for_from_the_menu_stands_at_the_cursor(desk):
    desk.open("def add(a, b):\n    return ‸\n")
    desk.model.replies = ["a + b\n```"]
    await desk.choose("complete")
    assert desk.text == ADD


async def test_a_suggestion_for_a_cursor_whose_text_moved_on_is_dropped(desk):
    desk.open("def add(a, b):\n    return ‸\n")
    desk.model.replies = ["a + b\n```"]
    desk.model.before_reply = lambda: desk.type_at_top("# typed\n")
    with pytest.raises(ResponseError, match="changed while the model answered"):
        await desk.choose("complete")
    assert desk.text == "# typed\ndef add(a, b):\n    return \n"


@pytest.mark.parametrize(
    "marked", ["def add(a, b):\n    return ⟦\n⟧", "def add(a, b):\n    return ⟦😀⟧\n"]
)
async def test_one_selected_character_is_the_cursor_of_helix(desk, marked):
    desk.open(marked)
    offered = await desk.offered("complete")
    assert offered["command"]["arguments"][0]["cursor"] == {"line": 1, "character": 11}
    ticket = (await desk.offered("simplify"))["command"]["arguments"][0]
    assert (ticket["start"], ticket["stop"]) == (0, 2)  # the definition around it


async def test_with_a_selection_there_is_no_cursor_to_complete_at(desk):
    desk.open("⟦x = 1⟧\n")
    assert "complete" not in await ids(desk)


# Tests -------------------------------------------------------------------------------------------


def text_of(desk, path: str) -> str:
    return desk.client.documents[(desk.root / path).as_uri()].text


async def test_tests_go_into_a_new_file_with_their_imports(desk):
    desk.open(f"⟦{ADD}⟧", "calc.py")
    desk.model.replies = [f"import pytest\n\nfrom calc import add\n\n\n{TEST}```"]
    await desk.choose("tests")
    assert text_of(desk, "tests/test_calc.py") == (
        f"import pytest\nfrom calc import add\n\n\n{TEST}"
    )
    assert desk.text == ADD
    assert "They go into tests/test_calc.py." in desk.model.prompts[0]


async def test_tests_are_added_to_those_that_there_are(desk):
    (desk.root / "test_calc.py").write_text(f"from calc import add\n\n\n{TEST}")
    desk.open(f"⟦{ADD}⟧", "calc.py")
    added = "def test_zero():\n    assert add(0, 0) == 0\n"
    desk.model.replies = [f"from calc import add\n\n\n{added}```"]
    await desk.choose("tests")
    assert text_of(desk, "test_calc.py") == f"from calc import add\n\n\n{TEST}\n\n{added}"
    assert "test_calc.py begins so:" in desk.model.prompts[0]


async def test_tests_are_added_to_an_open_file_as_it_is_now(desk):
    (desk.root / "test_calc.py").write_text("")
    desk.open(f"import os\n\n\n{TEST}", "test_calc.py")
    desk.open(f"⟦{ADD}⟧", "calc.py")
    desk.model.replies = ["def test_zero():\n    assert add(0, 0) == 0\n```"]
    await desk.choose("tests")
    assert text_of(desk, "test_calc.py").startswith(f"import os\n\n\n{TEST}\n\ndef test_zero")


async def test_an_editor_that_creates_no_files_learns_where_the_tests_belong(tmp_path):
    async with Desk.at(tmp_path, capabilities=NO_FILES) as desk:
        desk.open(f"⟦{ADD}⟧", "calc.py")
        reason = (await desk.choose("tests"))["reason"]
        assert "test_calc.py, and this editor creates no files" in reason
        assert desk.model.prompts == []


async def test_no_tests_are_written_into_a_file_that_is_kept_from_the_model(tmp_path):
    (tmp_path / ".arrieroignore").write_text("tests/\n")
    async with Desk.at(tmp_path) as desk:
        desk.open(f"⟦{ADD}⟧", "calc.py")
        assert (await desk.choose("tests"))["applied"] is False
        assert desk.model.prompts == []


# People's own ------------------------------------------------------------------------------------

OWN = {
    "german": {"title": "Say it in German", "instruction": "Say in German what {this} does."}
    | {"answer": "show", "languages": ["python"]},
    "log": {"title": "Log it", "instruction": "Log the arguments.", "kind": "refactor.rewrite"},
}


async def test_actions_of_the_settings_are_offered_and_carried_out(tmp_path):
    async with Desk.at(tmp_path, settings={"actions": {"own": OWN}}) as desk:
        desk.open("⟦x = 1⟧\n")
        assert (await ids(desk))[-2:] == ["german", "log"]
        desk.model.replies = ["Es setzt x. <step>", "log(x)\nx = 1\n```"]
        assert (await desk.choose("german"))["text"] == "Es setzt x."
        await desk.choose("log")
        assert desk.text == "log(x)\nx = 1\n"
        assert "Say in German what {this} does." in desk.model.prompts[0]


async def test_an_own_action_is_offered_in_its_languages_only(tmp_path):
    async with Desk.at(tmp_path, settings={"actions": {"own": OWN}}) as desk:
        desk.open("⟦x := 1⟧\n", "a.go", "go")
        assert (await ids(desk))[-1] == "log"
        assert "german" not in await ids(desk)
