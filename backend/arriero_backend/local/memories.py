"""The sequences that a network remembers, so that a prompt's known start is not computed again."""

from __future__ import annotations

from collections.abc import Sequence

from arriero_backend.local.llama import Llama, Memory
from arriero_backend.local.weights import Array

# A completion and an action take turns in an editor; with one memory each would evict the other.
SEQUENCES = 2


class Remembering:
    """A network with a few memories. The one in use takes what is computed next."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._memories = [Memory(llama.header) for _ in range(SEQUENCES)]

    def prepare(self, ids: Sequence[int]) -> int:
        """Choose the memory to go on in; return how many of `ids` it holds already.

        At least the last id is left to compute, for without it there are no logits.
        """
        best = max(self._memories, key=lambda memory: memory.shared(ids))
        length = min(best.shared(ids), len(ids) - 1)
        # Going on inside a memory costs it the rest of what it holds. Where that is the greater
        # part it belongs to something else, so the start is copied over the oldest memory instead.
        chosen = best if 2 * length >= len(best.ids) else self._memories[0]
        if chosen is best:
            chosen.keep(length)
        else:
            chosen.copy(best, length)
        self._memories.remove(chosen)
        self._memories.append(chosen)
        return length

    def advance(self, ids: Sequence[int]) -> Array:
        """Compute on in the chosen memory; return the logits of what follows, [vocabulary]."""
        return self._llama.advance(self._memories[-1], ids)
