"""Whoever asks again, by hand and at the same place, is offered something else."""

import asyncio

import pytest

from arriero.errors import Unreachable
from arriero.lsp.client import AUTOMATIC

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


@pytest.mark.parametrize(
    ("replies", "texts"),
    [
        ([" 1\n"], ["1"]),
        ([" 1\n", " 2\n"], ["2", "1"]),
        ([" 1\n", " 2\n", " 3\n", " 4\n"], ["4", "3", "2"]),
        ([" 1\n", " 2\n", " 1\n"], ["1", "2"]),
        ([" 1\n", "\n"], ["1"]),
        (["\n", " 1\n"], ["1"]),
    ],
)
async def test_the_editor_can_go_round_the_different_ones(desk, replies, texts):
    await offered(desk, PLACE, *replies[:-1])
    desk.model.replies = replies[-1:]
    assert [item["insertText"] for item in await desk.suggestions()] == texts
    assert len(desk.model.asked) == len(replies)  # never more than one a time


async def test_whoever_takes_the_second_has_accepted_it(desk):
    await offered(desk, PLACE, " price + 1\n", " count * 2\n")
    desk.type("price + 1")
    desk.model.replies = ["\n"]
    await desk.suggestion_while_typing()
    assert await desk.counts() == {"shown": 2, "accepted": 1, "partly": 0, "rejected": 0}


async def test_while_typing_there_is_one(desk):
    await offered(desk, PLACE, " price + 1\n", " price * 2\n")
    assert len(await desk.suggestions(AUTOMATIC)) == 1


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
    assert [item["insertText"] for item in await desk.suggestions()] == ["a, b)"]
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
