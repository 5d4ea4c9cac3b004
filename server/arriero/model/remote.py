"""The model server at an address, of whatever kind it turns out to be."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from arriero.core.models import ModelInfo
from arriero.errors import WrongAddress
from arriero.model import kinds
from arriero.model.driver import Driver, Late
from arriero.model.endpoint import Endpoint
from arriero.model.openai import OpenAi
from arriero.model.tgi import Tgi


class Remote(Late):
    """The driver that fits the server. Every method raises BackendError.

    `kind` is "tgi" or a name of `kinds.BY_NAME`; without one the server is asked, TGI's way first.
    """

    def __init__(
        self, endpoint: Endpoint, *, kind: str = "", model: str = "", tokenizer: Path | None = None
    ) -> None:
        self.endpoint = endpoint
        self._tgi = Tgi(endpoint, tokenizer=tokenizer)
        self._openai = OpenAi(
            endpoint, kind=kinds.BY_NAME.get(kind), model=model, tokenizer=tokenizer
        )
        self._kind = kind
        self._finding = asyncio.Lock()

    async def driver(self) -> Driver:
        """Return the driver, found when it is first needed. A setting may have named it."""
        async with self._finding:
            if self._driver is None:
                self._driver = await self._found()
            return self._driver

    async def info(self) -> ModelInfo:
        """Return what the server says of its model; of another kind, when it was replaced."""
        driver = await self.driver()
        try:
            return await driver.info()
        except WrongAddress:
            self._driver = None
            raise

    async def close(self) -> None:
        """Close all connections. A later request opens new ones."""
        await self._tgi.close()
        await self._openai.close()

    async def _found(self) -> Driver:
        if self._kind:
            return self._tgi if self._kind == "tgi" else self._openai
        try:
            await self._tgi.info()
        except WrongAddress:
            with suppress(WrongAddress):
                await self._openai.info()
                return self._openai
            raise  # what was tried first is what most people meant
        return self._tgi
