"""The prefix cache: what the model need not compute again, token by token, as TGI's does."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class PrefixCache:
    """The last sequences of token ids, and how much of new ones they save."""

    def __init__(self, sequences: int = 16) -> None:
        self._known: deque[tuple[int, ...]] = deque(maxlen=sequences)
        self.computed = 0
        self.reused = 0

    def admit(self, ids: Sequence[int]) -> int:
        """Remember a prompt and return how many of its tokens have to be computed.

        The last one always has to be: the next token comes of it.
        """
        prompt = tuple(ids)
        longest = max((_shared(prompt, known) for known in self._known), default=0)
        reused = max(0, min(longest, len(prompt) - 1))
        self._known.append(prompt)
        self.reused += reused
        self.computed += len(prompt) - reused
        return len(prompt) - reused


def _shared(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
