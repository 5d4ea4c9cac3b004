"""The GPUs of a machine: as somebody says, or as the driver does."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

from arriero_backend.plan.errors import PlanError

# Compute capabilities, as NVIDIA numbers them.
TURING = (7, 5)
HOPPER = (9, 0)
FIRST = {TURING: "T4", HOPPER: "H100"}  # known cards that have it

_GIVEN = re.compile(r"(?P<count>\d+)x(?P<memory>\d+(?:\.\d+)?)")
_ROW = re.compile(r"(?P<name>.+), (?P<mib>\d+), (?P<major>\d+)\.(?P<minor>\d+)")
_QUERY = ("--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")
_PATIENCE = 20.0  # seconds; a driver that was asleep takes some
_GIVE = "Say which GPUs there are, such as --gpus 4x80 for four with 80 GB each."


@dataclass(frozen=True, slots=True)
class Gpu:
    """One kind of GPU: its memory in GiB, and its compute capability where it is known."""

    memory: float
    capability: tuple[int, int] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Machines:
    """`nodes` machines with `count` GPUs of one kind each."""

    count: int
    gpu: Gpu
    nodes: int = 1

    def __str__(self) -> str:
        memory = f"{round(self.gpu.memory, 1):g}"
        kind = f"{self.gpu.name} ({memory} GiB)" if self.gpu.name else f"{memory} GB"
        gpus = f"{self.count} × {kind}"
        return f"{self.nodes} machines with {gpus} each" if self.nodes > 1 else gpus


def given(text: str, nodes: int = 1) -> Machines:
    """Read `4x80`. What a card's label calls GB is taken as GiB, which most of them have."""
    found = _GIVEN.fullmatch(text.strip().lower())
    if found is None or int(found["count"]) < 1 or float(found["memory"]) <= 0:
        raise PlanError(f"{text!r} says no GPUs; write a count and the memory of one, as in 4x80.")
    return Machines(int(found["count"]), Gpu(float(found["memory"])), nodes)


def from_driver(nodes: int = 1, program: str = "nvidia-smi") -> Machines:
    """Ask NVIDIA's driver which GPUs this machine has; raise PlanError where there are none."""
    try:
        ended = subprocess.run(
            [program, *_QUERY], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise PlanError(f"NVIDIA's driver does not answer on this machine. {_GIVE}") from None
    if ended.returncode:
        raise PlanError(f"NVIDIA's driver finds no GPU it can use. {_GIVE}")
    return Machines(*read(ended.stdout), nodes)


def read(table: str) -> tuple[int, Gpu]:
    """Read nvidia-smi's rows. Of unequal GPUs the smallest counts: shards are equally large."""
    gpus = []
    for line in table.splitlines():
        found = _ROW.fullmatch(line.strip())
        if found is None:
            raise PlanError(f"NVIDIA's driver says {line.strip()!r} of a GPU. {_GIVE}")
        capability = int(found["major"]), int(found["minor"])
        gpus.append(Gpu(int(found["mib"]) / 1024, capability, found["name"]))
    if not gpus:
        raise PlanError(f"NVIDIA's driver tells of no GPUs. {_GIVE}")
    return len(gpus), min(gpus, key=lambda gpu: (gpu.memory, gpu.capability))
