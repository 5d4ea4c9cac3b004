"""The keys and values that a server keeps: of running requests, and of prompts that may come again.

A prompt is cut into blocks, each known by itself and all before it. What a prompt begins with and
is known need not be read again. Where room is wanted, what was used longest ago goes, ends first.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence

BLOCK = 32  # characters

Key = int


def blocks(prompt: str) -> list[Key]:
    """Return the keys of a prompt's blocks, from its start on; the last one may be short."""
    found, key = [], 0
    for start in range(0, len(prompt), BLOCK):
        key = hash((key, prompt[start : start + BLOCK]))
        found.append(key)
    return found


class Cache:
    """Room for so many blocks."""

    def __init__(self, room: int) -> None:
        self._free = room
        self._known: OrderedDict[Key, None] = OrderedDict()  # the one used longest ago first
        self._pinned: Counter[Key] = Counter()

    def known(self, keys: Sequence[Key]) -> int:
        """Return how many blocks at a prompt's start are known."""
        return next((n for n, key in enumerate(keys) if key not in self._known), len(keys))

    def take(self, keys: Sequence[Key], more: int) -> int | None:
        """Make room for a prompt and `more` blocks behind it, and keep what is known of it.

        Return how many blocks are known, or None where there is no room now.
        """
        known = self.known(keys)
        for key in keys[:known]:
            self._pinned[key] += 1
        wanted = len(keys) - known + more
        if not self._make_room(wanted):
            self._unpin(keys[:known])
            return None
        self._free -= wanted
        return known

    def give_back(self, keys: Sequence[Key], known: int, more: int, *, read: bool) -> None:
        """Let go of what was taken. A prompt that was `read` is known from now on."""
        self._unpin(keys[:known])
        self._free += len(keys) - known + more
        if not read:
            return
        for key in reversed(keys):  # so that the end of a prompt goes before its start
            if key not in self._known:
                if not self._make_room(1):
                    continue
                self._free -= 1
                self._known[key] = None
            self._known.move_to_end(key)

    def _unpin(self, keys: Sequence[Key]) -> None:
        for key in keys:
            self._pinned[key] -= 1
            if not self._pinned[key]:
                del self._pinned[key]

    def _make_room(self, wanted: int) -> bool:
        for _ in range(len(self._known)):
            if self._free >= wanted:
                break
            key, _ = self._known.popitem(last=False)
            if key in self._pinned:
                self._known[key] = None
            else:
                self._free += 1
        return self._free >= wanted
