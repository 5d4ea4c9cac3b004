"""Whoever asks again, by hand and at the same place, is offered something else."""

import asyncio

import pytest

from arriero.errors import Unreachable

PLACE = "total = ‸\n"


async def offered(desk, marked: str, *replies) -> list[str | None]:
    """Ask by hand once for each reply."""
    desk.open(marked)
    desk.model.replies = list(replies)
    return [await desk.suggestion() for _ in replies]


async def test_another_answer_is_made(desk):
    assert await offered(desk, PLACE, " 1\n", " 2\n", " 3\n") == ["1", "2", "3"]
    assert [prompt.sampling and prompt.sampling.seed for prompt in desk.model.asked] == [None, 1, 2]
    assert len(set(desk.model.prompts)) == 1


async def test_the_one_that_is_shown_goes_on_as_it_is_typed(desk):
    await offered(desk, PLACE, " price + 1\n", " price * 2\n")
    assert await desk.suggestion_while_typing() == "price * 2"
    desk.type("pri")
    assert await desk.suggestion_while_typing() == "ce * 2"
    assert len(desk.model.asked) == 2


async def test_where_there_is_no_other_the_first_stays(desk):
    assert await offered(desk, PLACE, " price\n", "\n") == ["price", "price"]


async def test_where_there_was_none_there_may_be_one(desk):
    assert await offered(desk, PLACE, "\n", " price\n") == [None, "price"]


async def test_a_failure_is_no_answer(desk):
    await offered(desk, PLACE, Unreachable("gone"), " price\n")
    assert [prompt.sampling for prompt in desk.model.asked] == [None, None]


async def test_elsewhere_the_likeliest_comes_first_again(desk):
    await offered(desk, PLACE, " 1\n", " 2\n")
    desk.type("max(")
    desk.model.replies = ["a, b)\n"]
    await desk.suggestion()
    assert desk.model.asked[-1].sampling is None


@pytest.mark.parametrize("before", [0, 1])
async def test_who_asks_twice_at_once_is_answered_once(desk, before):
    await offered(desk, PLACE, *[" 1\n"] * before)
    desk.model.replies = [" 2\n"]
    assert await asyncio.gather(desk.suggestion(), desk.suggestion()) == ["2", "2"]


async def test_whoever_goes_on_typing_is_not_shown_the_other(desk):
    await offered(desk, PLACE, " price\n")
    desk.model.hold = asyncio.Event()
    desk.model.begun.clear()
    # The model has said at this word what it says, so it is shown the word's beginning.
    desk.model.replies = [" sum(prices)\n", "ean(prices)\n"]
    asking = asyncio.create_task(desk.suggestion())
    await desk.model.begun.wait()
    desk.type("m")
    typing = asyncio.create_task(desk.suggestion())
    assert await asking is None
    desk.model.hold.set()
    assert await typing == "ean(prices)"
