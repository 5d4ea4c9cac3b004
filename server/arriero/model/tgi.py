"""The driver to TGI: a Prompt goes out over HTTP, Pieces come back.

    /generate_stream   stream          /info           info
    /tokenize          tokenize        /chat_tokenize  chat_tokenize        /health  health

huggingface_hub gives the types of what is sent and received (hub.py). Its AsyncInferenceClient is
not what sends it: measured with 2.4.0, its public interface leaves faults that a server which runs
all day cannot have. One process-wide factory is the only way to its certificates, proxies and
pool, so two endpoints could not differ. Every stream's context is kept until the whole client is
closed, 24 KiB each, and a streamed error without a length keeps its connection: the hundred-and-
first request hangs for ever. Leaving a stream early closes it only when a generator happens to be
collected. Without a key the user's own hub token goes to any URL, offline mode blocks local ones,
and the first request makes a blocking call to a public host. Lines are split at U+2028 and U+0085,
which TGI sends unescaped inside a token. And it has no /info without a hosted provider.
So httpx2, the HTTP client under it, is driven directly here, with its reader of event streams.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import httpx2

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_STOP_SEQUENCES, ModelInfo
from arriero.errors import BackendError
from arriero.model import explain, info, retry
from arriero.model.broken import interrupted
from arriero.model.channel import Channel, beginning
from arriero.model.clock import Clock
from arriero.model.endpoint import Endpoint
from arriero.model.reference import Rendered
from arriero.model.tokens import Counter

# Seconds to wait, after the last event, for the end of the body that lets the connection be reused.
LINGER = 0.25


class Tgi:
    """One TGI server; implements `seam.Model`. Every method raises BackendError.

    `tokenizer` is a file or directory to count tokens by, `sleep` the wait between two tries.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        tokenizer: Path | None = None,
        sleep: retry.Sleep = asyncio.sleep,
    ) -> None:
        self.endpoint = endpoint
        self._channel = Channel(endpoint, self._forget)
        self._counter = Counter(tokenizer)
        self._sleep = sleep
        self._info: ModelInfo | None = None

    async def info(self) -> ModelInfo:
        """Return what /info says; asked once, and again after the connection broke."""
        if self._info is None:
            await self._counter.load()
            answer = await self._channel.ask("GET", "/info")
            self._info = info.read(answer, self.endpoint.shown)
            if self._info is None:
                raise explain.not_tgi(self.endpoint, "its /info names no model")
        return self._info

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate before `info` was asked."""
        return self._counter.count(text)

    def stream(self, prompt: Prompt, *, explicit: bool) -> aclosing[AsyncGenerator[Piece | End]]:
        """Generate greedily. The request is sent with the first step of the iteration."""
        return aclosing(self._generate(prompt, explicit))

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the server's token ids of a text; it adds `<s>`."""
        return self._ids(await self._channel.ask("POST", "/tokenize", {"inputs": text}))

    async def chat_tokenize(self, messages: Sequence[Mapping[str, str]]) -> Rendered:
        """Return a dialog as the server's own chat template writes it."""
        chat = {"messages": [dict(message) for message in messages]}
        answer = await self._channel.ask("POST", "/chat_tokenize", chat)
        if not isinstance(answer, dict):
            raise explain.not_tgi(self.endpoint, "its /chat_tokenize gives no object")
        ids = self._ids(answer.get("tokenize_response"))
        return Rendered(str(answer.get("templated_text", "")), ids)

    async def health(self) -> None:
        """Return if the server says that it can generate."""
        clock = Clock(self.endpoint)
        async with self._channel.sent("GET", "/health", clock) as response:
            await beginning(response, clock)

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await self._channel.close()

    async def _generate(self, prompt: Prompt, explicit: bool) -> AsyncGenerator[Piece | End]:
        """Try until there is a first piece; from then on, an error is the caller's."""
        total = self.endpoint.deadlines.total
        ends = asyncio.get_running_loop().time() + total
        tries = self.endpoint.tries if explicit else 1
        begin = retry.policy(tries=tries, total=total, sleep=self._sleep).wraps(self._begin)
        first, rest = await begin(prompt, ends)
        async with aclosing(rest):
            yield first
            async for item in rest:
                yield item

    async def _begin(
        self, prompt: Prompt, ends: float
    ) -> tuple[Piece | End, AsyncGenerator[Piece | End]]:
        """Try once, up to the first piece. An attempt that raises has closed what it opened."""
        attempt = self._attempt(prompt, Clock(self.endpoint, ends))
        return await anext(attempt), attempt

    async def _attempt(self, prompt: Prompt, clock: Clock) -> AsyncGenerator[Piece | End]:
        await self._channel.client()
        from arriero.model import hub  # the channel has loaded it, off the event loop

        stops = self._info.max_stop_sequences if self._info else ASSUMED_STOP_SEQUENCES
        body = hub.request(prompt, stops)
        async with (
            self._channel.sent("POST", "/generate_stream", clock, body) as response,
            aclosing(self._events(response, clock)) as events,
        ):
            async for event in events:
                output = hub.read(event)
                if output is None:
                    raise explain.not_tgi(self.endpoint, "its stream has events of another kind")
                clock.begin()
                if output.details is not None:
                    # Now: who hears the last token may leave at it, and with it would go the
                    # connection.
                    await _drain(events)
                yield Piece(output.token.text, output.token.id, bool(output.token.special))
                if output.details is not None:
                    yield End(output.details.finish_reason, output.details.generated_tokens)
                    return
            raise interrupted(self.endpoint)

    async def _events(
        self, response: httpx2.Response, clock: Clock
    ) -> AsyncGenerator[dict[str, Any]]:
        """Yield the events of a stream, decoded; raise what an error event says."""
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            found = explain.instead(response, await beginning(response, clock))
            raise explain.not_tgi(self.endpoint, found)

        # The reader shows no comments, which count as life. So it reads a response whose bytes
        # have gone past the clock already.
        async with aclosing(clock.watch(response.aiter_raw())) as chunks:
            paced = httpx2.Response(
                200, headers=response.headers, content=chunks, request=response.request
            )
            async for event in httpx2.EventSource(paced):
                payload = _object(event.data)
                if payload.get("error") is not None:
                    raise explain.event(self.endpoint, payload)
                yield payload

    def _ids(self, tokens: object) -> tuple[int, ...]:
        """Return the ids in a list of tokens as TGI has it."""
        try:
            return tuple(int(token["id"]) for token in tokens)  # type: ignore[attr-defined]
        except (TypeError, KeyError, ValueError):
            raise explain.not_tgi(self.endpoint, "its tokens have no ids") from None

    def _forget(self) -> None:
        """Ask /info again next time: behind a broken connection another model may start."""
        self._info = None


def _object(text: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else, which then is no event of TGI's."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _drain(events: AsyncIterator[object]) -> None:
    """Read to the end of the body: only then can the next request use the connection.

    The answer is complete, so nothing that goes wrong here matters to anyone.
    """
    with suppress(BackendError, httpx2.HTTPError, TimeoutError):
        async with asyncio.timeout(LINGER):
            async for _ in events:
                pass
