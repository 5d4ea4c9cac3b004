"""The seam: all that the work asks of a model. `model/` implements it; tests script it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from arriero.core.dialects import Prompt
from arriero.core.models import ModelInfo


@dataclass(frozen=True, slots=True)
class Piece:
    """One streamed token: its text as the server sent it, its id, and whether it is special.

    `logprob` is the natural logarithm of the probability that the model gave it, where the server
    says so.
    """

    text: str
    id: int | None = None
    special: bool = False
    logprob: float | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The last thing in a stream: why it ended, and how many tokens were generated."""

    reason: Literal["length", "eos_token", "stop_sequence"]
    generated_tokens: int | None = None


class Model(Protocol):
    """A model somewhere. Every method raises `BackendError`, or `NoBackend` when there is none."""

    async def info(self) -> ModelInfo:
        """Return what the server says of its model; asked once, then remembered."""
        ...

    def count(self, text: str) -> int:
        """Return how many tokens a text is; when it is not known exactly, rather too many."""
        ...

    def stream(
        self, prompt: Prompt, *, explicit: bool
    ) -> AbstractAsyncContextManager[AsyncIterator[Piece | End]]:
        """Generate. Leaving the context closes the connection, which frees the GPU at once.

        `explicit`: somebody asked and waits, so it is worth trying again until the first piece.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...
