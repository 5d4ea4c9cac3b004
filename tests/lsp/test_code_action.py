"""Code actions: the menu, the choice, the edit."""

import asyncio

import pytest

from arriero.errors import Overloaded
from arriero.lsp.client import CAPABILITIES
from arriero.lsp.peer import ResponseError
from desk import SIMPLE, Desk


async def check(desk, action: str, before: str, reply: str, after: str, problem=None) -> None:
    """Choose the action, let the model say `reply`; see `after`."""
    desk.open(before)
    desk.model.replies = [reply]
    await desk.choose(action, problem)
    assert desk.text == after


ALL = ["document", "simplify", "optimise", "types", "names", "tests", "continue", "explain"]
CLAMP = "def clamp(x, low, high):\n    return max(low, min(x, high))\n"


# What a person sees ------------------------------------------------------------------------------


async def test_selected_lines_become_the_models_code(desk):
    await check(
        desk,
        "simplify",
        before="a = 1\n⟦x = not not a\n⟧b = 2\n",
        reply="x = bool(a)\n```",
        after="a = 1\nx = bool(a)\nb = 2\n",
    )


async def test_a_cursor_stands_for_the_definition_around_it(desk):
    await check(
        desk,
        "document",
        before=CLAMP.replace("max", "‸max"),
        reply='Keep x between low and high."""',
        after=CLAMP.replace("):\n", '):\n    """Keep x between low and high."""\n'),
    )


async def test_the_last_line_of_a_file_has_no_line_end(desk):
    await check(desk, "simplify", before="a\n⟦b  or  b⟧", reply="b\n```", after="a\nb")


async def test_line_ends_are_those_of_the_document(desk):
    await check(
        desk,
        "simplify",
        before="a\r\n⟦b or b\r\n⟧c\r\n",
        reply="b\nb2\n```",
        after="a\r\nb\r\nb2\r\nc\r\n",
    )


async def test_a_problem_is_fixed_where_it_is(desk):
    await check(
        desk,
        "fix",
        before="def mean(xs):\n    return sum(xs) / ‸lenght(xs)\n",
        reply="def mean(xs):\n    return sum(xs) / len(xs)\n```",
        after="def mean(xs):\n    return sum(xs) / len(xs)\n",
        problem="undefined name 'lenght'",
    )
    assert "- line 2: undefined name 'lenght'" in desk.model.prompts[0]


async def test_only_lines_that_differ_are_edited(desk):
    await check(
        desk,
        "simplify",
        "⟦a = 1\nb = 2\nc = 3\n⟧",
        "a = 1\nB = 2\nc = 3\n```",
        "a = 1\nB = 2\nc = 3\n",
    )
    [change] = desk.client.edits[0]["documentChanges"]
    assert [edit["newText"] for edit in change["edits"]] == ["B = 2\n"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("I cannot fulfill your request.", "declined"),
        ("x = 1\n```", "sees nothing to change"),
        ("\n```", "no code"),
        (Overloaded("The model server is busy. Try again."), "busy"),
    ],
)
async def test_what_goes_wrong_is_said_once_and_nothing_changes(desk, reply, told):
    desk.open("⟦x = 1⟧\n")
    desk.model.replies = [reply]
    result = await desk.choose("simplify")
    assert result["applied"] is False
    assert told in result["reason"]
    assert desk.messages == [result["reason"]]
    assert desk.text == "x = 1\n"


# The menu ----------------------------------------------------------------------------------------


async def ids(desk, **context) -> list[str]:
    return [item["command"]["arguments"][0]["action"] for item in await desk.offers(**context)]


async def test_the_menu_never_asks_the_model(desk):
    desk.open("⟦x = 1⟧\n")
    assert await ids(desk) == ALL
    assert desk.model.prompts == []


async def test_every_problem_has_its_own_fix(desk):
    desk.open("⟦x = y⟧\n")
    here = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 5}}
    problems = [{"range": here, "message": m} for m in ("undefined name 'y'", "x is unused")]
    titles = [item["title"] for item in await desk.offers(diagnostics=problems)]
    assert titles[:2] == ["Fix: undefined name 'y'", "Fix: x is unused"]


@pytest.mark.parametrize(
    ("only", "offered"),
    [
        ([], ALL),
        (["refactor"], ALL),
        (["refactor.rewrite"], ALL[:5]),
        (["refactor.re"], []),
        (["source"], []),
    ],
)
async def test_only_the_kinds_that_are_asked_for(desk, only, offered):
    desk.open("⟦x = 1⟧\n")
    assert await ids(desk, only=only) == offered


async def test_two_problems_can_be_fixed_at_once(desk):
    desk.open("⟦def f(x):\n    y = a\n    return b⟧\n")
    problems = [
        {"range": {"start": {"line": n, "character": 4}, "end": {"line": n, "character": 5}}, **m}
        for n, m in ((1, {"message": "no a"}), (2, {"message": "no b"}))
    ]
    item = next(i for i in await desk.offers(diagnostics=problems) if "all" in i["title"])
    desk.model.replies = ["def f(x):\n    y = x\n    return y\n```"]
    await desk.client.execute(item["command"]["command"], item["command"]["arguments"])
    assert desk.text == "def f(x):\n    y = x\n    return y\n"
    assert "- line 2: no a\n- line 3: no b" in desk.model.prompts[0]


@pytest.mark.parametrize("gap", ["pass", "...", "# TODO: sum them", "raise NotImplementedError"])
async def test_what_is_left_to_write_can_be_implemented(desk, gap):
    desk.open(f"def total(xs):\n    ‸{gap}\n")
    desk.model.replies = ["def total(xs):\n    return sum(xs)\n```"]
    await desk.choose("implement")
    assert desk.text == "def total(xs):\n    return sum(xs)\n"


async def test_types_are_added_where_the_language_has_them_to_add(desk):
    desk.open("⟦x := 1⟧\n", name="a.go", language="go")
    assert "types" not in await ids(desk)


async def test_an_edit_that_breaks_the_syntax_is_asked_for_once_more(desk):
    desk.open("⟦def f(x):\n    return x⟧\n")
    desk.model.replies = ["def f(x):\n    return (x\n```", "def f(x):\n    return (x)\n```"]
    await desk.choose("simplify")
    assert desk.text == "def f(x):\n    return (x)\n"
    assert "syntax error near this line: return (x" in desk.model.prompts[1]


async def test_an_edit_that_breaks_the_syntax_twice_is_refused(desk):
    desk.open("⟦def f(x):\n    return x⟧\n")
    desk.model.replies = ["def f(x):\n    return (x\n```"] * 2
    result = await desk.choose("simplify")
    assert "break the syntax" in result["reason"]
    assert desk.text == "def f(x):\n    return x\n"


async def test_imports_go_to_the_top(desk):
    desk.open('"""Areas."""\n\nimport os\n\n\ndef area(r):\n    ‸return 3.14 * r * r\n')
    desk.model.replies = ["import math\n\ndef area(r):\n    return math.pi * r * r\n```"]
    await desk.choose("simplify")
    assert desk.text == (
        '"""Areas."""\n\nimport os\nimport math\n\n\ndef area(r):\n    return math.pi * r * r\n'
    )


async def test_nothing_is_offered_where_nothing_stands(desk):
    desk.open("x = 1\n\n‸\n\ny = 2\n")
    assert await ids(desk) == ["complete"]


async def test_nothing_is_offered_for_a_secret_file(desk):
    desk.open("⟦KEY=1⟧\n", name=".env", language="plaintext")
    assert await ids(desk) == []


async def test_actions_can_be_chosen_in_the_settings(tmp_path):
    async with Desk.at(tmp_path, settings={"actions": {"enabled": ["explain"]}}) as desk:
        desk.open("⟦x = 1⟧\n")
        assert await ids(desk) == ["explain"]


async def test_the_menu_says_that_a_model_writes_it(desk):
    desk.open("⟦x = 1⟧\n")
    assert {tuple(item["tags"]) for item in await desk.offers()} == {(1,)}


# Text that moves on ------------------------------------------------------------------------------


async def test_text_changed_before_the_choice_never_reaches_the_model(desk):
    desk.open("⟦x = 1⟧\n")
    item = await desk.offered("simplify")
    desk.type_at_top("# typed meanwhile\n")
    with pytest.raises(ResponseError, match="changed after the action"):
        await desk.client.execute(item["command"]["command"], item["command"]["arguments"])
    assert desk.model.prompts == []


async def test_an_edit_moves_with_what_was_typed_above_it(desk):
    desk.open("a = 1\n⟦x = not not a⟧\n")
    desk.model.replies = ["x = bool(a)\n```"]
    desk.model.before_reply = lambda: desk.type_at_top("# typed meanwhile\n")
    await desk.choose("simplify")
    assert desk.text == "# typed meanwhile\na = 1\nx = bool(a)\n"


async def test_an_edit_of_lines_that_changed_is_dropped(desk):
    desk.open("⟦x = 1⟧\n")
    desk.model.replies = ["x = 2\n```"]
    desk.model.before_reply = lambda: desk.type("y = ")
    with pytest.raises(ResponseError, match="changed while the model answered"):
        await desk.choose("simplify")
    assert desk.text == "y = x = 1\n"


# The client's abilities --------------------------------------------------------------------------


async def test_the_edit_names_the_version_and_the_model(desk):
    desk.open("⟦x = not not a⟧\n")
    desk.model.replies = ["x = bool(a)\n```"]
    await desk.choose("simplify")
    edit = desk.client.edits[0]
    assert edit["documentChanges"][0]["textDocument"] == {"uri": desk.uri, "version": 1}
    [annotation] = edit["changeAnnotations"].values()
    assert annotation["needsConfirmation"] is True
    assert "CodeLlama-70b-Instruct" in annotation["description"]


async def test_who_does_not_want_to_be_asked_is_not(tmp_path):
    async with Desk.at(tmp_path, settings={"actions": {"confirm": False}}) as desk:
        await check(desk, "simplify", "⟦x = not not a⟧\n", "x = bool(a)\n```", "x = bool(a)\n")
        [annotation] = desk.client.edits[0]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is False


async def test_a_poor_client_gets_a_plain_edit(tmp_path):
    async with Desk.at(tmp_path, capabilities=SIMPLE) as desk:
        await check(desk, "simplify", "⟦x = not not a⟧\n", "x = bool(a)\n```", "x = bool(a)\n")
        assert "changes" in desk.client.edits[0]


async def test_progress_tells_the_tokens_so_far(desk):
    seen = []
    desk.client.on_progress = seen.append
    desk.open("⟦x = not not a⟧\n")
    desk.model.replies = ["x = bool(a)\n```"]
    await desk.choose("simplify")
    assert seen[0]["kind"] == "begin"
    assert seen[0]["title"] == "Simplify (example.py)"
    assert seen[0]["cancellable"] is True
    assert "3 tokens" in [value.get("message") for value in seen]
    assert seen[-1] == {"kind": "end"}


async def test_cancelling_the_progress_closes_the_stream(desk):
    desk.open("⟦x = not not a⟧\n")
    desk.model.replies = ["x = bool(a)\n```"]
    desk.model.hold = asyncio.Event()
    choosing = asyncio.create_task(desk.choose("simplify"))
    begun = await desk.client.until("$/progress", lambda p: p["value"]["kind"] == "begin")
    await desk.model.begun.wait()
    desk.client.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
    await desk.model.ended.wait()
    with pytest.raises(ResponseError):
        await choosing
    assert desk.text == "x = not not a\n"


async def test_the_server_says_what_it_can_do(desk):
    assert "arriero.act" in desk.client.capabilities["executeCommandProvider"]["commands"]
    assert desk.client.capabilities["inlineCompletionProvider"] == {}
    kinds = desk.client.capabilities["codeActionProvider"]["codeActionKinds"]
    assert kinds == ["quickfix", "refactor", "refactor.rewrite"]
    assert CAPABILITIES["textDocument"]["inlineCompletion"]


async def test_new_settings_leave_a_running_action_its_model(desk):
    desk.open("⟦x = not not a⟧\n")
    desk.model.replies = ["x = bool(a)\n```"]
    desk.model.hold = asyncio.Event()
    choosing = asyncio.create_task(desk.choose("simplify"))
    await desk.model.begun.wait()
    desk.client.settings = {"max_new_tokens": 100}
    desk.client.notify("workspace/didChangeConfiguration", {"settings": None})
    await desk.client.until("arriero/status", lambda status: status["state"] == "starting")
    assert not desk.model.closed
    desk.model.hold.set()
    await choosing
    assert desk.text == "x = bool(a)\n"
