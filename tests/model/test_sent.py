"""What is sent for a stream, what the server sees of its end, and how long is waited for it."""

import asyncio
import gc
import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

import arriero
from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Sampling, Turn
from arriero.errors import Interrupted, Overloaded, TooSlow, WrongAddress
from arriero.model.endpoint import Deadlines, Endpoint
from arriero.model.tgi import Tgi
from model.driving import check, everything, served
from model.rawserver import (
    END,
    HEAD,
    OK,
    PROMPT,
    RawServer,
    Then,
    chunk,
    event,
    plain,
    stream,
    token,
)

# What is sent -------------------------------------------------------------------------------------


async def test_the_request_is_greedy_and_holds_nothing_more():
    async with served(OK) as (server, tgi):
        await everything(tgi)
    assert (server.requests[0].method, server.requests[0].path) == ("POST", "/generate_stream")
    assert server.requests[0].json == {
        "inputs": "x = ",
        "parameters": {
            "details": True,
            "do_sample": False,
            "max_new_tokens": 8,
            "return_full_text": False,
            "stop": ["<step>", "</s>"],
        },
    }


async def test_sampling_is_sent_where_it_is_asked_for():
    prompt = replace(PROMPT, sampling=Sampling(0.2, 0.9, seed=7))
    async with served(OK) as (server, tgi):
        await everything(tgi, prompt)
    sent = server.requests[0].json["parameters"]
    assert {name: sent[name] for name in ("do_sample", "temperature", "top_p", "seed")} == {
        "do_sample": True,
        "temperature": 0.2,
        "top_p": 0.9,
        "seed": 7,
    }


def delta(text: str, reason: str | None = None) -> bytes:
    return event({"choices": [{"delta": {"content": text}, "finish_reason": reason}]})


async def test_turns_go_to_the_chat_route():
    turns = (Turn("user", "q"), Turn("assistant", "a"))
    said = stream(delta("b"), delta("c", "stop"), b"data: [DONE]\n\n")
    async with served(said) as (server, tgi):
        items, _ = await everything(tgi, replace(PROMPT, turns=turns))
    assert items == [Piece("b"), Piece("c"), End("eos_token")]
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].json["messages"] == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a"},
    ]


INFO = {"model_id": "m", "max_input_tokens": 10, "max_total_tokens": 20, "router": "r"}


@pytest.mark.parametrize(("told", "sent"), [(None, 4), (2, 2), (9, 6)])
async def test_no_more_stops_than_the_server_takes(told, sent):
    answer = plain("200 OK", json.dumps({**INFO, "max_stop_sequences": told}))
    prompt = Prompt("x", tuple("abcdef"), frozenset(), 1)
    async with served(answer, OK) as (server, tgi):
        await tgi.info()
        await everything(tgi, prompt)
    assert server.requests[1].json["parameters"]["stop"] == list("abcdef")[:sent]


async def test_before_info_is_known_the_usual_number_of_stops_is_sent():
    async with served(OK) as (server, tgi):
        await everything(tgi, Prompt("x", tuple("abcdef"), frozenset(), 1))
    assert server.requests[0].json["parameters"]["stop"] == list("abcd")


async def test_half_a_surrogate_pair_does_not_stop_a_request():
    async with served(OK) as (server, tgi):
        await everything(tgi, Prompt("é\ud83d", (), frozenset(), 1))
    assert server.requests[0].json["inputs"] == "é?"


async def test_the_key_and_the_headers_go_along():
    headers = {"X-Team": "llamas"}
    async with served(OK, key="sesame", headers=headers) as (server, tgi):
        await everything(tgi)
    sent = server.requests[0].headers
    assert (sent["authorization"], sent["x-team"]) == ("Bearer sesame", "llamas")


async def test_the_key_of_the_hub_stays_at_home(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_user")
    async with served(OK) as (server, tgi):
        await everything(tgi)
    assert "authorization" not in server.requests[0].headers
    assert "hf_of_the_user" not in str(server.requests)


async def test_no_request_follows_a_redirect():
    async with RawServer(OK) as other:
        away = plain("307 Away", "", f"location: {other.url}/generate_stream?key=1")
        async with served(away, key="sesame") as (_, tgi):
            _, error = await everything(tgi)
        assert other.connections == 0
    assert f"it redirects to {other.url}/generate_stream, and the key" in str(error)


async def test_the_hubs_offline_mode_is_not_for_local_servers(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    await check(OK, "a", "b", "eos_token")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
async def test_no_proxy_catches_this_machine(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    await check(OK, "a", "b", "eos_token")


async def test_a_server_elsewhere_is_reached_through_the_proxy(monkeypatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with RawServer(OK) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        tgi = Tgi(Endpoint("http://gpu.invalid:8080"))
        items, error = await everything(tgi)
        await tgi.close()
    assert (len(items), error) == (3, None)
    assert proxy.requests[0].path == "http://gpu.invalid:8080/generate_stream"


# What the server sees of the end ------------------------------------------------------------------


async def test_a_stream_read_to_its_end_leaves_its_connection_to_the_next():
    async with served(OK) as (server, tgi):
        for _ in range(3):
            await everything(tgi)
        assert (len(server.requests), server.connections) == (3, 1)


async def test_so_does_one_that_is_left_at_its_last_item():
    async with served(OK) as (server, tgi):
        for _ in range(3):
            async with tgi.stream(PROMPT, explicit=False) as pieces:
                async for item in pieces:
                    if isinstance(item, End):
                        break
        assert server.connections == 1


async def test_so_does_one_that_is_left_at_its_last_token():
    async with served(OK) as (server, tgi):
        for _ in range(3):
            async with tgi.stream(PROMPT, explicit=False) as pieces:
                async for item in pieces:
                    if item == Piece("b", 7, logprob=-0.5):
                        break
        assert server.connections == 1


async def test_its_last_token_does_not_wait_for_the_end_of_the_body():
    heard = asyncio.Event()
    events = chunk(token("a")), chunk(token("b", reason="length"))
    async with served((HEAD, *events, heard, END)) as (server, tgi):
        for _ in range(3):
            heard.clear()
            async with tgi.stream(PROMPT, explicit=False) as pieces:
                async for item in pieces:
                    if item == Piece("b", 7, logprob=-0.5):
                        heard.set()
                        break
        assert server.connections == 1


async def test_a_stream_left_early_is_closed_at_once():
    async with served((HEAD, chunk(token("a")), Then.HANG), OK) as (server, tgi):
        async with tgi.stream(PROMPT, explicit=False) as pieces:
            assert await anext(pieces) == Piece("a", 7, logprob=-0.5)
            assert not server.left.is_set()
        await asyncio.wait_for(server.left.wait(), 5)
        assert (await everything(tgi))[1] is None
        assert server.connections == 2


async def test_no_part_of_a_stream_is_left_for_the_garbage_collector_to_close():
    left = []
    async with served((HEAD, chunk(token("a")), Then.HANG)) as (_, tgi):
        sys.set_asyncgen_hooks(finalizer=lambda part: left.append(part.ag_code.co_filename))
        async with tgi.stream(PROMPT, explicit=False) as pieces:
            await anext(pieces)
    ours = Path(arriero.__file__).parent
    assert not [file for file in left if Path(file).is_relative_to(ours)]


@pytest.mark.parametrize("said", [(), (HEAD,), (HEAD, chunk(token("a")))])
async def test_a_cancelled_task_closes_its_connection(said):
    async with served((*said, Then.HANG)) as (server, tgi):
        task = asyncio.create_task(everything(tgi, explicit=True))
        await server.asked.wait()
        task.cancel()
        await asyncio.wait_for(server.left.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_context_that_is_never_read_asks_nothing():
    async with served(OK) as (server, tgi):
        async with tgi.stream(PROMPT, explicit=True):
            pass
        assert server.connections == 0


async def test_errors_of_unknown_length_use_up_no_connections():
    sent = (HEAD.replace(b"200 OK", b"502 Bad Gateway"), chunk(b"<html>"), END)
    async with served(sent) as (server, tgi):
        for _ in range(120):
            assert isinstance((await everything(tgi))[1], Overloaded)
        assert server.connections == 1


async def test_more_streams_run_at_once_than_any_pool_holds():
    gate = asyncio.Event()
    async with served((HEAD, gate, *OK[1:]), concurrency=200) as (server, tgi):
        running = [asyncio.create_task(everything(tgi)) for _ in range(105)]
        async with asyncio.timeout(10):
            while len(server.requests) < len(running):
                server.asked.clear()
                await server.asked.wait()
        gate.set()
        assert {len(items) for items, _ in await asyncio.gather(*running)} == {3}


async def test_nothing_is_kept_of_a_stream():
    async with served(OK) as (_, tgi):
        for _ in range(5):
            await everything(tgi)
        gc.collect()
        assert not [kept for kept in gc.get_objects() if type(kept) is httpx2.Response]


# Deadlines ----------------------------------------------------------------------------------------

FOREVER = 100.0
SOON = 0.05


@pytest.mark.parametrize(
    ("said", "deadline", "words"),
    [
        ((), "first_token", "did not begin to answer within 0.05 s"),
        ((HEAD, chunk(b": hi\n\n")), "first_token", "did not begin to answer within 0.05 s"),
        ((HEAD, chunk(token("a"))), "between_tokens", "was silent for 0.05 s"),
        ((HEAD, chunk(token("a"))), "total", "did not finish its answer within 0.05 s"),
        ((), "total", "did not finish its answer within 0.05 s"),
    ],
)
async def test_a_deadline_that_passes_is_named(said, deadline, words):
    limits = dict.fromkeys(["connect", "first_token", "between_tokens", "total"], FOREVER)
    deadlines = Deadlines(**{**limits, deadline: SOON})
    async with served((*said, Then.HANG), deadlines=deadlines) as (server, tgi):
        _, error = await everything(tgi, explicit=True)
        await asyncio.wait_for(server.left.wait(), 5)
    assert isinstance(error, TooSlow)
    assert words in str(error)
    assert f"deadlines.{deadline} " in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("ask", [Tgi.info, Tgi.health, Tgi.metrics])
async def test_what_a_server_does_not_say_of_itself_costs_no_answers_patience(ask):
    deadlines = Deadlines(info=SOON, first_token=FOREVER, total=FOREVER)
    async with served((Then.HANG,), deadlines=deadlines) as (_, tgi):
        with pytest.raises(TooSlow, match=r"about itself unanswered for 0\.05 s.*deadlines\.info "):
            await asyncio.wait_for(ask(tgi), 5)


# Kept connections ---------------------------------------------------------------------------------


@pytest.mark.parametrize("explicit", [False, True])
async def test_a_kept_connection_that_died_unseen_costs_nothing(explicit):
    async with served(OK, (Then.CUT,), OK) as (server, tgi):
        await everything(tgi)
        items, error = await everything(tgi, explicit=explicit)
    assert (len(items), error) == (3, None)
    assert (len(server.requests), server.connections) == (3, 2)


async def test_behind_it_another_model_may_have_started():
    about = plain("200 OK", json.dumps(INFO))
    async with served(about, (Then.CUT,), OK, about) as (server, tgi):
        await tgi.info()
        await everything(tgi)
        await tgi.info()
    assert [request.path for request in server.requests][::3] == ["/info", "/info"]


async def test_a_new_connection_that_dies_is_told():
    async with served((Then.CUT,), OK) as (server, tgi):
        _, error = await everything(tgi)
    assert isinstance(error, Interrupted)
    assert len(server.requests) == 1


# More than anybody asked for ----------------------------------------------------------------------


async def test_a_server_that_goes_on_after_its_limit_is_cut_off():
    async with served((HEAD, *[chunk(token("a"))] * 20, Then.HANG)) as (server, tgi):
        items, error = await everything(tgi)  # which asks for 8
        await asyncio.wait_for(server.left.wait(), 5)
    assert ([type(item) for item in items], error) == ([Piece] * 8 + [End], None)
    assert items[-1].reason == "length"


async def test_nothing_compressed_is_asked_for_or_unpacked():
    bomb = gzip.compress(b"x" * 1_000_000)
    for status in ("200 OK", "503 X"):
        answer = plain(status, bomb, "content-type: text/event-stream", "content-encoding: gzip")
        async with served(answer) as (server, tgi):
            _, error = await everything(tgi)
        assert server.requests[0].headers["accept-encoding"] == "identity"
        assert "xxx" not in str(error)
        assert isinstance(error, WrongAddress if status == "200 OK" else Overloaded)


async def test_a_long_answer_is_no_event_without_end():
    events = [token("a" * 100_000)] * 15
    said = stream(*events, token("b", reason="length"))
    async with served(said) as (_, tgi):
        items, error = await everything(tgi, replace(PROMPT, max_new_tokens=100))
    assert (len(items), error) == (17, None)


async def test_an_event_without_end_is_given_up():
    async with served((HEAD, chunk(b"data: "), *[chunk(b"x" * 500_000)] * 3, Then.HANG)) as (
        _,
        tgi,
    ):
        async with asyncio.timeout(5):
            _, error = await everything(tgi)
    assert "one event has no end" in str(error)
