"""What a stream gives, and what goes wrong with it."""

import asyncio
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arriero.assist.seam import End, Piece
from arriero.errors import (
    GenerationFailed,
    Interrupted,
    Invalid,
    Overloaded,
    TooLong,
    Unreachable,
    WrongAddress,
    WrongKey,
)
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from model.driving import check, everything, served
from model.rawserver import (
    HEAD,
    OK,
    RawServer,
    Then,
    chunk,
    event,
    plain,
    stream,
    token,
)

# What a stream gives ------------------------------------------------------------------------------


async def test_pieces_come_as_the_server_sent_them_and_the_end_comes_last():
    answer = stream(token(" é", 5), token("<step>", 32015, special=True, reason="stop_sequence"))
    async with served(answer) as (_, tgi):
        items, error = await everything(tgi)
    assert error is None
    assert items == [
        Piece(" é", 5, logprob=-0.5),
        Piece("<step>", 32015, True, -0.5),
        End("stop_sequence", 2),
    ]


@pytest.mark.parametrize("reason", ["length", "eos_token", "stop_sequence"])
async def test_every_reason_to_end(reason):
    await check(stream(token("a", reason=reason)), "a", reason)


LAST = token("é\u2028\x85", reason="length")


@pytest.mark.parametrize(
    "bytes_sent",
    [
        pytest.param(LAST, id="as TGI 3 writes it"),
        pytest.param(LAST.replace(b"data: ", b"data:"), id="without the space, as TGI 1"),
        pytest.param(LAST.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b":\n\n: keep-alive\n\n" + LAST, id="comments before"),
        pytest.param(b"\xef\xbb\xbf" + LAST, id="a byte order mark"),
        pytest.param(b"event: token\nid: 1\n" + LAST, id="other fields"),
    ],
)
async def test_framing(bytes_sent):
    await check(stream(bytes_sent), "é\u2028\x85", "length")


@given(st.lists(st.integers(1, 400), max_size=12))
@settings(max_examples=25, deadline=None)
def test_chunks_may_end_anywhere(cuts):
    said = b": hi\n\n" + token("日本") + token("\u2028🦙", reason="length")
    edges = sorted({0, len(said), *(cut for cut in cuts if cut < len(said))})
    parts = [said[start:stop] for start, stop in pairwise(edges)]
    asyncio.run(check(stream(*parts), "日本", "\u2028🦙", "length"))


# What goes wrong ----------------------------------------------------------------------------------


def failed(kind: str, words: str = "oh") -> bytes:
    return event({"error": words, "error_type": kind})


LENGTHS = [
    "Input validation error: `inputs` must have less than 3584 tokens. Given: 9000",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
    "Given: 4000 `inputs` tokens and 200 `max_new_tokens`",
]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (stream(failed("overloaded", "Model is overloaded")), [Overloaded]),
        (stream(failed("validation", "`temperature` must be strictly positive")), [Invalid]),
        (stream(failed("validation", LENGTHS[0])), [TooLong]),
        (stream(failed("validation", LENGTHS[1])), [TooLong]),
        (stream(token("a"), failed("generation")), ["a", GenerationFailed]),
        (stream(token("a"), failed("incomplete_generation_stream")), ["a", GenerationFailed]),
        (stream(failed("something new")), [GenerationFailed]),
        (stream(token("a")), ["a", Interrupted]),
        (stream(), [Interrupted]),
        ((HEAD, chunk(token("a")), Then.CUT), ["a", Interrupted]),
        ((HEAD, chunk(token("a", reason="length")[:-9]), Then.CUT), [Interrupted]),
        ((HEAD, b"no length of a chunk\r\n", Then.CUT), [Interrupted]),
        ((Then.CUT,), [Interrupted]),
        ((b"-ERR unknown command\r\n\r\n", Then.CUT), [WrongAddress]),
        (stream(event({"choices": [{"text": "a"}]})), [WrongAddress]),
        (stream(event({"token": "a"})), [WrongAddress]),
        (stream(event({"token": {"id": 1}})), [WrongAddress]),
        (stream(b"data: {oops\n\n"), [WrongAddress]),
        (stream(b"data: [1]\n\n"), [WrongAddress]),
        (plain("200 OK", "<html>", "content-type: text/html"), [WrongAddress]),
        (plain("307 Away", "", "location: http://127.0.0.1:9/x"), [WrongAddress]),
        (plain("401 Unauthorized"), [WrongKey]),
        (plain("404 Not Found", '{"detail":"Not Found"}'), [WrongAddress]),
        (plain("400 Bad Request", "<html>plain HTTP to an HTTPS port"), [WrongAddress]),
        (plain("400 Bad Request", "Failed to parse the request body"), [Invalid]),
        (plain("413 Payload Too Large", "length limit exceeded"), [Invalid]),
        (plain("422 X", json.dumps({"error": LENGTHS[0], "error_type": "validation"})), [TooLong]),
        (plain("424 X", '{"error":"CUDA","error_type":"generation"}'), [GenerationFailed]),
        (plain("429 X", '{"error":"busy","error_type":"overloaded"}'), [Overloaded]),
        (plain("500 X", "boom"), [GenerationFailed]),
        (plain("502 Bad Gateway", "<html>nginx"), [Overloaded]),
        (plain("503 X"), [Overloaded]),
    ],
)
async def test_every_failure_is_one_of_the_tree(answer, expected):
    await check(answer, *expected)


async def test_nothing_listening():
    async with RawServer(OK) as server:
        url = server.url
    _, error = await everything(Tgi(Endpoint(url)))
    assert isinstance(error, Unreachable)
    assert str(error) == (
        f"Nothing answers at {url}: connection refused. Start the model server, or set "
        "ARRIERO_URL to its address."
    )


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://127.0.0.1", "http://"])
async def test_no_url_at_all(url):
    _, error = await everything(Tgi(Endpoint(url)))
    assert isinstance(error, WrongAddress)
    assert "http://127.0.0.1:8080" in str(error)


async def test_a_server_without_tls_at_a_secure_address():
    async with RawServer() as server:
        _, error = await everything(Tgi(Endpoint(server.url.replace("http:", "https:"))))
    assert isinstance(error, Unreachable)
    assert "its address begins with http://." in str(error)


async def test_an_answer_that_is_complete_is_not_spoiled_by_what_follows():
    await check((HEAD, chunk(token("a", reason="length")), Then.CUT), "a", "length")
    async with asyncio.timeout(5):
        await check((HEAD, chunk(token("a", reason="length")), Then.HANG), "a", "length")


async def test_a_body_without_end_is_not_read_to_its_end():
    endless = [chunk(b"x" * 65536)] * 40
    async with asyncio.timeout(5):
        await check((HEAD.replace(b"200 OK", b"500 X"), *endless, Then.HANG), GenerationFailed)
