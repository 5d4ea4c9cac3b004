"""The terms of the estimate that are no dimensions of the model: each one with its source."""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Load:
    """How many people so many requests at once, on so many GPUs, carry, and who says so.

    `gpu` is the kind of GPU: slower ones compute for fewer people than they have memory for.
    """

    people: int
    requests: int
    gpus: int
    gpu: str
    source: str

    def people_for(self, requests: float, gpus: float) -> int:
        """Return how many people there is memory for, and computing."""
        return int(self.people * min(requests / self.requests, gpus / self.gpus))


# What the people of a plan are counted by, in one place. `make bench-scale` tells what they are
# served (tests/benchmarks/scale).
LOAD = Load(
    people=300,
    requests=128,
    gpus=4,
    gpu="H100",
    source="the load that `make bench-scale` simulates",
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a GPU's memory goes into, and what a request takes of it.

    `usable`: the share of each GPU's memory that the server fills. TGI's TGI_WIGGLE_ROOM
    (server/text_generation_server/models/globals.py, db931fc); vLLM is told the same number.

    `overhead`: GiB on each GPU for CUDA's context, NCCL's buffers, CUDA graphs and the numbers in
    flight. An estimate; the server's log tells how much it found free after loading.

    `kv_bytes`: bytes of each number in the cache; 2 for fp16 and bf16, the servers' default.

    `requests`: how many requests the server lets run at once; further ones are refused (TGI's
    --max-concurrent-requests, docs/source/reference/launcher.md) or queue (vLLM's --max-num-seqs).
    """

    usable: float = 0.90
    overhead: float = 1.5
    kv_bytes: int = 2
    requests: int = 128
    load: Load = LOAD


DEFAULT = Terms()
