"""Suggestions switched off and on again, everywhere or in one language."""

import pytest

from arriero.errors import ResponseError
from desk import Desk

PAUSE, RESUME = "arriero.pause", "arriero.resume"


@pytest.mark.parametrize(
    ("commands", "suggested", "paused"),
    [
        ([], True, []),
        ([(PAUSE,)], False, ["*"]),
        ([(PAUSE, "python")], False, ["python"]),
        ([(PAUSE, "markdown")], True, ["markdown"]),
        ([(PAUSE,), (RESUME,)], True, []),
        ([(PAUSE, "python"), (RESUME, "python")], True, []),
        ([(PAUSE, "python"), (RESUME,)], True, []),
        ([(PAUSE,), (RESUME, "python")], False, ["*"]),
        ([(PAUSE, "python"), (PAUSE, "go")], False, ["go", "python"]),
        ([(PAUSE, "python", "go"), (RESUME, "go")], False, ["python"]),
    ],
)
async def test_typing(desk: Desk, commands, suggested, paused):
    desk.model.replies = [" 1\n"]
    desk.open("x = ‸\n")
    for command, *arguments in commands:
        await desk.client.execute(command, arguments)
    assert await desk.suggestion_while_typing() == ("1" if suggested else None)
    assert (await desk.client.request("arriero/status", {}))["paused"] == paused


async def test_who_asks_by_hand_is_answered_all_the_same(desk: Desk):
    desk.model.replies = [" 1\n"]
    desk.open("x = ‸\n")
    await desk.client.execute(PAUSE, [])
    assert await desk.suggestion() == "1"


@pytest.mark.parametrize("wrong", [3, None, ["python"]])
async def test_what_is_no_name_of_a_language_is_refused(desk: Desk, wrong):
    with pytest.raises(ResponseError, match="expected str"):
        await desk.client.execute(PAUSE, [wrong])


async def test_new_settings_take_no_pause_back(desk: Desk):
    await desk.client.execute(PAUSE, [])
    desk.client.settings = {"max_new_tokens": 9}
    desk.client.notify("workspace/didChangeConfiguration", {"settings": None})
    await desk.client.until("arriero/status", lambda status: status["state"] == "starting")
    assert (await desk.client.request("arriero/status", {}))["paused"] == ["*"]
