"""What is read of /info, and when it is asked."""

import json

import pytest

from arriero.core.models import ModelInfo
from arriero.errors import BackendError, WrongAddress
from arriero.model import info
from arriero.model.tgi import Tgi
from model.rawserver import HEAD, PROMPT, RawServer, Then, plain

TGI = {
    "model_id": "codellama/CodeLlama-70b-Instruct-hf",
    "max_input_tokens": 3000,
    "max_total_tokens": 4000,
    "max_stop_sequences": 6,
    "router": "text-generation-router",
    "version": "3.3.7",
}


def check(answer, **expected) -> None:
    """Read an /info answer; see these values."""
    read = info.read(answer, "http://gpu")
    assert {name: getattr(read, name) for name in expected} == expected


def test_tgi():
    assert info.read(TGI, "http://gpu") == ModelInfo(
        id="codellama/CodeLlama-70b-Instruct-hf",
        backend="tgi",
        url="http://gpu",
        max_input_tokens=3000,
        max_total_tokens=4000,
        max_stop_sequences=6,
        version="3.3.7",
    )


def test_older_tgi_names_the_input_limit_otherwise():
    check(
        {"model_id": "m", "max_input_length": 1000, "max_total_tokens": 2000}, max_input_tokens=1000
    )


def test_what_is_not_told_is_assumed_and_leaves_room_for_an_answer():
    check({"model_id": "m"}, max_total_tokens=4096, max_input_tokens=3584, max_stop_sequences=4)
    check({"model_id": "m", "max_total_tokens": 2048}, max_input_tokens=1536)
    check({"model_id": "m", "max_total_tokens": "many"}, max_total_tokens=4096, version="")
    check({"model_id": "m", "max_stop_sequences": 0}, max_stop_sequences=4)


@pytest.mark.parametrize(
    ("router", "backend"),
    [("arriero-local", "local"), ("arriero-simulated", "simulated"), ("router", "tgi")],
)
def test_the_router_tells_the_kind(router, backend):
    check({"model_id": "m", "router": router}, backend=backend)


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"model_id": None}, {"data": []}])
def test_anything_else_is_no_info(answer):
    assert info.read(answer, "http://gpu") is None


# When it is asked ---------------------------------------------------------------------------------

OK = plain("200 OK", json.dumps(TGI))


async def test_it_is_asked_once():
    async with RawServer(OK) as server:
        tgi = Tgi(server.endpoint())
        assert await tgi.info() == await tgi.info()
        await tgi.close()
        assert [(request.method, request.path) for request in server.requests] == [("GET", "/info")]


@pytest.mark.parametrize("failure", [(HEAD, Then.CUT), plain("503 X")])
async def test_it_is_asked_again_only_after_the_connection_broke(failure):
    async with RawServer(OK, failure, OK) as server:
        tgi = Tgi(server.endpoint())
        await tgi.info()
        with pytest.raises(BackendError):
            async with tgi.stream(PROMPT, explicit=False) as pieces:
                await anext(pieces)
        await tgi.info()
        await tgi.close()
        asked = [request.path for request in server.requests]
    assert asked == ["/info", "/generate_stream", "/info"][: 3 if failure[-1] is Then.CUT else 2]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (plain("404 Not Found"), "/info gives 404 Not Found"),
        (plain("200 OK", "<title>Router</title>"), "it sends a web page, 'Router'"),
        (plain("200 OK", "hello", "content-type: text/plain"), "it sends text/plain"),
        (plain("200 OK", '{"object":"list"}'), "its /info names no model"),
    ],
)
async def test_other_servers_are_told_apart(answer, found):
    async with RawServer(answer) as server:
        tgi = Tgi(server.endpoint())
        with pytest.raises(WrongAddress) as caught:
            await tgi.info()
        await tgi.close()
    assert f"not as a model server does: {found}. Set" in str(caught.value)
    assert "the address of TGI, vLLM, SGLang or llama.cpp" in str(caught.value)
