"""A GGUF file, opened for the built-in engine.

    GGUF     metadata, and quantised tensors: blk.0.attn_q.weight, blk.0.attn_k.weight, ...
      │ read, check, dequantise
    Source   Header, vocabulary, and float32 arrays, one a role, all layers along the first axis

Taking a vocabulary of 49,152 out of a GGUF takes seconds in Python, so this is the slow way; see
`expanded` for the fast one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray

from arriero_backend.local import header, vocabulary, weights
from arriero_backend.local.errors import BeyondUs, ModelError
from arriero_backend.local.header import Header
from arriero_backend.local.weights import Array, Weights

# Which tensors make up an array, in the order of its rows; `{}` is the layer.
SOURCES = {
    "embedding": ("token_embd.weight",),
    "attention_norm": ("blk.{}.attn_norm.weight",),
    "attention_in": ("blk.{}.attn_q.weight", "blk.{}.attn_k.weight", "blk.{}.attn_v.weight"),
    "attention_out": ("blk.{}.attn_output.weight",),
    "feed_norm": ("blk.{}.ffn_norm.weight",),
    "feed_in": ("blk.{}.ffn_gate.weight", "blk.{}.ffn_up.weight"),
    "feed_out": ("blk.{}.ffn_down.weight",),
    "output_norm": ("output_norm.weight",),
    "output": ("output.weight",),
}


class Source:
    """An open GGUF that the built-in engine can compute; raises ModelError for any other file."""

    def __init__(self, gguf: Path) -> None:
        try:
            reader = GGUFReader(gguf)
            metadata = {key: field.contents() for key, field in reader.fields.items()}
        except (OSError, ValueError, IndexError) as error:
            raise ModelError(
                f"{gguf} cannot be read as a model ({error}). It has to be a whole GGUF file."
            ) from error
        self.header = header.read(metadata)
        self._tensors = {tensor.name: tensor for tensor in reader.tensors}
        # Models of one family differ in whether the output is read from the embedding.
        self.tied = "output.weight" not in self._tensors
        self.shapes = weights.shapes(self.header, tied=self.tied)
        _check_names(self._tensors, self.header, self.shapes)
        _check_sizes(self._tensors, self.header, self.shapes)
        self.tokenizer = vocabulary.build(metadata)
        self.signs = vocabulary.signs(metadata)

    def pieces(self, role: str) -> Iterator[Array]:
        """Yield the tensors of an array as float32, in the order in which they fill its memory.

        One is expanded at a time, so a whole model never stands in memory twice.
        """
        for name in _names(role, self.header):
            yield np.ascontiguousarray(_dequantised(self._tensors[name]), dtype=np.float32)

    def weights(self) -> Weights:
        """Expand all of it into memory of this process."""
        arrays = {}
        for role, shape in self.shapes.items():
            arrays[role] = np.empty(shape, np.float32)
            rest = arrays[role].reshape(-1)
            for piece in self.pieces(role):
                rest[: piece.size] = piece.reshape(-1)
                rest = rest[piece.size :]
        return weights.assemble(arrays)


def _names(role: str, header: Header) -> list[str]:
    sources = SOURCES[role]
    if "{}" not in sources[0]:
        return list(sources)
    return [name.format(layer) for layer in range(header.layers) for name in sources]


def _check_names(
    tensors: Mapping[str, ReaderTensor], header: Header, shapes: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise BeyondUs unless the tensors are exactly those of a plain Llama network.

    A bias, an expert or a scaled rotation that nobody reads would be left out of the sum silently.
    """
    known = {name for role in shapes for name in _names(role, header)}
    if odd := sorted(known.symmetric_difference(tensors)):
        state = "missing" if odd[0] in known else "there"
        raise BeyondUs(f"The model is no plain Llama network ({odd[0]} is {state})")


def _check_sizes(
    tensors: Mapping[str, ReaderTensor], header: Header, shapes: Mapping[str, tuple[int, ...]]
) -> None:
    for role, shape in shapes.items():
        found = sum(int(tensors[name].n_elements) for name in _names(role, header))
        if found != math.prod(shape):
            raise ModelError(
                f"The model's file contradicts itself: {', '.join(SOURCES[role])} hold {found} "
                f"numbers, where its own metadata asks for {math.prod(shape)}. Take another file."
            )


def _dequantised(tensor: ReaderTensor) -> NDArray[Any]:
    try:
        return dequantize(tensor.data, tensor.tensor_type)
    except NotImplementedError:
        raise BeyondUs(f"The model is quantised as {tensor.tensor_type.name}") from None
