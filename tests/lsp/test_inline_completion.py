"""Ghost text, as a person at a desk sees it."""

import asyncio
from contextlib import suppress

import pytest

from arriero.errors import NoBackend, Overloaded
from arriero.lsp.peer import ResponseError
from desk import Desk


async def test_the_models_words_are_offered_at_the_cursor(desk):
    desk.open("def add(a, b):\n    return ‸\n")
    desk.model.replies = [" a + b\n```"]
    assert await desk.suggestion() == "a + b"


async def test_a_block_is_offered_where_one_is_missing(desk):
    desk.open("def add(a, b):\n    ‸\n\n\nadd(1, 2)\n")
    desk.model.replies = ["\n    total = a + b\n    return total\n\n\nadd(1, 2)"]
    assert await desk.suggestion() == "total = a + b\n    return total"


@pytest.mark.parametrize(
    ("language", "marked", "reply", "offered"),
    [
        ("python", "if a:‸\n", "\n    b = a\n    c = b\n```", "\n    b = a\n    c = b"),
        ("python", "def f(a:‸\n", " int):\n    return a\n```", " int):"),
        ("ruby", "def f(a)‸\n", "\n  b = a\n  b\nend\n```", "\n  b = a\n  b\nend"),
        ("php", "<?php\n$this->‸\n", "go();\n$this->stop();\n```", "go();"),
        ("yaml", "on:‸\n", "\n  push:\n    tags\n```", "\n  push:\n    tags"),
    ],
)
async def test_one_line_or_several_goes_by_the_language(desk, language, marked, reply, offered):
    desk.open(marked, name="example", language=language)
    desk.model.replies = [reply]
    assert await desk.suggestion() == offered


async def test_line_ends_are_those_of_the_document(desk):
    desk.open("def add(a, b):\r\n    ‸\r\n")
    desk.model.replies = ["\n    x = a\n    return x\n```"]
    assert await desk.suggestion() == "x = a\r\n    return x"


async def test_the_model_sees_characters_not_code_units(desk):
    # The editor counts 😀 as two units, Python as one.
    desk.open("s = '😀' + ‸\n")
    desk.model.replies = [" 'x'\n"]
    assert await desk.suggestion() == "'x'"
    assert desk.model.prompts[0].endswith("s = '😀' +")


async def test_what_is_typed_through_is_not_asked_again(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n"]
    assert await desk.suggestion() == "price * 2"
    for typed in "pri":
        desk.type(typed)
    assert await desk.suggestion_while_typing() == "ce * 2"
    assert len(desk.model.prompts) == 1


async def test_what_is_typed_otherwise_is_asked_anew(desk):
    desk.open("total = ‸\n")
    # The second time the model is shown the `m`: without it, it would say the same again.
    desk.model.replies = [" price * 2\n", "ax(a, b)\n"]
    await desk.suggestion()
    desk.type("m")
    assert await desk.suggestion() == "ax(a, b)"


async def test_other_text_after_the_cursor_is_asked_anew(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n", " price\n"]
    await desk.suggestion()
    desk.client.change(desk.uri, None, "total = \nnext = 1\n")
    assert await desk.suggestion() == "price"


async def test_a_cancelled_request_closes_the_stream(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n"]
    desk.model.hold = asyncio.Event()
    request = asyncio.create_task(desk.suggestion())
    await desk.model.begun.wait()
    request.cancel()
    await desk.model.ended.wait()


async def test_a_newer_request_ends_the_older_and_both_are_answered(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" one\n", " two\n"]
    desk.model.hold = asyncio.Event()
    older = asyncio.create_task(desk.suggestion())
    await desk.model.begun.wait()
    desk.client.change(desk.uri, None, "total = \nnext = 1\n")
    desk.model.before_reply = desk.model.hold.set
    newer = asyncio.create_task(desk.suggestion())
    assert await older is None
    assert await newer == "two"


async def test_an_answer_under_way_serves_what_is_typed_meanwhile(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" one\n"]
    desk.model.hold = asyncio.Event()
    older = asyncio.create_task(desk.suggestion_while_typing())
    await desk.model.begun.wait()
    desk.type("o")
    newer = asyncio.create_task(desk.suggestion_while_typing())
    assert await older is None
    desk.model.hold.set()
    assert await newer == "ne"
    assert len(desk.model.prompts) == 1


async def test_a_failure_is_told_to_who_asked(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [Overloaded("The model server is busy. Try again.")]
    assert await desk.suggestion() is None
    assert desk.messages == ["The model server is busy. Try again."]


async def test_a_failure_while_typing_is_told_to_nobody(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [Overloaded("The model server is busy. Try again.")]
    assert await desk.suggestion_while_typing() is None
    assert desk.messages == []


async def test_after_a_failure_the_next_request_is_served(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [Overloaded("busy"), " 1\n"]
    await desk.suggestion()
    assert await desk.suggestion() == "1"


@pytest.mark.parametrize("name", [".env", "id_rsa", "server.pem"])
async def test_secret_files_are_never_sent(desk, name):
    desk.open("password = ‸\n", name=name, language="plaintext")
    assert await desk.suggestion() is None
    assert desk.model.prompts == []
    assert len(desk.messages) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:.env",
        "untitled:/home/ann/.env",
        "vscode-remote://ssh-remote%2Bhost/home/ann/.env",
        "vscode-notebook-cell:/home/ann/.ssh/keys.ipynb#W0sZmlsZQ",
        "vscode-vfs://github/ann/project/%2Eenv",
    ],
)
async def test_secrets_are_never_sent_whatever_the_scheme(desk, uri):
    desk.open_uri(uri, "password = ‸\n", "plaintext")
    assert await desk.suggestion() is None
    assert desk.model.prompts == []
    assert len(desk.messages) == 1


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "untitled:", "inmemory://model/1"])
async def test_documents_without_a_file_are_served(desk, uri):
    desk.open_uri(uri, "total = ‸\n", "python")
    desk.model.replies = [" 1\n"]
    assert await desk.suggestion() == "1"


async def test_ignored_files_are_never_sent(tmp_path):
    async with Desk.at(tmp_path, settings={"ignore": ["private/"]}) as desk:
        desk.open("x = ‸\n", name="private/notes.py")
        assert await desk.suggestion_while_typing() is None
        assert desk.model.prompts == []


async def test_a_language_can_be_switched_off(tmp_path):
    async with Desk.at(tmp_path, settings={"completion": {"languages": {"python": False}}}) as desk:
        desk.open("x = ‸\n")
        assert await desk.suggestion_while_typing() is None
        assert desk.model.prompts == []


async def test_without_a_model_the_server_stays_up_and_says_what_to_do(tmp_path):
    async with Desk.at(tmp_path, model=NoBackend("Set ARRIERO_URL to your server.")) as desk:
        desk.open("x = ‸\n")
        assert await desk.suggestion_while_typing() is None
        assert desk.messages == ["Set ARRIERO_URL to your server."]


async def test_what_became_of_suggestions_is_counted(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n"]
    await desk.suggestion()
    desk.type("price * 2")
    await desk.suggestion_while_typing()
    assert await desk.counts() == {"shown": 1, "accepted": 1, "partly": 0, "rejected": 0}


async def test_who_tells_us_that_they_accepted_is_counted_once(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n", "\n"]
    [item] = await desk.suggestions()
    await desk.accept(item)
    assert (await desk.counts())["accepted"] == 1
    await desk.suggestion_while_typing()
    assert await desk.counts() == {"shown": 1, "accepted": 1, "partly": 0, "rejected": 0}


async def test_what_the_text_has_told_is_not_counted_again(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n", "\n"]
    [item] = await desk.suggestions()
    desk.type(item["insertText"])
    await desk.suggestion_while_typing()
    await desk.client.execute(item["command"]["command"], item["command"]["arguments"])
    assert (await desk.counts())["accepted"] == 1


async def test_an_older_suggestion_is_not_taken_for_the_one_that_stands(desk):
    desk.open("total = ‸\n")
    desk.model.replies = [" price * 2\n", "ax(a, b)\n"]
    [older] = await desk.suggestions()
    desk.type("m")
    assert await desk.suggestion() == "ax(a, b)"
    await desk.client.execute(older["command"]["command"], older["command"]["arguments"])
    assert await desk.counts() == {"shown": 2, "accepted": 0, "partly": 0, "rejected": 1}


@pytest.mark.parametrize("arguments", [[], [1], [{"uri": "file:///no.py", "number": 1}]])
async def test_what_was_never_offered_is_not_counted(desk, arguments):
    desk.open("total = ‸\n")
    with suppress(ResponseError):
        await desk.client.execute("arriero.accepted", arguments)
    assert (await desk.counts())["accepted"] == 0
