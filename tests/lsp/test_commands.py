"""Actions that cannot be done: one clear message each, and the model is not asked."""

import asyncio

import pytest

from arriero.errors import ResponseError
from arriero.lsp.client import CAPABILITIES
from desk import Desk

POOR = {**CAPABILITIES, "workspace": {"configuration": True}}


async def chosen(desk, action: str = "simplify", **changed) -> dict:
    """Run the command as a client may that makes up its arguments."""
    document = desk.client.documents.get(desk.uri)
    ticket = {
        "action": action,
        "uri": desk.uri,
        "version": document.version if document else 1,
        "start": 0,
        "stop": 1,
        "problems": [],
    }
    return await desk.client.execute("arriero.act", [ticket | changed])


async def refused(desk, told: str, action: str = "simplify", **changed) -> None:
    result = await chosen(desk, action, **changed)
    assert result["applied"] is False
    assert told in result["reason"]
    assert desk.messages == [result["reason"]]
    assert desk.model.prompts == []


@pytest.mark.parametrize(
    ("text", "told", "changed"),
    [
        ("x = 1\n", "There is no action 'simplfy'; it has to be", {"action": "simplfy"}),
        ("x = 1\n", 'did you mean "simplify"?', {"action": "simplfy"}),
        ("", "There is no code on these lines", {"stop": 0}),
        ("\n\n", "There is no code on these lines", {}),
        ("x = 1\n", "about lines 8 to 9, but the document has 2", {"start": 7, "stop": 9}),
        ("x = 1\n", "but the document has 2", {"start": 1, "stop": 0}),
        ("x = 1\n", "but the document has 2", {"start": -1}),
        ("x = '\0'\n", "is no text", {}),
        ("x = 1\n", "is not open", {"uri": "file:///closed.py"}),
    ],
)
async def test_what_makes_no_sense_is_said(desk, text, told, changed):
    desk.open(text)
    await refused(desk, told, **changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"version": "one"}, "params.version"), ({"problems": [{"line": "x"}]}, "params.problems")],
)
async def test_arguments_of_another_kind_are_refused_by_the_field(desk, changed, told):
    desk.open("x = 1\n")
    with pytest.raises(ResponseError) as error:
        await chosen(desk, **changed)
    assert told in str(error.value)


async def test_a_document_that_was_closed_after_the_menu_is_said(desk):
    desk.open("x = 1\n")
    desk.client.close(desk.uri)
    await refused(desk, "is not open")


async def test_nothing_is_offered_for_a_binary_file(desk):
    desk.open("⟦x = '\0'⟧\n")
    assert await desk.offers() == []


async def test_an_editor_that_takes_no_edits_learns_it_before_the_model_is_asked(tmp_path):
    async with Desk.at(tmp_path, capabilities=POOR) as desk:
        desk.open("x = 1\n")
        await refused(desk, "takes no edits")
        desk.model.replies = ["It sets x."]
        assert (await chosen(desk, "explain"))["text"] == "It sets x."


async def test_of_two_actions_on_the_same_lines_the_second_is_refused(desk):
    desk.open("a = 1\nb = 2\nc = 3\n")
    desk.model.hold = asyncio.Event()
    desk.model.replies = ["A = 1\n```", "C = 3\n```"]
    first = asyncio.create_task(chosen(desk, start=0, stop=2))
    await desk.model.begun.wait()
    assert "at work on these lines" in (await chosen(desk, start=1, stop=3))["reason"]
    elsewhere = asyncio.create_task(chosen(desk, start=2, stop=3))
    desk.model.hold.set()
    assert [(await each)["applied"] for each in (first, elsewhere)] == [True, True]
    assert desk.text == "A = 1\nC = 3\n"


async def test_lines_are_free_again_when_an_action_has_failed(desk):
    desk.open("x = not not a\n")
    desk.model.replies = ["", "x = bool(a)\n```"]
    await chosen(desk)
    await chosen(desk)
    assert desk.text == "x = bool(a)\n"


async def test_actions_can_be_cancelled_by_a_command(desk):
    desk.open("x = not not a\n")
    desk.model.hold = asyncio.Event()
    desk.model.replies = ["x = bool(a)\n```"]
    acting = asyncio.create_task(chosen(desk))
    await desk.model.begun.wait()
    assert await desk.client.execute("arriero.cancel") == {"cancelled": 1}
    with pytest.raises(ResponseError):
        await acting
    assert desk.model.ended.is_set()
    assert desk.text == "x = not not a\n"
    assert await desk.client.execute("arriero.cancel") == {"cancelled": 0}


# Text that moves on ------------------------------------------------------------------------------


async def test_an_edit_that_a_key_overtakes_is_sent_again(desk):
    desk.open("x = not not a\n")
    desk.model.replies = ["x = bool(a)\n```"]
    apply = desk.client.answers["workspace/applyEdit"]

    def overtaken(params):
        desk.client.answers["workspace/applyEdit"] = apply
        desk.type_at_top("# typed\n")
        return apply(params)

    desk.client.answers["workspace/applyEdit"] = overtaken
    assert (await chosen(desk))["applied"] is True
    assert desk.text == "# typed\nx = bool(a)\n"


async def test_an_edit_moves_with_what_was_typed_above_and_below_it(desk):
    desk.open("import a\n\n\ndef f():\n    return not not a\n\n\nb = 2\n")
    desk.model.replies = ["import os\n\n\ndef f():\n    return bool(a)\n```"]

    def typed():
        desk.type_at_top("# above\n")
        desk.client.change(desk.uri, None, desk.text + "# below\n")

    desk.model.before_reply = typed
    await chosen(desk, start=3, stop=5)
    assert desk.text == (
        "# above\nimport a\nimport os\n\n\ndef f():\n    return bool(a)\n\n\nb = 2\n# below\n"
    )
