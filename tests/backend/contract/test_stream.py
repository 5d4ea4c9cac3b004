"""Streams on a real socket: signs of life, and work that ends when nobody listens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter

import pytest

from arriero_backend import contract
from arriero_backend.contract.generation import Generation, order, running
from arriero_backend.contract.parameters import Limits, Parameters
from engines import END, ScriptedEngine, on_loopback

BODY = {"inputs": "Hi"}
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
PROMPTS = {"prompt": ["Hi", "Ho"], "stream": True}


async def hang_up_after_the_first_event(engine: ScriptedEngine, route: str, body: object) -> None:
    async with (
        on_loopback(contract.app(engine)) as client,
        client.stream("POST", route, json=body) as answer,
    ):
        async for line in answer.aiter_lines():
            assert line.startswith("data: ")
            break
        await answer.aclose()
        await asyncio.wait_for(engine.ended.wait(), 5)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/generate_stream", BODY),
        ("/", BODY | {"stream": True}),
        ("/v1/chat/completions", CHAT),
        ("/v1/completions", PROMPTS),
    ],
)
async def test_hanging_up_ends_the_work_at_once(route, body):
    never = asyncio.Event()
    engine = ScriptedEngine(["a", never])
    await hang_up_after_the_first_event(engine, route, body)
    assert set(engine.ends) == {"gone"}


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/generate", BODY),
        ("/", BODY),
        ("/v1/chat/completions", CHAT | {"stream": False}),
        ("/v1/completions", PROMPTS | {"stream": False}),
    ],
)
async def test_hanging_up_ends_the_work_of_plain_requests_too(route, body):
    never = asyncio.Event()
    engine = ScriptedEngine([never])
    async with on_loopback(contract.app(engine)) as client:
        request = asyncio.create_task(client.post(route, json=body))
        await asyncio.wait_for(engine.begun.acquire(), 5)
        request.cancel()
        await asyncio.wait_for(engine.ended.wait(), 5)
    assert set(engine.ends) == {"gone"}


async def test_hanging_up_while_a_token_is_on_its_way_is_told_to_the_engine():
    # The server is held up in sending, and the engine waits to be asked for the next token.
    engine = ScriptedEngine(["a", END])
    ordered = order(engine, Limits(), "Hi", Parameters(), add_special_tokens=True)
    generation = Generation(ordered, engine, perf_counter(), stream=True)
    with suppress(asyncio.CancelledError):
        async with running(generation):
            await anext(generation)
            raise asyncio.CancelledError
    assert engine.ends == ["gone"]


async def test_an_answer_that_has_its_end_closes_the_engine_without_alarm():
    engine = ScriptedEngine(["a", END, "b"])
    async with on_loopback(contract.app(engine)) as client:
        await client.post("/generate", json=BODY)
        await client.post("/generate_stream", json=BODY)
    assert engine.ends == ["closed", "closed"]


async def test_comments_show_that_a_silent_stream_is_alive():
    thinking = asyncio.Event()
    engine = ScriptedEngine([thinking, END])
    app = contract.app(engine, keep_alive=0.01)
    lines = []
    async with (
        on_loopback(app) as client,
        client.stream("POST", "/generate_stream", json=BODY) as answer,
    ):
        async for line in answer.aiter_lines():
            lines.append(line)
            if line == ":":
                thinking.set()
    assert lines[0] == ":"
    assert lines[-2].startswith('data: {"index":1,')


async def test_headers_come_before_the_first_token():
    thinking = asyncio.Event()
    async with (
        on_loopback(contract.app(ScriptedEngine([thinking, END]))) as client,
        client.stream("POST", "/generate_stream", json=BODY) as answer,
    ):
        assert answer.status_code == 200
        thinking.set()
        assert '"index":1' in (await answer.aread()).decode()


async def test_one_request_too_many_is_refused_at_once():
    thinking = asyncio.Event()
    engine = ScriptedEngine(["a", thinking, END])
    async with on_loopback(contract.app(engine)) as client, asyncio.TaskGroup() as group:
        running = [group.create_task(client.post("/generate", json=BODY)) for _ in range(8)]
        for _ in running:
            await asyncio.wait_for(engine.begun.acquire(), 5)
        refused = await client.post("/generate", json=BODY)
        in_stream = await client.post("/generate_stream", json=BODY)
        thinking.set()
    assert refused.status_code == 429
    assert refused.json() == {"error": "Model is overloaded", "error_type": "overloaded"}
    assert (in_stream.status_code, in_stream.text) == (
        200,
        'data: {"error":"Model is overloaded","error_type":"overloaded"}\n\n',
    )
    assert [task.result().status_code for task in running] == [200] * 8
