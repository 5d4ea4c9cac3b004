"""Who is tried again, when, and how long it is waited before."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from arriero.errors import ArrieroError, GenerationFailed, Overloaded, TooSlow, WrongKey
from arriero.model import explain
from arriero.model.endpoint import Deadlines
from arriero.model.tgi import Tgi
from model.rawserver import HEAD, OK, PROMPT, RawServer, Then, chunk, event, plain, stream, token

BUSY = stream(event({"error": "Model is overloaded", "error_type": "overloaded"}))
FAULT = stream(event({"error": "CUDA error", "error_type": "generation"}))
GONE = (Then.CUT,)
NO_KEY = plain("401 Unauthorized")


async def ask(*answers, explicit: bool, **endpoint):
    """Ask a server that answers so; give what was read, the number of tries, and the waits."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    async with RawServer(*answers) as server:
        tgi = Tgi(server.endpoint(**endpoint), sleep=sleep)
        try:
            async with tgi.stream(PROMPT, explicit=explicit) as pieces:
                result = [item async for item in pieces]
        except ArrieroError as error:
            result = type(error)
        await tgi.close()
        return result, len(server.requests), waits


@pytest.mark.parametrize(
    ("answers", "explicit", "tries", "outcome"),
    [
        pytest.param([BUSY, OK], True, 2, list, id="busy once"),
        pytest.param([plain("503 X"), FAULT, OK], True, 3, list, id="two different faults"),
        pytest.param([GONE, OK], True, 2, list, id="connection closed"),
        pytest.param([BUSY], True, 3, Overloaded, id="busy for good"),
        pytest.param([FAULT], True, 3, GenerationFailed, id="the last error is the one shown"),
        pytest.param([NO_KEY, OK], True, 1, WrongKey, id="a wrong key stays wrong"),
        pytest.param([BUSY, OK], False, 1, Overloaded, id="nobody waits for it"),
    ],
)
async def test_tries(answers, explicit, tries, outcome):
    result, made, waits = await ask(*answers, explicit=explicit)
    assert (result if isinstance(result, type) else list) is outcome
    assert (made, len(waits)) == (tries, tries - 1)


async def test_after_the_first_piece_nothing_is_tried_again():
    broken = (HEAD, chunk(token("a")), Then.CUT)
    _, made, waits = await ask(broken, OK, explicit=True)
    assert (made, waits) == (1, [])


async def test_waits_grow_and_differ():
    waits = [wait for _ in range(20) for wait in (await ask(BUSY, explicit=True))[2]]
    first, second = waits[::2], waits[1::2]
    assert all(0.5 <= wait <= 1.0 for wait in first)
    assert all(1.0 <= wait <= 1.5 for wait in second)
    assert len(set(first)) > 1


async def test_the_servers_own_advice_is_followed():
    result, _, waits = await ask(plain("429 X", "", "retry-after: 7"), OK, explicit=True)
    assert len(result) == 3
    assert waits == [7.0]


async def test_advice_beyond_the_total_deadline_ends_it_at_once():
    late = plain("429 X", "", "retry-after: 31")
    result, made, waits = await ask(late, OK, explicit=True, deadlines=Deadlines(total=30.0))
    assert (result, made, waits) == (Overloaded, 1, [])


async def test_all_tries_share_the_total_deadline(monkeypatch):
    loop, late = asyncio.get_running_loop(), 0.0
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + late)

    async def sleep(_: float) -> None:
        nonlocal late
        late = 30.0

    async with RawServer(BUSY, (Then.HANG,)) as server, asyncio.timeout(60):
        tgi = Tgi(server.endpoint(deadlines=Deadlines(total=30.0)), sleep=sleep)
        with pytest.raises(TooSlow, match=r"deadlines\.total"):
            async with tgi.stream(PROMPT, explicit=True) as pieces:
                await anext(pieces)
        await tgi.close()


async def test_one_try_if_the_settings_say_so():
    result, made, _ = await ask(BUSY, OK, explicit=True, tries=1)
    assert (result, made) == (Overloaded, 1)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("0", 0, 0),
        (" 12 ", 12, 12),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0),
        ("Sun, 06 Nov 1994 08:49:37 -0000", 0, 0),
    ],
)
def test_retry_after_is_read(value, low, high):
    assert low <= explain.retry_after(value) <= high


def test_retry_after_a_time_of_day_is_the_rest_of_the_way():
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 0 < explain.retry_after(in_an_hour) <= 3600


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "²"])
def test_other_advice_is_none(value):
    assert explain.retry_after(value) is None
