"""The dimensions of Llama models, and what follows from them: parameters, cache, shards.

The dimensions are those of each model's config.json, as litgpt repeats them with a link to each
(Lightning-AI/litgpt, litgpt/config.py). The parameters are summed up from them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arriero_backend.models import CodeLlama
from arriero_backend.plan.errors import PlanError

# One node of TGI has a process for each shard; more than eight GPUs are rarely in one machine.
SHARD_COUNTS = (1, 2, 4, 8)

# What config.json calls each field; models without grouped queries leave the third one out.
_KEYS = {
    "num_hidden_layers": "layers",
    "hidden_size": "hidden",
    "num_attention_heads": "heads",
    "num_key_value_heads": "kv_heads",
    "intermediate_size": "inner",
    "vocab_size": "vocabulary",
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A Llama: `hidden` is the width between layers, `inner` that within the feed-forward part."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    inner: int
    vocabulary: int

    @property
    def linear(self) -> int:
        """Count the parameters of the layers' matrices, which are what quantisation shrinks."""
        kv_width = self.hidden // self.heads * self.kv_heads
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * kv_width
        return self.layers * (attention + 3 * self.hidden * self.inner)

    @property
    def kept(self) -> int:
        """Count those that stay in 16 bits: the embedding, the output matrix and the norms."""
        norms = (2 * self.layers + 1) * self.hidden
        return 2 * self.vocabulary * self.hidden + norms

    @property
    def parameters(self) -> int:
        return self.linear + self.kept

    @property
    def kv_values(self) -> int:
        """Count the numbers that each token of context keeps: a key and a value in every layer."""
        return 2 * self.layers * self.kv_heads * (self.hidden // self.heads)

    def shards(self) -> tuple[int, ...]:
        """Return into how many the model can be cut: each shard gets whole heads.

        Source: TGI's flash_llama_modeling.py, lines 167-175 (db931fc); vLLM asks the same.
        """
        return tuple(n for n in SHARD_COUNTS if self.heads % n == 0 and self.kv_heads % n == 0)


_SIZES = {
    "7": (32, 4096, 32, 32, 11008),
    "13": (40, 5120, 40, 40, 13824),
    "34": (48, 8192, 64, 8, 22016),
    "70": (80, 8192, 64, 8, 28672),
}
# The tokens for infilling, or for turns, came on top of Llama 2's 32000 in these.
_LARGER_VOCABULARY = {(size, variant) for size in ("7", "13") for variant in ("", "-Instruct")}
_LARGER_VOCABULARY |= {("70", variant) for variant in ("", "-Python", "-Instruct")}


def architecture_of(model: CodeLlama) -> Architecture:
    """Return the dimensions of one of the twelve."""
    larger = (model.size, model.variant) in _LARGER_VOCABULARY
    return Architecture(*_SIZES[model.size], vocabulary=32_016 if larger else 32_000)


def from_config(config: Mapping[str, object]) -> Architecture:
    """Read the dimensions from a config.json, or from the same keys; raise PlanError."""
    given = {"num_key_value_heads": config.get("num_attention_heads"), **config}
    fields = {field: given.get(key) for key, field in _KEYS.items()}
    wrong = [key for key, field in _KEYS.items() if not _is_count(fields[field])]
    if wrong:
        raise PlanError(f"The model's dimensions need a whole number above 0 for {wrong[0]}.")
    architecture = Architecture(**{name: int(str(value)) for name, value in fields.items()})
    if architecture.hidden % architecture.heads:
        raise PlanError("hidden_size has to be a multiple of num_attention_heads.")
    return architecture


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
