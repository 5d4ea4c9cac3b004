"""What the templates are filled in with: all of it is said, or computed, by a plan."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from arriero_backend.plan.launch import FIRST_PORT
from arriero_backend.plan.making import Plan
from arriero_backend.plan.quantisation import BY_NAME
from arriero_backend.plan.terms import GIB
from arriero_backend.render.watching import QUEUE, alerts

# How fast the first start fetches the weights at the worst, and what it takes beside that: to load
# them, to build what runs them, to try them. Guesses; a start that takes longer begins anew.
FETCHING = 20_000_000  # bytes a second
LOADING = 1800  # seconds


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy on a machine: a service's name, its port outside, and its GPUs by number."""

    name: str
    port: int
    gpus: list[str]


def values_of(plan: Plan) -> dict[str, Any]:
    """Return what a template may name."""
    chosen, server, model = plan.chosen, plan.server, plan.model
    fetched = chosen.weights if chosen.quantisation.published else _published(plan)
    copies = [_copy(plan, number) for number in range(plan.copies_here)]
    return {
        "served": plan,
        "summary": _summary(plan),
        "server": server,
        "arguments": server.arguments(chosen, model),
        "environment": server.environment(chosen),
        "image_tag": server.image.rpartition(":")[2],
        "shards": chosen.shards,
        "stages": chosen.stages,
        "replicas": max(chosen.copies, 2),
        "copies": copies,
        "targets": [f"{copy.name}:{server.port}" for copy in copies],
        "download_gib": round(fetched / GIB, 1),
        # A tenth more, for what else is in the repository, in steps of 10.
        "storage_gib": ceil(fetched * 1.1 / GIB / 10) * 10,
        "start_seconds": _start(fetched),
        "start_minutes": _start(fetched) // 60,
        # A process of the server for each shard, and those that speak HTTP. A guess, as is memory.
        "cpus": 2 * chosen.shards + 2,
        "memory_gib": 16 + 8 * chosen.shards,
        "queue": server.queue,
        "queue_in_kubernetes": server.queue.replace(":", "_"),
        "queue_limit": QUEUE,
        "alerts": alerts(server.name),
    }


def _published(plan: Plan) -> int:
    """Return the bytes of the weights in 16 bits, which are fetched to be quantised here."""
    return BY_NAME["bf16"].weights(plan.model.architecture)


def _start(fetched: int) -> int:
    """Return how many seconds the first start may take, in whole quarters of an hour."""
    return ceil((fetched / FETCHING + LOADING) / 900) * 900


def _copy(plan: Plan, number: int) -> Copy:
    first = number * plan.chosen.shards
    gpus = [str(gpu) for gpu in range(first, first + plan.chosen.shards)]
    return Copy(f"{plan.server.name}-{number + 1}", FIRST_PORT + number, gpus)


def _summary(plan: Plan) -> str:
    chosen = plan.chosen
    return f"{plan.machines}, {chosen.quantisation.name}, about {chosen.tokens:,} tokens of context"
