"""What people are told of a failing model server while they only type: each cause once."""

import pytest

from arriero.errors import Overloaded, Unreachable, WrongKey
from desk import LISTS, Desk

REFUSED = WrongKey("Refused. Set the key.")
GONE = Unreachable("Gone. Start it.")
BUSY = Overloaded("Busy.")


@pytest.mark.parametrize(
    ("replies", "told"),
    [
        ([REFUSED, REFUSED], ["Refused. Set the key."]),
        ([GONE, GONE, GONE], ["Gone. Start it."]),
        ([GONE, REFUSED], ["Gone. Start it."]),
        ([BUSY, BUSY], []),
        ([" 1\n", GONE, REFUSED], []),
    ],
)
async def test_typing_tells_one_cause_at_a_time_and_none_after_a_success(desk, replies, told):
    desk.open("x = ‸\n")
    desk.model.replies = list(replies)
    for _ in replies:
        await desk.suggestion_while_typing()
        desk.type("1 + ")
    assert desk.messages == told


async def test_who_has_only_the_list_is_told_as_well(tmp_path):
    async with Desk.at(tmp_path, capabilities=LISTS, settings={"completion": {"pace": 0}}) as desk:
        desk.open("x = ‸\n")
        desk.model.replies = [REFUSED, REFUSED]
        await desk.listed()
        if not desk.messages:
            await desk.client.until("window/showMessage")
        desk.type("1 + ")
        await desk.listed()
        assert desk.messages == ["Refused. Set the key."]


async def test_what_the_start_has_told_typing_does_not_repeat(tmp_path):
    async with Desk.at(tmp_path, model=GONE) as desk:
        await desk.client.until("window/showMessage")
        desk.open("x = ‸\n")
        assert await desk.suggestion_while_typing() is None
        assert desk.messages == ["Gone. Start it."]
