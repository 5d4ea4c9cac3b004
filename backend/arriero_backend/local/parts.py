"""What an engine is made of: a network and its vocabulary, NumPy's or llama.cpp's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from arriero_backend.engine import InputToken
from arriero_backend.local.vocabulary import Signs
from arriero_backend.local.weights import Array


class Network(Protocol):
    """Computes what follows a sequence. Not for more than one thread at a time."""

    def prepare(self, ids: Sequence[int]) -> int:
        """Make ready to compute `ids`; return how many of them, from the start, are known already.

        At least the last one is left to compute.
        """
        ...

    def advance(self, ids: Sequence[int]) -> Array:
        """Compute the next ids of the sequence; return the logits of what follows, [vocabulary]."""
        ...


class Text(Protocol):
    """A tokenizer with its signs."""

    signs: Signs

    def encode(self, text: str, *, begin: bool) -> list[InputToken]:
        """Tokenize; signs written in the text become their ids. `begin` allows the model's BOS."""
        ...

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for, which may be a part of a character."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """A model that is ready. `context` is the most tokens that a sequence may have.

    `kind` is what computes it, as people call that.
    """

    network: Network
    vocabulary: Text
    context: int
    kind: str
