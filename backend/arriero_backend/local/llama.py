"""The forward pass of a Llama network: token ids in, the next token's logits out.

For each layer (Touvron et al. 2023, with grouped queries from Ainslie et al. 2023):

    x ─ norm ─ attention_in ─ rotate ─ attend over the memory ─ attention_out ─┐
    ├──────────────────────────────────────────────────────────────────────────+
    ├─ norm ─ feed_in ─ SiLU(gate) · up ─ feed_out ─┐
    └────────────────────────────────────────────────+─ x

All arrays are float32. `t` is the number of tokens computed now, `n` of those in the memory after.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arriero_backend.local.header import Header
from arriero_backend.local.weights import Array, Weights

# How many tokens of a prompt are computed at once: products large enough to keep the processor
# busy, and a wait short enough (0.2 to 1 s for 135M parameters) for one who cancels.
PIECE = 256


# How many tokens of room a memory grows by. All of it at once would take 94 MB for each half of a
# memory of SmolLM2, also for short prompts: with huge pages, touching a part takes the whole.
STEP = 512


class Memory:
    """What the network keeps of one sequence: its ids, and each layer's keys and values.

    `keys` and `values`: [layers, kv_heads, room, head_width], of which the first `len(ids)` places
    are filled.
    """

    def __init__(self, header: Header) -> None:
        empty = (header.layers, header.kv_heads, 0, header.head_width)
        self.ids: list[int] = []
        self.keys: Array = np.empty(empty, np.float32)
        self.values: Array = np.empty(empty, np.float32)

    def shared(self, ids: Sequence[int]) -> int:
        """Count the tokens at the start that the memory and `ids` have in common."""
        length = min(len(self.ids), len(ids))
        return next((k for k in range(length) if self.ids[k] != ids[k]), length)

    def keep(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        del self.ids[length:]

    def copy(self, other: Memory, length: int) -> None:
        """Become the first `length` tokens of another memory."""
        self.ids = []
        self.make_room(length)
        self.ids = other.ids[:length]
        self.keys[:, :, :length] = other.keys[:, :, :length]
        self.values[:, :, :length] = other.values[:, :, :length]

    def make_room(self, length: int) -> None:
        """Grow to hold at least `length` tokens, in whole steps."""
        missing = length - self.keys.shape[2]
        if missing <= 0:
            return
        self.keys = self._grown(self.keys, -(-missing // STEP) * STEP)
        self.values = self._grown(self.values, -(-missing // STEP) * STEP)

    def _grown(self, old: Array, more: int) -> Array:
        layers, heads, room, width = old.shape
        new = np.empty((layers, heads, room + more, width), np.float32)
        new[:, :, : len(self.ids)] = old[:, :, : len(self.ids)]
        return new


class Llama:
    """A network for sequences of up to `capacity` tokens; it holds none, a `Memory` does."""

    def __init__(self, header: Header, weights: Weights, capacity: int) -> None:
        self.header = header
        self.capacity = capacity
        self._weights = weights
        # Angles in float64: at place 4095 float32 would already be off by 2e-4.
        exponents = np.arange(0, header.head_width, 2) / header.head_width
        angles = np.outer(np.arange(capacity), header.rope_base**-exponents)
        self._cos = np.cos(angles).astype(np.float32)  # [capacity, head_width / 2]
        self._sin = np.sin(angles).astype(np.float32)

    def advance(self, memory: Memory, ids: Sequence[int]) -> Array:
        """Append `ids` to the memory; return the logits of what follows, [vocabulary].

        At least one id, and with those before no more than `capacity`.
        """
        memory.make_room(len(memory.ids) + len(ids))
        weights = self._weights
        x = weights.embedding[list(ids)]
        for layer in range(self.header.layers):
            x = x + self._attention(layer, self._norm(x, weights.attention_norm[layer]), memory)
            x = x + self._feed(layer, self._norm(x, weights.feed_norm[layer]))
        memory.ids.extend(ids)
        last: Array = self._norm(x[-1], weights.output_norm) @ weights.output.T
        return last

    def _attention(self, layer: int, x: Array, memory: Memory) -> Array:
        """Let each token look at itself and all before it; [t, width] in and out."""
        header, weights = self.header, self._weights
        t, start = len(x), len(memory.ids)
        n = start + t
        group = header.heads // header.kv_heads

        mixed = x @ weights.attention_in[layer].T
        split = np.split(mixed, (header.queries, header.queries + header.pairs), axis=-1)
        queries, keys, values = (part.reshape(t, -1, header.head_width) for part in split)
        memory.keys[layer, :, start:n] = self._rotate(keys, start).swapaxes(0, 1)
        memory.values[layer, :, start:n] = values.swapaxes(0, 1)

        # Every key head serves `group` query heads, which follow one another: as more rows of one
        # product they need no copies of the keys.
        rows = self._rotate(queries, start).swapaxes(0, 1).reshape(header.kv_heads, group * t, -1)
        rows *= np.float32(header.head_width**-0.5)
        scores = rows @ memory.keys[layer, :, :n].swapaxes(1, 2)
        if t > 1:
            new = scores.reshape(header.kv_heads, group, t, n)[..., start:]
            np.copyto(new, -np.inf, where=np.triu(np.ones((t, t), np.bool_), 1))
        seen = _attend(scores, memory.values[layer, :, :n])
        beside = seen.reshape(header.heads, t, header.head_width).swapaxes(0, 1).reshape(t, -1)
        result: Array = beside @ weights.attention_out[layer].T
        return result

    def _feed(self, layer: int, x: Array) -> Array:
        """Work on each token by itself; [t, width] in and out."""
        gate, up = np.split(x @ self._weights.feed_in[layer].T, 2, axis=-1)
        # SiLU, gate * sigmoid(gate), by tanh: exp(-gate) would overflow.
        gate *= 0.5 * np.tanh(0.5 * gate) + 0.5
        gate *= up
        result: Array = gate @ self._weights.feed_out[layer].T
        return result

    def _norm(self, x: Array, weight: Array) -> Array:
        mean = np.mean(x * x, axis=-1, keepdims=True)
        normal: Array = x / np.sqrt(mean + np.float32(self.header.epsilon)) * weight
        return normal

    def _rotate(self, x: Array, start: int) -> Array:
        """Turn each pair of neighbouring numbers by its token's place; [t, heads, head_width].

        GGUF's order of rows puts the two of a pair side by side; the weights on the hub have them
        half a head apart.
        """
        cos = self._cos[start : start + len(x), None]
        sin = self._sin[start : start + len(x), None]
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = np.empty_like(x)
        turned[..., 0::2] = even * cos - odd * sin
        turned[..., 1::2] = even * sin + odd * cos
        return turned


def _attend(scores: Array, values: Array) -> Array:
    """Return the values weighed by the softmax of the scores, which it uses up.

    The shares are made to add up to one after the product, where there are far fewer numbers.
    """
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    weighed: Array = scores @ values / scores.sum(axis=-1, keepdims=True)
    return weighed
