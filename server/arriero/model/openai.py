"""The driver to vLLM, SGLang and llama.cpp's server: a Prompt goes out, Pieces come back.

/v1/completions         stream; the prompt as text, in the model's own format
/v1/chat/completions    stream, where the model's chat template writes the prompt
/v1/models              info; llama.cpp tells in /props how many tokens it serves
/tokenize               tokenize, where there is one
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_TOTAL_TOKENS, ModelInfo
from arriero.errors import WrongAddress
from arriero.model import explain, kinds, retry
from arriero.model.driver import Driver, Request
from arriero.model.endpoint import Endpoint
from arriero.model.kinds import Kind

# What is kept for the answer: these servers tell one limit for prompt and answer together.
ANSWER_TOKENS = 512


class OpenAi(Driver):
    """One server of this protocol.

    `kind` is known beforehand, or taken from what the server says. `model` is asked for by this
    name if the server has it, else its first model.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        kind: Kind | None = None,
        model: str = "",
        tokenizer: Path | None = None,
        sleep: retry.Sleep = asyncio.sleep,
    ) -> None:
        # Others call the address with /v1 theirs; the routes beside it are wanted too.
        base = replace(endpoint, url=endpoint.url.rstrip("/").removesuffix("/v1"))
        super().__init__(base, tokenizer, sleep)
        self._kind = kind
        self._model = model

    async def tokenize(self, text: str) -> tuple[int, ...] | None:
        """Return the server's token ids of a text, with `<s>`; None where it does not tell."""
        info = await self.info()
        field = kinds.BY_NAME[info.backend].tokenized
        if not field:
            return None
        body: dict[str, Any] = {"model": info.id, field: text}
        if field == "content":
            body |= {"add_special": True, "parse_special": True}
        try:
            answer = await self._channel.ask("POST", "/tokenize", body)
        except WrongAddress:
            return None  # older ones, and gateways, have no such route
        try:
            return tuple(int(each) for each in answer["tokens"])
        except (TypeError, KeyError, ValueError):
            raise explain.no_model_server(self.endpoint, "its tokens have no ids") from None

    async def admitted(self) -> None:
        """Return if the key is accepted, by the cheapest route that is behind it."""
        if await self.tokenize("x") is None:
            await self._channel.ask("GET", "/v1/models")

    async def health(self) -> None:
        """Return if the server says that it can generate."""
        info = await self.info()
        if info.backend != kinds.ANY.name:
            await super().health()

    async def _told(self) -> ModelInfo:
        answer = await self._channel.ask("GET", "/v1/models")
        model = kinds.served(answer, self._model)
        if model is None:
            raise explain.no_model_server(self.endpoint, "its /v1/models lists none")
        kind = self._kind or model.kind
        total = model.context or await self._props(kind) or ASSUMED_TOTAL_TOKENS
        return ModelInfo(
            id=model.id,
            backend=kind.name,
            url=self.endpoint.shown,
            max_input_tokens=max(1, total - min(ANSWER_TOKENS, total // 2)),
            max_total_tokens=total,
        )

    async def _worded(self, prompt: Prompt) -> Request:
        info = await self.info()
        kind = kinds.BY_NAME[info.backend]
        return Request(*kinds.request(prompt, info.id, kind), kinds.read)

    async def _props(self, kind: Kind) -> int | None:
        """Return the context that llama.cpp's server was started with, in tokens per request."""
        if kind.name != "llama.cpp":
            return None
        try:
            answer: Any = await self._channel.ask("GET", "/props")
            return kinds.limit(answer["default_generation_settings"]["n_ctx"])
        except (WrongAddress, KeyError, TypeError):
            return None  # it can be switched off
