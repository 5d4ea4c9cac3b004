"""Several servers with one model: which of them is asked, and who stands in for it."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from arriero.assist.seam import End
from arriero.errors import GenerationFailed, Overloaded, TooLong, Unreachable
from arriero.model import endpoints
from arriero.model.endpoint import Endpoint
from arriero.model.endpoints import Replicas, by_affinity
from arriero.model.remote import Remote
from model.driving import everything
from model.rawserver import HEAD, OK, PROMPT, RawServer, Then, chunk, event, plain, stream, token

BUSY = plain("503 X")
LONG = stream(event({"error": "`inputs` must have less than 9", "error_type": "validation"}))
INFO = plain("200 OK", '{"model_id":"m"}')


@asynccontextmanager
async def replicas(*answers, **endpoint):
    """Servers of which the one that PROMPT's document prefers says the first answer, and so on."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(RawServer(OK)) for _ in answers]
        remotes = [Remote(server.endpoint(**endpoint), kind="tgi") for server in servers]
        preferred = by_affinity(remotes, PROMPT.topic)
        servers.sort(key=lambda server: [r.endpoint.url for r in preferred].index(server.url))
        for server, answer in zip(servers, answers, strict=True):
            server.answers = answer if isinstance(answer, list) else [answer]
        model = Replicas(remotes)
        try:
            yield model, servers
        finally:
            await model.close()


@pytest.mark.parametrize(
    ("answers", "asked", "outcome"),
    [
        ([OK, OK], [1, 0], End),
        ([BUSY, OK], [1, 1], End),
        ([(Then.CUT,), OK], [1, 1], End),
        ([BUSY, (Then.CUT,), OK], [1, 1, 1], End),
        ([BUSY, BUSY], [1, 1], Overloaded),
        ([LONG, OK], [1, 0], TooLong),
        ([(HEAD, chunk(token("a")), Then.CUT), OK], [1, 0], None),
    ],
)
async def test_another_server_stands_in_as_long_as_nothing_was_said(answers, asked, outcome):
    async with replicas(*answers) as (model, servers):
        items, error = await everything(model)
        assert [len(server.requests) for server in servers] == asked
    got = type(error or items[-1])
    assert outcome is None or got is outcome


async def test_a_server_that_failed_is_asked_last_for_a_while(monkeypatch):
    async with replicas(BUSY, OK) as (model, servers):
        for _ in range(3):
            assert (await everything(model))[1] is None
        assert [len(server.requests) for server in servers] == [1, 3]
        monkeypatch.setattr(endpoints, "REST", -1.0)
        servers[1].answers = [(Then.CUT,)]
        servers[0].answers = [OK]
        assert (await everything(model))[1] is None  # the one that rests is there if all else fails
        assert (await everything(model))[1] is None


async def test_who_asked_is_tried_again_where_nobody_is_left():
    fault = stream(event({"error": "CUDA", "error_type": "generation"}))
    async with replicas(fault, fault, tries=1) as (model, servers):
        _, error = await everything(model, explicit=True)
        assert isinstance(error, GenerationFailed)
        assert [len(server.requests) for server in servers] == [1, 1]


async def test_the_model_is_told_by_whoever_is_there():
    async with replicas(BUSY, INFO) as (model, _):
        assert (await model.info()).id == "m"
        assert model.count("x = 1") > 0
    async with replicas(BUSY, BUSY) as (model, _):
        with pytest.raises(Overloaded):
            await model.info()


async def test_a_stream_left_early_is_closed():
    async with replicas((HEAD, chunk(token("a")), Then.HANG), OK) as (model, servers):
        async with model.stream(PROMPT, explicit=True) as pieces:
            await anext(pieces)
        await asyncio.wait_for(servers[0].left.wait(), 5)


def test_a_document_keeps_to_its_server_and_the_documents_spread():
    remotes = [Remote(Endpoint(f"http://gpu{n}:80")) for n in range(3)]
    firsts = {f"src/{n}.py": by_affinity(remotes, f"src/{n}.py")[0] for n in range(300)}
    shares = [sum(first is remote for first in firsts.values()) for remote in remotes]
    assert min(shares) > 60
    # One server less moves its own documents only.
    for topic, first in firsts.items():
        if first is not remotes[2]:
            assert by_affinity(remotes[:2], topic)[0] is first


async def test_nobody_there_at_all():
    async with replicas(OK, OK) as (model, servers):
        for server in servers:
            server.server.close()
            await server.server.wait_closed()
        _, error = await everything(model, replace(PROMPT, topic="other.py"))
    assert isinstance(error, Unreachable)
