"""A Llama network written to be obvious: one number at a time, float64, nothing remembered."""

from __future__ import annotations

import math

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

from backend.local.tiny import HEAD, HEADS, KV_HEADS, LAYERS

EPSILON, BASE = 1e-5, 10_000.0


class SlowLlama:
    def __init__(self, gguf) -> None:
        self.tensors = {
            tensor.name.removesuffix(".weight"): np.float64(
                dequantize(tensor.data, tensor.tensor_type)
            )
            for tensor in GGUFReader(gguf).tensors
        }

    def logits(self, ids: list[int]) -> np.ndarray:
        """Return the logits after each of the ids, [len(ids), vocabulary]."""
        xs = [self.tensors["token_embd"][i] for i in ids]
        for layer in range(LAYERS):
            named = {
                name.removeprefix(f"blk.{layer}."): tensor for name, tensor in self.tensors.items()
            }
            xs = [x + y for x, y in zip(xs, attention(xs, named), strict=True)]
            xs = [x + feed(x, named) for x in xs]
        output = self.tensors.get("output", self.tensors["token_embd"])
        return np.array([output @ norm(x, self.tensors["output_norm"]) for x in xs])


def norm(x, weight):
    return x / math.sqrt(sum(number**2 for number in x) / len(x) + EPSILON) * weight


def rotated(head, place):
    turned = []
    for k in range(0, HEAD, 2):
        angle = place * BASE ** (-k / HEAD)
        pair = complex(head[k], head[k + 1]) * complex(math.cos(angle), math.sin(angle))
        turned += [pair.real, pair.imag]
    return np.array(turned)


def attention(xs, named):
    normal = [norm(x, named["attn_norm"]) for x in xs]
    q, k, v = (
        [(named[f"attn_{which}"] @ x).reshape(heads, HEAD) for x in normal]
        for which, heads in (("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS))
    )
    results = []
    for here in range(len(xs)):
        heads = []
        for head in range(HEADS):
            group = head // (HEADS // KV_HEADS)
            query = rotated(q[here][head], here)
            scores = [
                query @ rotated(k[there][group], there) / math.sqrt(HEAD)
                for there in range(here + 1)
            ]
            shares = [math.exp(score) for score in scores]
            heads.append(
                sum(share / sum(shares) * v[there][group] for there, share in enumerate(shares))
            )
        results.append(named["attn_output"] @ np.concatenate(heads))
    return results


def feed(x, named):
    normal = norm(x, named["ffn_norm"])
    gate, up = named["ffn_gate"] @ normal, named["ffn_up"] @ normal
    silu = [g / (1 + math.exp(-g)) for g in gate]
    return named["ffn_down"] @ (silu * up)
