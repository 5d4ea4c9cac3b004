"""The driver and the simulated 70B: the truth when all is well, and faults to order."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.errors import BackendError, GenerationFailed, Interrupted, Overloaded
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from arriero_backend.simulated.application import app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.orders import Orders
from model.contractserver import served

TRUE = "def double(x):\n    return x * 2\n"
ASKED = Prompt(
    "Source: system\n\n You continue code. <step> "
    "Source: user\n\n Continue double.py. <step> "
    "Source: assistant\nDestination: user\n\n ```python\ndef double(x):\n    return",
    stop=("<step>", "</s>"),
    end_ids=frozenset({2, 32015}),
    max_new_tokens=32,
)


@asynccontextmanager
async def simulated(tmp_path, **orders):
    """The driver to a simulated model that knows one file; its waits take no time."""
    (tmp_path / "double.py").write_text(TRUE)
    engine = SimulatedEngine(tmp_path, Orders(**orders))
    async with served(app(engine)) as url:
        tgi = Tgi(Endpoint(url), sleep=lambda _: asyncio.sleep(0))
        try:
            yield engine, tgi
        finally:
            await tgi.close()


async def check(tmp_path, *, error=None, explicit=True, tries=1, **orders) -> None:
    """Ask a model with such faults; read the truth, or see this error, after so many tries."""
    said, failure = "", None
    async with simulated(tmp_path, **orders) as (engine, tgi):
        try:
            async with tgi.stream(ASKED, explicit=explicit) as pieces:
                async for item in pieces:
                    said += item.text if isinstance(item, Piece) else f"|{item.reason}"
        except BackendError as raised:
            failure = raised
    assert failure or said == " x * 2\n```<step>|stop_sequence"
    assert (type(failure), len(engine.records)) == (error or type(None), tries)


async def test_the_true_continuation(tmp_path):
    await check(tmp_path)


async def test_who_waits_does_not_notice_that_it_was_busy(tmp_path):
    await check(tmp_path, overload=2, tries=3)
    await check(tmp_path, overload=1, explicit=False, error=Overloaded)


@pytest.mark.parametrize(
    ("orders", "error", "tries"),
    [
        ({"fault_at": 0}, GenerationFailed, 3),
        ({"fault_at": 2}, GenerationFailed, 1),
        ({"drop_at": 0}, Interrupted, 3),
        ({"drop_at": 2}, Interrupted, 1),
    ],
)
async def test_only_what_showed_nothing_yet_is_tried_again(tmp_path, orders, error, tries):
    await check(tmp_path, error=error, tries=tries, **orders)


async def test_a_stream_that_is_left_is_seen_aborted(tmp_path):
    async with simulated(tmp_path, stall_at=1) as (engine, tgi):
        async with tgi.stream(ASKED, explicit=True) as pieces:
            assert not isinstance(await anext(pieces), End)
        record = engine.records[0]
        await asyncio.wait_for(record.ended.wait(), 5)
        assert record.state == "aborted"
