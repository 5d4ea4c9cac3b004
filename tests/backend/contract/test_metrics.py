"""GET /metrics: TGI's names, and numbers that agree with what happened."""

from __future__ import annotations

import asyncio
import re

from arriero_backend import contract
from engines import END, ScriptedEngine, in_memory, on_loopback

BODY = {"inputs": "Hi"}


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not in {text}"
    return float(found[1])


async def test_requests_are_counted_by_how_they_ended():
    async with in_memory(contract.app(ScriptedEngine())) as client:
        await client.post("/generate", json=BODY)
        await client.post("/generate_stream", json=BODY)
        await client.post("/generate", json={"inputs": ""})
        text = (await client.get("/metrics")).text
    assert value(text, "tgi_request_count") == 3
    assert value(text, "tgi_request_success") == 2
    assert value(text, 'tgi_request_failure{err="validation"}') == 1
    assert value(text, "tgi_request_generated_tokens_sum") == 6
    assert value(text, "tgi_request_input_length_sum") == 6
    assert value(text, "tgi_request_duration_count") == 2
    assert value(text, 'tgi_request_duration_bucket{le="+Inf"}') == 2
    assert value(text, 'tgi_request_generated_tokens_bucket{le="2.56"}') == 0
    assert value(text, 'tgi_request_generated_tokens_bucket{le="3.84"}') == 2


async def test_what_runs_and_what_waits_is_told_apart():
    said, thinking = asyncio.Event(), asyncio.Event()
    engine = ScriptedEngine([said, "a", thinking, END])
    async with on_loopback(contract.app(engine)) as client:
        async with client.stream("POST", "/generate_stream", json=BODY) as answer:
            await asyncio.wait_for(engine.begun.acquire(), 5)
            waiting = (await client.get("/metrics")).text
            said.set()
            async for _ in answer.aiter_lines():
                break
            running = (await client.get("/metrics")).text
        await asyncio.wait_for(engine.ended.wait(), 5)
        after = (await client.get("/metrics")).text
    assert [value(text, "tgi_queue_size") for text in (waiting, running, after)] == [1, 0, 0]
    assert [value(text, "tgi_batch_current_size") for text in (waiting, running, after)] == [
        0,
        1,
        0,
    ]
    assert value(after, 'tgi_request_failure{err="dropped"}') == 1


async def test_an_engine_may_add_counts_of_its_own():
    app = contract.app(ScriptedEngine(), counters=lambda: {"my_tokens": 7})
    async with in_memory(app) as client:
        assert value((await client.get("/metrics")).text, "my_tokens") == 7
