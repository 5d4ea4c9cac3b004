"""The numbers that describe a network: GGUF metadata in, a `Header` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arriero_backend.local.errors import BeyondUs, ModelError

# A GGUF's metadata, key to value: numbers, strings and lists of either.
Metadata = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Header:
    """The shape of a Llama network. Widths count numbers, `context` counts tokens."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    hidden: int
    vocabulary: int
    context: int
    rope_base: float
    epsilon: float

    @property
    def queries(self) -> int:
        """The width of all query heads side by side."""
        return self.heads * self.head_width

    @property
    def pairs(self) -> int:
        """The width of all keys, and of all values, side by side."""
        return self.kv_heads * self.head_width


def read(metadata: Metadata) -> Header:
    """Take the network's numbers from the metadata of a GGUF (keys: ggml-org/ggml, docs/gguf.md).

    Raises BeyondUs for anything but a plain Llama network: computed by its rules, another one would
    run and write nonsense. Raises ModelError for a file that is not complete.
    """
    architecture = metadata.get("general.architecture")
    if architecture != "llama":
        raise BeyondUs(f"The model is of the architecture {architecture!r}")

    def number(key: str, otherwise: int | None = None) -> int:
        return int(_number(metadata, f"llama.{key}", otherwise))

    width, heads = number("embedding_length"), number("attention.head_count")
    header = Header(
        layers=number("block_count"),
        width=width,
        heads=heads,
        kv_heads=number("attention.head_count_kv", heads),
        head_width=number("attention.key_length", width // heads),
        hidden=number("feed_forward_length"),
        vocabulary=_length(metadata, "tokenizer.ggml.tokens"),
        context=number("context_length"),
        rope_base=_number(metadata, "llama.rope.freq_base", 10_000.0),
        epsilon=_number(metadata, "llama.attention.layer_norm_rms_epsilon"),
    )
    _refuse_other_rotations(metadata, header)
    return header


def _refuse_other_rotations(metadata: Metadata, header: Header) -> None:
    scaling = metadata.get("llama.rope.scaling.type", "none")
    rotated = _number(metadata, "llama.rope.dimension_count", header.head_width)
    if scaling != "none" or rotated != header.head_width:
        raise BeyondUs("The model stretches or shortens its rotary positions")


def _number(metadata: Metadata, key: str, otherwise: float | None = None) -> float:
    value = metadata.get(key, otherwise)
    if not isinstance(value, int | float):
        raise ModelError(f"The model's file is not complete: it has no number for {key}.")
    return value


def _length(metadata: Metadata, key: str) -> int:
    value = metadata.get(key)
    if not isinstance(value, list):
        raise ModelError(f"The model's file is not complete: it has no list for {key}.")
    return len(value)
