"""The matrices of a Llama network: quantised in a GGUF, float32 here.

GGUF tensors  blk.0.attn_q.weight, blk.0.attn_k.weight, ...
     │ dequantise, row by row of the table below
Weights       one array a role, all layers along its first axis
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arriero_backend.local.header import Header

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Every matrix has one row for each of its outputs, as GGUF has them: `y = x @ matrix.T`.

    Queries, keys and values are one matrix, and so are the two halves of the feed-forward's way
    in: a few large products are faster than many small ones. `output` is `embedding` itself where
    the model ties the two.
    """

    embedding: Array  # [vocabulary, width]
    attention_norm: Array  # [layers, width]
    attention_in: Array  # [layers, queries + 2 * pairs, width]
    attention_out: Array  # [layers, width, queries]
    feed_norm: Array  # [layers, width]
    feed_in: Array  # [layers, 2 * hidden, width]
    feed_out: Array  # [layers, width, hidden]
    output_norm: Array  # [width]
    output: Array  # [vocabulary, width]


def shapes(header: Header, *, tied: bool) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array to keep; `tied` leaves `output` out."""
    layers, width = header.layers, header.width
    whole = {
        "embedding": (header.vocabulary, width),
        "attention_norm": (layers, width),
        "attention_in": (layers, header.queries + 2 * header.pairs, width),
        "attention_out": (layers, width, header.queries),
        "feed_norm": (layers, width),
        "feed_in": (layers, 2 * header.hidden, width),
        "feed_out": (layers, width, header.hidden),
        "output_norm": (width,),
        "output": (header.vocabulary, width),
    }
    return {role: shape for role, shape in whole.items() if not (tied and role == "output")}


def assemble(arrays: Mapping[str, Array]) -> Weights:
    """Name the arrays of `shapes`; without an `output` it is the embedding."""
    return Weights(**{"output": arrays["embedding"], **arrays})
