"""The simulated engine: its speed, its queue, its cache, its faults, and what it remembers."""

from __future__ import annotations

import asyncio

import pytest

from arriero_backend.engine import EngineError, Sampling, Token
from arriero_backend.simulated import engine as module
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.orders import Orders

PROMPT = (
    "Source: system\n\n S. <step> Source: user\n\n Continue a.py. <step> "
    "Source: assistant\nDestination: user\n\n ```python\nx ="
)
TRUTH = "x = 1\ny = 2\n"
LEAK = " Source: assistant\nEOT: true <step> Source: assistant\nDestination: user\n\n "


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a started engine with these orders."""
    (tmp_path / "a.py").write_bytes(TRUTH.replace("\n", "\r\n").encode())

    async def make(**orders: object) -> SimulatedEngine:
        engine = SimulatedEngine(tmp_path, Orders(**orders))
        await engine.start()
        return engine

    return make


async def tokens(engine: SimulatedEngine, prompt: str = PROMPT, limit: int = 500) -> list[Token]:
    ids = [token.id for token in engine.encode(prompt)]
    return [token async for token in engine.generate(prompt, ids, Sampling(), limit)]


async def said(engine: SimulatedEngine, prompt: str = PROMPT, limit: int = 500) -> str:
    return "".join(token.text for token in await tokens(engine, prompt, limit))


# What it says -----------------------------------------------------------------------------------


async def test_it_says_the_truth_and_then_leaks_as_the_model_does(make):
    assert await said(await make()) == f" 1\ny = 2\n```<step>{LEAK}</s>"


async def test_it_says_no_more_than_asked(make):
    assert len(await tokens(await make(), limit=3)) == 3


@pytest.mark.parametrize("hidden", [False, True])
async def test_step_is_visible_or_hidden(make, hidden):
    step = next(t for t in await tokens(await make(hidden_step=hidden)) if t.id == 32015)
    assert (step.text, step.special) == ("<step>", hidden)


async def test_with_a_leak_the_end_is_never_said(make):
    assert await said(await make(leak=True)) == f" 1\ny = 2\n```{LEAK}</s>"


async def test_a_doubled_begin_spoils_everything(make):
    assert await said(await make(), "<s>" + PROMPT) == f"{LEAK}</s>"


async def test_it_refuses_when_ordered_to(make):
    assert (await said(await make(refuse=True))).startswith("I cannot fulfill your request")


async def test_a_chat_has_the_begin_from_its_template(make):
    engine = await make()
    roles = ("system", "user")
    prompt = engine.render_chat([{"role": role, "content": "About a.py."} for role in roles])
    ids = [token.id for token in engine.encode(prompt, add_special_tokens=False)]
    answer = [token.text async for token in engine.generate(prompt, ids, Sampling(), 500)]
    assert "".join(answer).startswith("I'm sorry")


# What goes wrong --------------------------------------------------------------------------------


async def test_it_fails_after_so_many_tokens(make):
    engine = await make(fault_at=2)
    with pytest.raises(EngineError) as failure:
        await said(engine)
    assert failure.value.kind == "generation"
    assert (engine.records[0].state, engine.records[0].generated) == ("failed", 2)


async def test_it_is_overloaded_for_so_many_requests(make):
    engine = await make(overload=1)
    with pytest.raises(EngineError) as failure:
        await said(engine)
    assert failure.value.kind == "overloaded"
    assert (await said(engine)).startswith(" 1")


async def test_it_stalls_until_somebody_gives_up(make):
    engine = await make(stall_at=1)
    ids = [token.id for token in engine.encode(PROMPT)]
    answer = engine.generate(PROMPT, ids, Sampling(), 500)
    assert (await anext(answer)).text
    waiting = asyncio.create_task(anext(answer))
    await asyncio.sleep(0)
    assert engine.records[0].state == "running"
    waiting.cancel()
    await asyncio.wait([waiting])
    await engine.records[0].ended.wait()
    assert (engine.records[0].state, engine.records[0].generated) == ("aborted", 1)


async def test_one_who_heard_enough_did_not_abort(make):
    engine = await make()
    ids = [token.id for token in engine.encode(PROMPT)]
    answer = engine.generate(PROMPT, ids, Sampling(), 500)
    await anext(answer)
    await answer.aclose()
    assert engine.records[0].state == "finished"


# Time, slots, cache -----------------------------------------------------------------------------


async def test_time_passes_as_ordered(make, monkeypatch):
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    engine = await make(prompt_speed=1000.0, speed=10.0)
    generated = await tokens(engine)
    assert slept == [engine.prefixes.computed / 1000, *[0.1] * len(generated)]


async def test_what_has_no_slot_waits_for_one(make):
    engine = await make(slots=1)
    ids = [token.id for token in engine.encode(PROMPT)]
    first = engine.generate(PROMPT, ids, Sampling(), 500)
    await anext(first)
    second = asyncio.create_task(said(engine))
    for _ in range(10):
        await asyncio.sleep(0)
    assert engine.records[1].generated == 0
    await first.aclose()
    assert (await second).startswith(" 1")


async def test_what_was_computed_is_not_computed_again(make):
    engine = await make()
    await said(engine)
    size = len(engine.encode(PROMPT))
    assert (engine.prefixes.computed, engine.prefixes.reused) == (size, 0)
    await said(engine)
    assert (engine.prefixes.computed, engine.prefixes.reused) == (size + 1, size - 1)
    await said(engine, PROMPT + " y")
    assert engine.prefixes.computed == size + 2
    assert engine.counters()["simulated_prompt_tokens_reused"] == engine.prefixes.reused
