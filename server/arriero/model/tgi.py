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
from collections.abc import Mapping, Sequence
from pathlib import Path

from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_STOP_SEQUENCES, ModelInfo
from arriero.errors import WrongAddress
from arriero.model import explain, info, kinds, retry
from arriero.model.driver import Driver, Request
from arriero.model.endpoint import Endpoint
from arriero.model.reference import Rendered


class Tgi(Driver):
    """One TGI server."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        tokenizer: Path | None = None,
        sleep: retry.Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(endpoint, tokenizer, sleep)

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the server's token ids of a text; it adds `<s>`."""
        return self._ids(await self._channel.ask("POST", "/tokenize", {"inputs": text}))

    async def chat_tokenize(self, messages: Sequence[Mapping[str, str]]) -> Rendered | None:
        """Return a dialog as the server's own chat template writes it; None if it never tells."""
        chat = {"messages": [dict(message) for message in messages]}
        try:
            answer = await self._channel.ask("POST", "/chat_tokenize", chat)
        except WrongAddress:
            return None  # gateways may have no such route
        if not isinstance(answer, dict):
            raise explain.no_model_server(self.endpoint, "its /chat_tokenize gives no object")
        ids = self._ids(answer.get("tokenize_response"))
        return Rendered(str(answer.get("templated_text", "")), ids)

    async def admitted(self) -> None:
        """Return if the key is accepted, by the cheapest route that is behind it."""
        await self.tokenize("x")

    async def _told(self) -> ModelInfo:
        told = info.read(await self._channel.ask("GET", "/info"), self.endpoint.shown)
        if told is None:
            raise explain.no_model_server(self.endpoint, "its /info names no model")
        return told

    async def _worded(self, prompt: Prompt) -> Request:
        """Return the request; TGI's chat route goes on with a last turn of the assistant.

        It does so without the blanks at that turn's end.
        """
        if prompt.turns:
            return Request(*kinds.request(prompt, "tgi", kinds.ANY), kinds.read)
        await self._channel.client()  # which loads the hub's types, off the event loop
        from arriero.model import hub

        stops = self._info.max_stop_sequences if self._info else ASSUMED_STOP_SEQUENCES
        return Request("/generate_stream", hub.request(prompt, stops), hub.read)

    def _ids(self, tokens: object) -> tuple[int, ...]:
        """Return the ids in a list of tokens as TGI has it."""
        try:
            return tuple(int(token["id"]) for token in tokens)  # type: ignore[attr-defined]
        except (TypeError, KeyError, ValueError):
            raise explain.no_model_server(self.endpoint, "its tokens have no ids") from None
