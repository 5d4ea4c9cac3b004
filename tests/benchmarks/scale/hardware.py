"""How long one step of a 70B takes on four GPUs, and how many tokens they hold: a roofline.

A step carries one token of every running answer, and pieces of the prompts that are being read. The
weights are read once for all of them, so a step takes the longer of reading the weights and
computing all the tokens; then what the running answers attend to is read on top.

Peaks are of NVIDIA's datasheet of the H100 SXM (80 GB): 3.35 TB/s, 989 TFLOPS in bf16 without
sparsity. What share of them a server reaches is an assumption, and so is the time that a step takes
whatever is in it, mostly two all-reduces a layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arriero.core.models import CODELLAMA_70B_INSTRUCT
from arriero_backend.models import named
from arriero_backend.plan.architecture import architecture_of
from arriero_backend.plan.sizing import tokens_beside
from arriero_backend.plan.terms import DEFAULT

MODEL = architecture_of(named(CODELLAMA_70B_INSTRUCT))
GPUS, GPU_GIB = 4, 80.0
WEIGHTS = MODEL.parameters * 2  # bytes in bf16
KV_BYTES = MODEL.kv_values * DEFAULT.kv_bytes  # of a token
OPERATIONS = MODEL.parameters * 2  # for a token: a product and a sum each


@dataclass(frozen=True, slots=True)
class Hardware:
    """GPUs that serve one model together. Bandwidth in bytes, arithmetic in operations a second.

    `kv_tokens` is what memory has room for beside the weights, as `arriero backend plan` says.
    """

    gpus: int = GPUS
    bandwidth: float = 3.35e12
    arithmetic: float = 989e12
    bandwidth_share: float = 0.6
    arithmetic_share: float = 0.5
    step_seconds: float = 0.003
    kv_tokens: int = tokens_beside(WEIGHTS, KV_BYTES, GPUS, GPU_GIB, DEFAULT)

    def step(self, reading: int, contexts: Sequence[int]) -> float:
        """Return the seconds of a step: `reading` tokens of prompts, and a token of each context.

        `contexts` are the tokens that each running answer attends to.
        """
        bandwidth = self.gpus * self.bandwidth * self.bandwidth_share
        arithmetic = self.gpus * self.arithmetic * self.arithmetic_share
        weights = WEIGHTS / bandwidth
        tokens = reading + len(contexts)
        computing = tokens * OPERATIONS / arithmetic
        attending = sum(contexts) * KV_BYTES / bandwidth
        return self.step_seconds + max(weights, computing) + attending
