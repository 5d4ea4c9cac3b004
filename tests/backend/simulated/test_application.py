"""The simulated model over HTTP: told apart from TGI, watched by tests, broken on demand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from arriero_backend.simulated.__main__ import main
from arriero_backend.simulated.application import app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.orders import Orders
from engines import in_memory, on_loopback

PROMPT = (
    "Source: system\n\n S. <step> Source: user\n\n Continue a.py. <step> "
    "Source: assistant\nDestination: user\n\n ```python\nx ="
)
BODY = {"inputs": PROMPT, "parameters": {"stop": ["<step>", "\n```"]}}


async def engine(folder: Path, **orders: object) -> SimulatedEngine:
    (folder / "a.py").write_text("x = 1\n")
    engine = SimulatedEngine(folder, Orders(**orders))
    await engine.start()
    return engine


async def test_it_says_what_it_is(tmp_path):
    async with in_memory(app(await engine(tmp_path))) as client:
        info = (await client.get("/info")).json()
    assert info["model_id"] == "codellama/CodeLlama-70b-Instruct-hf"
    assert info["router"] == "arriero-simulated"
    assert info["max_total_tokens"] == 4096


async def test_it_answers_as_tgi_does(tmp_path):
    async with in_memory(app(await engine(tmp_path))) as client:
        answer = await client.post("/generate", json=BODY)
    assert answer.json() == {"generated_text": " 1\n```"}


async def test_what_it_was_asked_is_shown_without_a_key(tmp_path):
    async with in_memory(app(await engine(tmp_path), key="k")) as client:
        await client.post("/generate", json=BODY, headers={"authorization": "Bearer k"})
        shown = (await client.get("/simulated")).json()
        metrics = (await client.get("/metrics")).text
    (generation,) = shown["generations"]
    assert generation.pop("max_new_tokens") > 3000
    assert generation == {"prompt": PROMPT, "state": "finished", "generated": 4}
    assert f"simulated_prompt_tokens_computed {shown['prompt_tokens']['computed']}" in metrics


async def test_a_client_that_hangs_up_is_shown_as_aborted(tmp_path):
    model = await engine(tmp_path, stall_at=1)
    async with on_loopback(app(model)) as client:
        async with client.stream("POST", "/generate_stream", json=BODY) as answer:
            async for _ in answer.aiter_lines():
                break
        await asyncio.wait_for(model.records[0].ended.wait(), 5)
        shown = (await client.get("/simulated")).json()
    assert [each["state"] for each in shown["generations"]] == ["aborted"]


async def test_the_connection_breaks_in_the_middle_of_a_stream(tmp_path):
    lines = []

    async def listen(client: httpx2.AsyncClient) -> None:
        async with client.stream("POST", "/generate_stream", json=BODY) as answer:
            async for line in answer.aiter_lines():
                lines.append(line)

    async with on_loopback(app(await engine(tmp_path, drop_at=2))) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await listen(client)
        assert (await client.get("/health")).status_code == 200
    assert len([line for line in lines if line.startswith("data:")]) == 2


async def test_the_connection_breaks_in_the_middle_of_an_answer(tmp_path):
    async with on_loopback(app(await engine(tmp_path, drop_at=0))) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("/generate", json=BODY)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--truth"),
        (["--truth", ".", "--speed", "0"], "above 0"),
        (["--truth", ".", "--slots", "0"], "at least 1"),
    ],
)
def test_wrong_arguments_are_named(arguments, words, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert words in capsys.readouterr().err
