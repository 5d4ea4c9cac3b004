"""Ways to store the weights: how many bits each takes, who can serve it, and by which flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from arriero_backend.plan.architecture import Architecture
from arriero_backend.plan.gpus import HOPPER, TURING, Gpu


@dataclass(frozen=True, slots=True)
class Quantisation:
    """`bits` of each parameter of the layers' matrices, what is stored beside them included.

    `about` says where such weights come from. `flags` are those of each server that can serve
    them; `capability` what each asks of a GPU. `published`: they are made beforehand, and published
    apart; servers make the others while they load.
    """

    name: str
    bits: float
    about: str
    flags: Mapping[str, tuple[str, ...]]
    capability: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    published: bool = False

    def weights(self, architecture: Architecture) -> int:
        """Return the bytes of the weights."""
        return round(architecture.linear * self.bits / 8 + architecture.kept * 2)

    def runs_on(self, gpu: Gpu, server: str) -> bool | None:
        """Tell whether a GPU can compute it; None where that is not known of the GPU."""
        needed = self.capability.get(server)
        if needed is None:
            return True
        return None if gpu.capability is None else gpu.capability >= needed


# fp8 asks for an H100 in TGI (docs/source/reference/launcher.md, QUANTIZE), for any GPU since
# Turing in vLLM (docs/features/quantization). Four bits in groups of 128 have a scale and a zero
# of 16 bits each: 4.25.
QUANTISATIONS = (
    Quantisation(
        "bf16", 16, "as published", {"tgi": ("--dtype=bfloat16",), "vllm": ("--dtype=bfloat16",)}
    ),
    Quantisation(
        "fp8",
        8,
        "made of those while loading",
        {"tgi": ("--quantize=fp8",), "vllm": ("--quantization=fp8",)},
        {"tgi": HOPPER, "vllm": TURING},
    ),
    Quantisation("eetq", 8, "made of those while loading", {"tgi": ("--quantize=eetq",)}),
    Quantisation(
        "gptq",
        4.25,
        "made and published by somebody else",
        {"tgi": ("--quantize=gptq",), "vllm": ()},
        published=True,
    ),
)
BY_NAME = {each.name: each for each in QUANTISATIONS}
