"""Requests to one endpoint: sent within deadlines, failures explained, connections closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Any

import httpx2

from arriero.errors import Interrupted, Unreachable
from arriero.model import explain
from arriero.model.broken import broken
from arriero.model.clock import Clock
from arriero.model.connection import connect
from arriero.model.endpoint import Endpoint

# Bytes read of a body that may be anything: more than any error or /info has.
BODY = 1 << 20

# An endpoint has a handful of routes.
_url = lru_cache(maxsize=64)(httpx2.URL)


class Line:
    """Whether a request went over a new connection or a kept one."""

    def __init__(self) -> None:
        self.new = False
        self.extensions = {"trace": self._heard}

    async def _heard(self, event: str, info: object) -> None:
        self.new = self.new or event.startswith("connection.connect")


class Channel:
    """The connections to one endpoint. `forget` is called when one of them breaks.

    Every method raises BackendError.
    """

    def __init__(self, endpoint: Endpoint, forget: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._forget = forget
        self._client: httpx2.AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> httpx2.AsyncClient:
        """Return the HTTP client, made when it is first needed."""
        async with self._connecting:
            if self._client is None:
                self._client = await asyncio.to_thread(connect, self._endpoint)
            return self._client

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask for what the server says of itself, as JSON; raise WrongAddress for anything else."""
        clock = Clock(self._endpoint, first="info")
        async with self.sent(method, path, clock, body) as response:
            answer = await beginning(response, clock)
        try:
            return json.loads(answer)
        except ValueError:
            found = explain.instead(response, answer)
            raise explain.no_model_server(self._endpoint, found) from None

    @asynccontextmanager
    async def sent(
        self, method: str, path: str, clock: Clock, body: object = None
    ) -> AsyncIterator[httpx2.Response]:
        """Send a request; yield its response with status 200, or raise what the status means."""
        content = None if body is None else _encode(body)
        async with AsyncExitStack() as stack:
            with self._explained(begun=False):
                response = await self._first(stack, method, path, clock, content)
            with self._explained(begun=True):
                if response.status_code == 200 and compressed(response):
                    raise explain.no_model_server(self._endpoint, "what it sends is compressed")
                if response.status_code != 200:
                    said = await beginning(response, clock)
                    raise explain.status(self._endpoint, response, said)
                yield response

    async def _first(
        self, stack: AsyncExitStack, method: str, path: str, clock: Clock, content: bytes | None
    ) -> httpx2.Response:
        """Send a request until its answer begins: a kept connection may have died unseen.

        The server has seen nothing of the request then, so it is sent again at once.
        """
        client, url = await self.client(), _url(self._endpoint.to(path))
        while True:
            line = Line()
            # Built here, since the client would first look for what else it might merge into it.
            request = httpx2.Request(
                method, url, content=content, headers=client.headers, extensions=line.extensions
            )
            try:
                return await clock.meet(_opened(stack, client, request))
            except (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError):
                if line.new:
                    raise
                self._forget()

    @contextmanager
    def _explained(self, *, begun: bool) -> Iterator[None]:
        """Turn HTTP's exceptions into ours."""
        try:
            try:
                yield
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise broken(self._endpoint, error, begun=begun) from error
        except (Unreachable, Interrupted):
            self._forget()
            raise


async def _opened(
    stack: AsyncExitStack, client: httpx2.AsyncClient, request: httpx2.Request
) -> httpx2.Response:
    """Send a request; the stack closes its response."""
    response = await client.send(request, stream=True)
    stack.push_async_callback(response.aclose)
    return response


def _encode(value: object) -> bytes:
    """Return JSON in UTF-8. An editor can send half a surrogate pair; it becomes a `?`."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def compressed(response: httpx2.Response) -> bool:
    """Tell whether a body is compressed, though that was not asked for."""
    return response.headers.get("content-encoding", "identity") != "identity"


async def beginning(response: httpx2.Response, clock: Clock) -> bytes:
    """Return a whole body, or its beginning when it is larger than TGI's can be."""
    body = b""
    if compressed(response):
        return body
    async with aclosing(clock.watch(response.aiter_bytes())) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > BODY:
                break
    return body
