"""The driver and the project's own contract, written apart from each other, over loopback."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.errors import (
    BackendError,
    GenerationFailed,
    Invalid,
    Overloaded,
    TooLong,
    Unreachable,
    WrongAddress,
    WrongKey,
)
from arriero.model.endpoint import Deadlines, Endpoint
from arriero.model.probe import probe
from arriero.model.reference import Rendered
from arriero.model.tgi import Tgi
from arriero.settings import Settings
from arriero_backend.engine import EngineError, Token
from model.contractserver import EOS, ScriptedEngine, contract

A, B = Token(10, " a", -0.5), Token(11, "日", -0.5)
STEP = Token(32015, "<step>", -0.5)
SAID_A, END = Piece(" a", 10, logprob=-0.5), Piece("</s>", 2, True, -0.1)


def prompt(text: str = "x", stop: tuple[str, ...] = (), tokens: int = 8) -> Prompt:
    return Prompt(text, stop, frozenset({2}), tokens)


@asynccontextmanager
async def driven(engine, *, path="", server_key=None, keep_alive=15.0, **endpoint):
    """The driver to the contract over an engine."""
    async with contract(engine, key=server_key, keep_alive=keep_alive) as url:
        tgi = Tgi(Endpoint(url + path, **endpoint))
        try:
            yield tgi
        finally:
            await tgi.close()


async def everything(tgi, asked=None):
    """Read a stream to its end; give the items, and the error that broke it off."""
    items = []
    try:
        async with tgi.stream(asked or prompt(), explicit=False) as pieces:
            async for item in pieces:
                items.append(item)  # one by one: what came before an error counts
    except BackendError as error:
        return items, error
    return items, None


async def check(said, *expected, asked=None, error=None, **how) -> None:
    """Let an engine say these tokens; read these items, and then this error."""
    async with driven(ScriptedEngine(*said), **how) as tgi:
        items, broken = await everything(tgi, asked)
    assert (items, type(broken)) == (list(expected), error or type(None))


async def test_tokens_and_the_reasons_to_end():
    a, b = SAID_A, Piece("日", 11, logprob=-0.5)
    await check([A, B, EOS], a, b, END, End("eos_token", 3))
    await check([A, B, EOS], a, b, End("length", 2), asked=prompt(tokens=2))
    stop = prompt(stop=("<step>",))
    await check(
        [A, STEP, B], a, Piece("<step>", 32015, logprob=-0.5), End("stop_sequence", 2), asked=stop
    )


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (prompt("x" * 40), TooLong),  # and `<s>`: one more than fits
        (prompt("x" * 29, tokens=40), TooLong),
        (prompt(tokens=0), Invalid),
        (prompt(""), Invalid),
    ],
)
async def test_requests_that_the_contract_refuses(asked, error):
    await check([A, EOS], asked=asked, error=error)


async def test_a_fault_in_the_middle():
    await check([A, EngineError("CUDA error")], SAID_A, error=GenerationFailed)


@pytest.mark.parametrize(("key", "error"), [("", WrongKey), ("open", WrongKey)])
async def test_a_key_that_is_missing_or_wrong(key, error):
    await check([A, EOS], error=error, key=key, server_key="sesame")


@pytest.mark.parametrize("path", ["/v1", "/generate"])
async def test_an_address_with_too_much_path(path):
    await check([A, EOS], error=WrongAddress, path=path)


async def test_one_request_too_many_and_the_way_back():
    gate = asyncio.Event()
    engine = ScriptedEngine(A, gate, EOS)
    async with driven(engine) as tgi:
        running = [asyncio.create_task(everything(tgi)) for _ in range(2)]
        while len(engine.prompts) < 2:
            engine.begun.clear()
            await engine.begun.wait()
        assert isinstance((await everything(tgi))[1], Overloaded)
        gate.set()
        assert [len(items) for items, _ in await asyncio.gather(*running)] == [3, 3]
        assert (await everything(tgi))[1] is None


async def test_leaving_a_stream_stops_the_engine():
    engine = ScriptedEngine(A, asyncio.Event())
    async with driven(engine) as tgi:
        async with tgi.stream(prompt(), explicit=True) as pieces:
            assert await anext(pieces) == SAID_A
        await asyncio.wait_for(engine.closed.wait(), 5)


async def test_cancelling_before_the_first_token_stops_the_engine():
    engine = ScriptedEngine(asyncio.Event())
    async with driven(engine) as tgi:
        task = asyncio.create_task(everything(tgi))
        await engine.begun.wait()
        task.cancel()
        await asyncio.wait_for(engine.closed.wait(), 5)


async def test_comments_are_no_answer():
    limits = Deadlines(first_token=0.3)
    engine = ScriptedEngine(asyncio.Event())
    async with driven(engine, keep_alive=0.01, deadlines=limits) as tgi:
        _, error = await everything(tgi)
    assert "deadlines.first_token" in str(error)


async def test_a_server_that_has_gone_and_come_back():
    engine = ScriptedEngine(A, EOS)
    async with contract(engine) as url:
        tgi = Tgi(Endpoint(url))
        assert (await tgi.info()).id == "toy/model"
    assert isinstance((await everything(tgi))[1], Unreachable)
    port = int(url.rpartition(":")[2])
    engine.facts = ScriptedEngine(model="another/model").facts
    async with contract(engine, port=port):
        assert (await tgi.info()).id == "another/model"
        await tgi.close()


async def test_what_the_doctor_asks():
    async with driven(ScriptedEngine(), server_key="sesame", key="sesame") as tgi:
        found = {each.question: each.state async for each in probe(tgi, Settings())}
        assert [found[question] for question in ("kind", "health", "key")] == ["good"] * 3
        info = await tgi.info()
        assert (info.backend, info.max_input_tokens, info.max_total_tokens) == ("simulated", 40, 60)
        assert await tgi.tokenize("ab") == (1, 100, 100)
        dialog = [{"role": "user", "content": "hi"}]
        assert await tgi.chat_tokenize(dialog) == Rendered("hi", (100, 100))
