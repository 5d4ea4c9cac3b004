"""The driver to TGI: a Prompt goes out over HTTP, Pieces come back.

    /generate_stream   stream          /info           info
    /v1/chat/completions   stream, where the model's chat template writes the prompt
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
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_STOP_SEQUENCES, ModelInfo
from arriero.model import explain, info, kinds, retry
from arriero.model.broken import interrupted
from arriero.model.channel import Channel, beginning
from arriero.model.clock import Clock
from arriero.model.endpoint import Endpoint
from arriero.model.reference import Rendered
from arriero.model.streaming import drained, events, persistent
from arriero.model.tokens import Counter


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
        self._counter = Counter(tokenizer, self.tokenize)
        self._sleep = sleep
        self._info: ModelInfo | None = None

    async def info(self) -> ModelInfo:
        """Return what /info says; asked once, and again after the connection broke."""
        if self._info is None:
            await self._counter.load()
            answer = await self._channel.ask("GET", "/info")
            self._info = info.read(answer, self.endpoint.shown)
            if self._info is None:
                raise explain.no_model_server(self.endpoint, "its /info names no model")
        return self._info

    def count(self, text: str) -> int:
        """Return the tokens of a text, without `<s>`; an estimate before `info` was asked."""
        return self._counter.count(text)

    def stream(self, prompt: Prompt, *, explicit: bool) -> aclosing[AsyncGenerator[Piece | End]]:
        """Generate greedily. The request is sent with the first step of the iteration."""
        pieces = persistent(
            self.endpoint,
            lambda clock: self._attempt(prompt, clock),
            explicit=explicit,
            sleep=self._sleep,
        )
        return aclosing(pieces)

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the server's token ids of a text; it adds `<s>`."""
        return self._ids(await self._channel.ask("POST", "/tokenize", {"inputs": text}))

    async def chat_tokenize(self, messages: Sequence[Mapping[str, str]]) -> Rendered:
        """Return a dialog as the server's own chat template writes it."""
        chat = {"messages": [dict(message) for message in messages]}
        answer = await self._channel.ask("POST", "/chat_tokenize", chat)
        if not isinstance(answer, dict):
            raise explain.no_model_server(self.endpoint, "its /chat_tokenize gives no object")
        ids = self._ids(answer.get("tokenize_response"))
        return Rendered(str(answer.get("templated_text", "")), ids)

    async def admitted(self) -> None:
        """Return if the key is accepted, by the cheapest route that is behind it."""
        await self.tokenize("x")

    async def health(self) -> None:
        """Return if the server says that it can generate."""
        clock = Clock(self.endpoint)
        async with self._channel.sent("GET", "/health", clock) as response:
            await beginning(response, clock)

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await self._counter.close()
        await self._channel.close()

    async def _attempt(self, prompt: Prompt, clock: Clock) -> AsyncGenerator[Piece | End]:
        await self._channel.client()
        from arriero.model import hub  # the channel has loaded it, off the event loop

        if prompt.turns:
            async with aclosing(self._chat(prompt, clock)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        stops = self._info.max_stop_sequences if self._info else ASSUMED_STOP_SEQUENCES
        body = hub.request(prompt, stops)
        async with (
            self._channel.sent("POST", "/generate_stream", clock, body) as response,
            aclosing(events(self.endpoint, response, clock)) as stream,
        ):
            async for event in stream:
                output = hub.read(event)
                if output is None:
                    raise explain.no_model_server(
                        self.endpoint, "its stream has events of another kind"
                    )
                clock.begin()
                if output.details is not None:
                    # Now: who hears the last token may leave at it, and with it would go the
                    # connection.
                    await drained(stream)
                yield Piece(output.token.text, output.token.id, bool(output.token.special))
                if output.details is not None:
                    yield End(output.details.finish_reason, output.details.generated_tokens)
                    return
            raise interrupted(self.endpoint)

    async def _chat(self, prompt: Prompt, clock: Clock) -> AsyncGenerator[Piece | End]:
        """Let the model's own chat template write the turns.

        TGI goes on with a last turn of the assistant, without the blanks at its end.
        """
        route, body = kinds.request(prompt, "tgi", kinds.ANY)
        async with (
            self._channel.sent("POST", route, clock, body) as response,
            aclosing(events(self.endpoint, response, clock)) as stream,
        ):
            async for event in stream:
                said = kinds.read(event)
                if said is None:
                    raise explain.no_model_server(
                        self.endpoint, "its stream has events of another kind"
                    )
                clock.begin()
                if said.reason:
                    await drained(stream)
                if said.text:
                    yield Piece(said.text)
                if said.reason:
                    yield End(said.reason, None)
                    return
            raise interrupted(self.endpoint)

    def _ids(self, tokens: object) -> tuple[int, ...]:
        """Return the ids in a list of tokens as TGI has it."""
        try:
            return tuple(int(token["id"]) for token in tokens)  # type: ignore[attr-defined]
        except (TypeError, KeyError, ValueError):
            raise explain.no_model_server(self.endpoint, "its tokens have no ids") from None

    def _forget(self) -> None:
        """Ask /info again next time: behind a broken connection another model may start."""
        self._info = None
