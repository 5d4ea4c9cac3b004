"""What all drivers do with a streamed answer: try until it begins, read its events, let it end."""

from __future__ import annotations

import asyncio
import json
import re
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import httpx2

from arriero.assist.seam import End, Piece
from arriero.errors import BackendError
from arriero.model import explain, retry
from arriero.model.broken import interrupted
from arriero.model.channel import beginning
from arriero.model.clock import Clock
from arriero.model.endpoint import Endpoint
from arriero.model.kinds import Read, tokens_told

# Seconds to wait, after the last event, for the end of the body that lets the connection be reused.
LINGER = 0.25

# Bytes in which an event has to end: far more than any token takes.
LONGEST_EVENT = 1 << 20

# NUL, and halves of characters, which JSON can write: no file of text and no editor takes them.
NO_TEXT = re.compile("[\0\ud800-\udfff]")

# The last event of servers that speak OpenAI's protocol.
DONE = "[DONE]"

Pieces = AsyncGenerator[Piece | End]


async def persistent(
    endpoint: Endpoint, attempt: Callable[[Clock], Pieces], *, explicit: bool, sleep: retry.Sleep
) -> Pieces:
    """Try until there is a first piece; from then on, an error is the caller's."""
    total = endpoint.deadlines.total
    ends = asyncio.get_running_loop().time() + total

    async def begin() -> tuple[Piece | End, Pieces]:
        # An attempt that raises has closed what it opened.
        pieces = attempt(Clock(endpoint, ends))
        return await anext(pieces), pieces

    if explicit:
        policy = retry.policy(tries=endpoint.tries, total=total, sleep=sleep)
        first, rest = await policy.wraps(begin)()
    else:
        first, rest = await begin()
    async with aclosing(rest):
        yield first
        async for item in rest:
            yield item


async def events(
    endpoint: Endpoint, response: httpx2.Response, clock: Clock
) -> AsyncGenerator[dict[str, Any]]:
    """Yield the events of a stream, decoded; raise what an error event says."""
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        found = explain.instead(response, await beginning(response, clock))
        raise explain.no_model_server(endpoint, found)

    unread = 0

    async def received() -> AsyncGenerator[bytes]:
        nonlocal unread
        async with aclosing(_unmarked(clock.watch(response.aiter_raw()))) as chunks:
            async for chunk in chunks:
                unread += len(chunk)
                if unread > LONGEST_EVENT:
                    raise explain.unreadable(endpoint, "one event has no end")
                yield chunk

    # The reader shows no comments, which count as life. So it reads a response whose bytes
    # have gone past the clock already.
    async with aclosing(received()) as chunks:
        paced = httpx2.Response(
            200, headers=response.headers, content=chunks, request=response.request
        )
        async for event in httpx2.EventSource(paced):
            unread = 0
            if event.data == DONE:
                continue
            payload = _object(event.data)
            if payload.get("error") is not None or payload.get("object") == "error":
                raise explain.event(endpoint, payload)
            yield payload


async def _unmarked(chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Leave out the byte order mark that a stream may begin with; its reader would trip on it."""
    async with aclosing(chunks):
        first = b""
        async for chunk in chunks:
            first += chunk
            if len(first) >= len(BOM_UTF8) or not BOM_UTF8.startswith(first):
                yield first.removeprefix(BOM_UTF8)
                break
        async for chunk in chunks:
            yield chunk


async def spoken(
    endpoint: Endpoint, response: httpx2.Response, clock: Clock, read: Read, most: int
) -> Pieces:
    """Yield what a stream says, and its end; raise what it says went wrong.

    A server that goes on after `most` tokens, which it was told, is cut off there.
    """
    tokens = 0
    async with aclosing(events(endpoint, response, clock)) as stream:
        async for event in stream:
            said = read(event)
            if said is None and tokens:
                raise explain.unreadable(endpoint, "events of another kind came")
            if said is None:
                raise explain.no_model_server(endpoint, "its stream has events of another kind")
            if said.failed:
                raise explain.event(endpoint, {"error": "it aborted the answer"})
            if said.piece:
                if NO_TEXT.search(said.piece.text):
                    raise explain.unreadable(endpoint, "it has characters that no text has")
                clock.begin()
                tokens += 1
            if tokens > most:
                yield End("length", most)
                return
            try:
                if said.piece:
                    yield said.piece
            finally:
                # Who leaves at the last token has it first; but the end of the body is read for
                # them too, or the connection would go with them.
                rest = await drained(stream) if said.end else []
            if said.end:
                told = said.end.generated_tokens or tokens_told([event, *rest])
                yield replace(said.end, generated_tokens=told)
                return
        raise interrupted(endpoint)


async def drained(rest: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read to the end of the body: only then can the next request use the connection.

    The answer is complete, so nothing that goes wrong here matters to anyone.
    """
    found = []
    with suppress(BackendError, httpx2.HTTPError, TimeoutError):
        async with asyncio.timeout(LINGER):
            async for event in rest:
                found.append(event)
    return found


def _object(text: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else, which then is no event of a model's."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
