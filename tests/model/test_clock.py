"""Deadlines, on a loop whose time stands still until a test moves it."""

import asyncio

import pytest

from arriero.errors import TooSlow
from arriero.model.clock import Clock
from arriero.model.endpoint import Deadlines, Endpoint

DEADLINES = Deadlines(connect=1.0, first_token=10.0, between_tokens=2.0, total=100.0)


@pytest.fixture
async def clock(monkeypatch):
    """A clock of an endpoint, and a function that lets chunks come after so many seconds each."""
    loop = asyncio.get_running_loop()
    now = 1000.0
    monkeypatch.setattr(loop, "time", lambda: now)
    clock = Clock(Endpoint("http://gpu", deadlines=DEADLINES))

    async def after(*pauses: float):
        nonlocal now
        for pause in pauses:
            now += pause
            await asyncio.sleep(0)  # where a deadline that has passed is noticed
            await asyncio.sleep(0)
            yield b"."

    return clock, after


async def survives(clock, chunks) -> str:
    """Read all chunks; give the sentence about the deadline that passed, or nothing."""
    try:
        async for _ in clock.watch(chunks):
            pass
    except TooSlow as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("begun", "pauses", "passed"),
    [
        pytest.param(False, [4, 5], "", id="a queue that moves"),
        pytest.param(False, [4, 5, 2], "first_token", id="comments do not make up for a token"),
        pytest.param(True, [1.5] * 20, "", id="but between tokens they are a sign of life"),
        pytest.param(True, [1.5, 2.5], "between_tokens", id="silence"),
        pytest.param(True, [1.5] * 80, "total", id="life without end"),
    ],
)
async def test_deadlines(clock, begun, pauses, passed):
    clock, after = clock
    if begun:
        clock.begin()
    said = await survives(clock, after(*pauses))
    assert (f"deadlines.{passed} " in said) if passed else not said


async def test_a_timeout_of_somebody_elses_is_not_ours(clock):
    clock, _ = clock

    async def fails():
        raise TimeoutError("the kernel's")

    with pytest.raises(TimeoutError, match="kernel"):
        await clock.meet(fails())
