"""httpx2 over our own connections: how the bytes of an answer are read, and which ones are kept."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import httpx2
import pytest

from arriero.model import wire
from arriero.model.direct import Direct
from model.rawserver import RawServer, Then

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"content-length: 5\r\n\r\nhello"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
ILLEGAL = httpx2.RemoteProtocolError


def direct(most_idle: int = 4, expiry: float = 50.0) -> Direct:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return Direct(context, "", most_idle=most_idle, expiry=expiry)


@asynccontextmanager
async def between(*answers: tuple, **more):
    """Yield a server that says so, and a client before it."""
    async with (
        RawServer(*answers) as server,
        httpx2.AsyncClient(transport=direct(**more), timeout=None) as client,
    ):
        yield server, client


@pytest.mark.parametrize(
    ("said", "status", "body", "kept"),
    [
        pytest.param((LENGTH,), 200, b"hello", True, id="length"),
        pytest.param(
            (CHUNKED, b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), 200, b"hello", True, id="chunks"
        ),
        pytest.param(
            (CHUNKED, b"5;why=not\r\nhello\r\n0\r\nlast: word\r\n\r\n"),
            200,
            b"hello",
            True,
            id="chunks with extension and trailer",
        ),
        pytest.param(
            tuple(bytes([each]) for each in LENGTH), 200, b"hello", True, id="byte by byte"
        ),
        pytest.param(
            (b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n" + LENGTH,), 200, b"hello", True, id="interim"
        ),
        pytest.param((b"HTTP/1.1 204 No Content\r\n\r\n",), 204, b"", True, id="no content"),
        pytest.param((b"HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n",), 200, b"", True, id="no word"),
        pytest.param(
            (b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\nno",), 503, b"no", True, id="error"
        ),
        pytest.param((OK + b"\r\nhello", Then.CUT), 200, b"hello", False, id="until it closes"),
        pytest.param(
            (OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello", Then.CUT),
            200,
            b"hello",
            False,
            id="closed on purpose",
        ),
        pytest.param(
            (b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", Then.CUT),
            200,
            b"hello",
            False,
            id="HTTP/1.0",
        ),
        pytest.param((LENGTH + b"more",), 200, b"hello", False, id="more than it announced"),
        pytest.param((LENGTH + LENGTH,), 200, b"hello", False, id="two answers to one request"),
    ],
)
async def test_what_comes_is_read_and_the_connection_kept_if_it_can_be(said, status, body, kept):
    async with between(said) as (server, client):
        for _ in range(2):
            response = await client.post(server.url, content=b"x")
            assert (response.status_code, response.content) == (status, body)
        assert server.connections == (1 if kept else 2)


@pytest.mark.parametrize(
    ("said", "error", "why"),
    [
        pytest.param((b"SSH-2.0-OpenSSH_9.6\r\n",), ILLEGAL, "illegal answer", id="no HTTP"),
        pytest.param((OK + b"bad header\r\n\r\n",), ILLEGAL, "illegal answer", id="no header"),
        pytest.param(
            (OK + b"a: " + b"b" * wire.LONGEST_HEAD, Then.HANG),
            ILLEGAL,
            "no end",
            id="endless head",
        ),
        pytest.param(
            (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", Then.HANG),
            ILLEGAL,
            "illegal",
            id="another protocol",
        ),
        pytest.param((Then.CUT,), ILLEGAL, "closed the connection", id="nothing"),
        pytest.param((OK, Then.CUT), ILLEGAL, "closed the connection", id="half a head"),
        pytest.param((LENGTH[:-1], Then.CUT), ILLEGAL, "closed the connection", id="half a body"),
        pytest.param(
            (CHUNKED, b"5\r\nhel", Then.CUT), ILLEGAL, "closed the connection", id="half a chunk"
        ),
        pytest.param((CHUNKED, b"nonsense\r\n"), ILLEGAL, "illegal answer", id="no chunk"),
    ],
)
async def test_what_is_no_answer_is_an_error(said, error, why):
    async with between(said) as (server, client):
        with pytest.raises(error, match=why):
            await client.post(server.url, content=b"x")


async def test_what_came_before_it_broke_off_is_there():
    async with (
        between((CHUNKED, b"2\r\nhe\r\n", Then.CUT)) as (server, client),
        client.stream("GET", server.url) as response,
    ):
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"he"
        with pytest.raises(ILLEGAL):
            await anext(chunks)


async def test_who_leaves_early_closes_the_connection():
    async with between((CHUNKED, b"2\r\nhe\r\n", Then.HANG)) as (server, client):
        async with client.stream("GET", server.url):
            pass
        await server.left.wait()


async def test_who_is_cancelled_while_waiting_closes_the_connection():
    async with between((Then.HANG,)) as (server, client):
        asking = asyncio.create_task(client.get(server.url))
        await server.asked.wait()
        asking.cancel()
        await server.left.wait()


async def test_few_idle_connections_are_kept():
    async with between((LENGTH,), most_idle=1) as (server, client):
        await asyncio.gather(*(client.get(server.url) for _ in range(3)))
        await asyncio.gather(*(client.get(server.url) for _ in range(2)))
    assert server.connections == 3 + 1


async def test_an_idle_connection_expires():
    async with between((LENGTH,), expiry=0.0) as (server, client):
        for _ in range(2):
            await client.get(server.url)
    assert server.connections == 2


class Held(asyncio.Transport):
    """A connection of which only matters whether it is read from."""

    reading = True

    def write(self, data: bytes) -> None:
        pass

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


async def test_a_reader_who_takes_his_time_holds_up_the_server_and_not_the_memory():
    held, connection = Held(), wire.Wire()
    connection.connection_made(held)
    asking = asyncio.create_task(connection.ask(b""))
    await asyncio.sleep(0)
    connection.data_received(OK + b"content-length: 9999999\r\n\r\n" + b"x" * wire.MOST_WAITING)
    await asking
    assert held.reading
    connection.data_received(b"y")
    assert not held.reading
    assert len(await connection.chunk()) == wire.MOST_WAITING + 1
    assert held.reading


@pytest.mark.parametrize(
    ("name", "value"), [("na me", "x"), ("name\r\nhost", "x"), ("name", "x\r\nhost: evil")]
)
async def test_a_header_that_is_none_is_not_sent(name, value):
    async with between((LENGTH,)) as (server, client):
        with pytest.raises(httpx2.LocalProtocolError, match="illegal header"):
            await client.get(server.url, headers={name: value})
        assert server.connections == 0


async def test_new_connections_are_told_of():
    heard = []

    async def hear(event: str, info: object) -> None:
        heard.append(event)

    async with between((LENGTH,)) as (server, client):
        for _ in range(2):
            await client.get(server.url, extensions={"trace": hear})
    assert heard == ["connection.connect_tcp.started"]
