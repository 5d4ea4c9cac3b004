"""When a server that failed is left alone, and how it is found again."""

import pytest

from arriero.assist.breaker import PATIENCE, PAUSE, Breaker
from arriero.errors import Invalid, Overloaded, TooLong, Unreachable, WrongAddress, WrongKey
from desk import Desk

GONE = Unreachable("gone")


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def after(*errors, **more) -> Breaker:
    breaker = Breaker(**more)
    for error in errors:
        breaker.failed(error)
    return breaker


@pytest.mark.parametrize(
    ("errors", "open_"),
    [
        ([], False),
        ([GONE] * (PATIENCE - 1), False),
        ([GONE] * PATIENCE, True),
        ([WrongKey("no")], True),
        ([WrongAddress("no")], True),
        ([Overloaded("busy")], False),
        ([Overloaded("busy", retry_after=3.0)], True),
        ([TooLong("long"), Invalid("bad")] * PATIENCE, False),
    ],
)
def test_what_opens_it(errors, open_):
    assert after(*errors).error is (errors[-1] if open_ else None)


def test_one_request_at_a_time_sees_whether_the_server_is_back():
    clock = Clock()
    breaker = after(*[GONE] * PATIENCE, now=clock)
    with pytest.raises(Unreachable):
        breaker.check()
    clock.time += PAUSE
    breaker.check()
    with pytest.raises(Unreachable):
        breaker.check()
    breaker.worked()
    breaker.check()
    breaker.failed(GONE)
    breaker.check()


def test_a_server_that_says_when_to_come_back_is_asked_no_sooner():
    clock = Clock()
    breaker = after(Overloaded("busy", retry_after=30.0), now=clock)
    clock.time += 29.9
    with pytest.raises(Overloaded):
        breaker.check()
    clock.time += 0.1
    breaker.check()


async def test_typing_on_asks_a_dead_server_no_more_and_asking_by_hand_does(desk: Desk):
    desk.open("x = ‸\n")
    desk.model.replies = [GONE] * 9
    for _ in range(9):
        assert await desk.suggestion_while_typing() is None
    assert len(desk.model.prompts) == PATIENCE
    assert (await desk.client.request("arriero/status", {}))["state"] == "unreachable"

    desk.model.replies = [" 1\n", " 2\n"]
    assert await desk.suggestion() == "1"
    desk.type("1 +")
    assert await desk.suggestion_while_typing() == " 2"
    assert len(desk.model.prompts) == PATIENCE + 2
    assert desk.messages == ["gone"]  # once, and no more


async def test_a_server_that_is_back_is_found_by_typing(desk: Desk, monkeypatch):
    monkeypatch.setattr("arriero.assist.breaker.PAUSE", 0.0)
    desk.open("x = ‸\n")
    desk.model.replies = [*[GONE] * PATIENCE, " 1\n"]
    for _ in range(PATIENCE):
        assert await desk.suggestion_while_typing() is None
    assert await desk.suggestion_while_typing() == "1"
