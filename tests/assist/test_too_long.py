"""A server that counts more tokens than were estimated is asked once more, with less."""

import re

from arriero.errors import TooLong

LONG = "".join(f"line_{n} = {n}\n" for n in range(350))


async def test_a_suggestion(desk):
    desk.open(f"{LONG}x =‸\n")
    desk.model.replies = [TooLong("too long"), " 1\n```"]
    assert await desk.suggestion() == " 1"
    first, second = desk.model.prompts
    assert len(second) < 0.9 * len(first)
    assert desk.messages == []


async def test_an_action(desk):
    desk.open(f"{LONG}⟦x  =  1⟧\n{LONG}")
    desk.model.replies = [TooLong("too long"), "x = 2\n```"]
    await desk.choose("simplify")
    first, second = desk.model.prompts
    assert len(second) < 0.9 * len(first)
    assert "x = 2\n" in desk.text


async def test_only_once(desk):
    desk.open(f"{LONG}x =‸\n")
    desk.model.replies = [TooLong("too long"), TooLong("still too long")]
    assert await desk.suggestion() is None
    assert desk.messages == ["still too long"]


async def test_a_region_that_can_never_fit_is_refused_before_it_is_sent(desk):
    desk.open(f"⟦{LONG * 3}⟧")
    await desk.choose("simplify")
    assert desk.model.asked == []
    [told] = desk.messages
    assert re.search(r"take about \d{4,} tokens and the answer up to \d{4,}, .* 4095 in all", told)
    assert desk.text == LONG * 3
