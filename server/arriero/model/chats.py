"""Who writes a chat as a prompt: the model server, or the tokenizer's own template, here.

turns -> the server's chat route -> pieces
      -> NoTemplate -> the template in `folder`, off the event loop -> text -> pieces
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.errors import NoTemplate, SettingsError

if TYPE_CHECKING:
    from arriero.model.templates import Writer

Pieces = AsyncGenerator[Piece | End]


class Chats:
    """The chats with one server. `folder` has the model's tokenizer files, or is one of them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writer: Writer | None = None  # once the server turned out to have no template

    def ask(self, prompt: Prompt, attempt: Callable[[Prompt], Pieces]) -> Pieces:
        """Make an attempt with a prompt, in whatever form of it the server can read."""
        return self._in_turns(prompt, attempt) if prompt.turns else attempt(prompt)

    async def _in_turns(self, prompt: Prompt, attempt: Callable[[Prompt], Pieces]) -> Pieces:
        if not self._writer:
            try:
                async with aclosing(attempt(prompt)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except NoTemplate:
                if self._folder is None:
                    raise
            self._writer = await asyncio.to_thread(_loaded, self._folder)
        text = await asyncio.to_thread(_written, self._writer, prompt)
        async with aclosing(attempt(replace(prompt, text=text, turns=()))) as pieces:
            async for piece in pieces:
                yield piece


def _loaded(folder: Path) -> Writer:
    from arriero.model import templates  # transformers, which takes seconds: only now

    with _explained():
        return templates.writer(folder)


def _written(writer: Writer, prompt: Prompt) -> str:
    with _explained():
        return writer(prompt.turns)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except SettingsError as error:
        raise NoTemplate(
            f"The model server has no chat template. {error} Set `dialect` to the format that the "
            "model was trained on."
        ) from None
