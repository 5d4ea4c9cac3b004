"""The line to one model: made when it is first needed, and anew after its key was refused.

settings -> connect -> Model -> info, and what the settings say in its place
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from arriero.assist import clock
from arriero.assist.breaker import Breaker
from arriero.assist.load import Load
from arriero.assist.seam import Model
from arriero.core.models import Formats, ModelInfo, formats_of
from arriero.errors import BackendError, Overloaded, WrongKey
from arriero.settings import Settings

Connect = Callable[[Settings], Awaitable[Model]]


class Line:
    """The model that some settings name. `breaker` says whether it is worth asking, `load` what."""

    def __init__(self, settings: Settings, connect: Connect) -> None:
        self.breaker = Breaker(clock.now)
        self.load = Load()
        self._settings = settings
        self._connect = connect
        self._model: Model | None = None
        self._refused = False
        self._connecting = asyncio.Lock()
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing: set[asyncio.Task[None]] = set()

    async def meet(self) -> tuple[Model, ModelInfo, Formats]:
        """Return the model, what is known of it, and its prompt formats.

        Raises `NoBackend` or `BackendError`.
        """
        async with self._connecting:
            if self._refused and self._model:
                self._retire(self._model)
                self._model = None
            if self._model is None:
                self._refused = False
                self._model = await self._connect(self._settings)
            model = self._model
        info = self._overridden(await model.info())
        named = self._settings.dialect
        return model, info, Formats(named, named) if named else formats_of(info)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep the model open meanwhile."""
        self._users += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()

    def failed(self, error: BackendError) -> None:
        """Note a failure. A key that was refused may have run out, and is looked up again."""
        self.breaker.failed(error)
        if isinstance(error, Overloaded):
            self.load.give_way()
        self._refused = self._refused or isinstance(error, WrongKey)

    async def hang_up(self) -> None:
        """Let go of the model, once what uses it has ended."""
        await self._idle.wait()
        await self.close()

    async def close(self) -> None:
        """Let go of the model now."""
        self._idle.set()
        async with self._connecting:
            model, self._model = self._model, None
        if model:
            await model.close()
        await asyncio.gather(*self._closing)

    def _retire(self, model: Model) -> None:
        async def close_later() -> None:
            await self._idle.wait()
            await model.close()

        task = asyncio.create_task(close_later())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _overridden(self, info: ModelInfo) -> ModelInfo:
        total = self._settings.context_tokens or info.max_total_tokens
        return replace(
            info,
            id=self._settings.model or info.id,
            max_total_tokens=min(total, info.max_total_tokens),
            max_input_tokens=min(total - 1, info.max_input_tokens),
        )
