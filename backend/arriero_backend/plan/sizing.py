"""The formula: what is left for context beside the weights, for each way to cut a model up.

    context memory = GPUs × (memory × usable − overhead) − weights
    tokens         = context memory / bytes per token

It is an estimate, of which the terms are in `terms.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arriero_backend.plan.architecture import SHARD_COUNTS
from arriero_backend.plan.gpus import FIRST, Machines
from arriero_backend.plan.model import Model
from arriero_backend.plan.quantisation import QUANTISATIONS, Quantisation
from arriero_backend.plan.terms import DEFAULT, GIB, Terms


@dataclass(frozen=True, slots=True)
class Setting:
    """What is to be served where; `server` by its name, `quantisations` those to look at."""

    model: Model
    machines: Machines
    server: str
    terms: Terms = DEFAULT
    quantisations: Sequence[Quantisation] = QUANTISATIONS


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve it: `shards` GPUs of a machine, on `stages` machines, `copies` times.

    Over several machines there is one copy: who has GPUs for two of those has them for more shards.

    `tokens` is the context that one copy holds for all its requests together; below 0, what lacks.
    `obstacle` says why it cannot be, whatever the memory; `proviso` from which GPU on it can be,
    where only the GPUs' memory is known.
    """

    quantisation: Quantisation
    shards: int
    stages: int
    copies: int
    weights: int  # bytes, of one copy
    token_bytes: int  # that a token of context takes, in all GPUs of a copy together
    tokens: int
    context: int
    terms: Terms
    obstacle: str = ""
    proviso: str = ""

    @property
    def gpus(self) -> int:
        """How many GPUs one copy takes."""
        return self.shards * self.stages

    @property
    def fits(self) -> bool:
        """TGI does not start where a single request of full length has no room."""
        return not self.obstacle and self.tokens >= self.context

    @property
    def requests(self) -> int:
        """How many requests of full length run at once, in all copies."""
        each = min(self.tokens // self.context, self.terms.requests)
        return self.copies * each if self.fits else 0

    @property
    def people(self) -> int:
        return self.terms.load.people_for(self.requests, self.copies * self.gpus)


def tokens_beside(weights: int, kv_bytes: int, gpus: int, memory: float, terms: Terms) -> int:
    """Return how many tokens of context fit; below 0, by how many the weights are too large.

    `memory` is GiB of one GPU, `kv_bytes` bytes that a token takes in all GPUs together.
    """
    usable = gpus * (memory * terms.usable - terms.overhead) * GIB
    return int((usable - weights) // kv_bytes)


def options(setting: Setting) -> list[Option]:
    """Return every way to serve a model there, those that cannot be included.

    Over several machines (`stages`) it is cut only where one machine does not hold it, and by
    vLLM: TGI's shards are on one machine.
    """
    found = _options(setting, stages=1)
    if setting.server == "vllm" and not any(each.fits for each in found):
        found += options_across(setting)
    return found


def options_across(setting: Setting) -> list[Option]:
    """Return every way to serve a model on all machines together; none where there is one."""
    nodes = setting.machines.nodes
    return _options(setting, stages=nodes) if nodes > 1 else []


def _options(setting: Setting, stages: int) -> list[Option]:
    return [
        _option(setting, quantisation, shards, stages)
        for quantisation in setting.quantisations
        if _served_as(setting, quantisation)
        for shards in SHARD_COUNTS
    ]


def _served_as(setting: Setting, quantisation: Quantisation) -> bool:
    there = not quantisation.published or quantisation.name in setting.model.weights
    return there and setting.server in quantisation.flags


def _option(setting: Setting, quantisation: Quantisation, shards: int, stages: int) -> Option:
    model, machines, terms = setting.model, setting.machines, setting.terms
    weights = quantisation.weights(model.architecture)
    kv_bytes = model.architecture.kv_values * terms.kv_bytes
    unknown = quantisation.runs_on(machines.gpu, setting.server) is None
    return Option(
        quantisation=quantisation,
        shards=shards,
        stages=stages,
        copies=1 if stages > 1 else machines.count // shards * machines.nodes,
        weights=weights,
        token_bytes=kv_bytes,
        tokens=tokens_beside(weights, kv_bytes, shards * stages, machines.gpu.memory, terms),
        context=model.context,
        terms=terms,
        obstacle=_obstacle(setting, quantisation, shards),
        proviso=f"from {FIRST[quantisation.capability[setting.server]]} on" if unknown else "",
    )


def _obstacle(setting: Setting, quantisation: Quantisation, shards: int) -> str:
    if shards not in setting.model.architecture.shards():
        return "heads do not divide"
    if shards > setting.machines.count:
        return f"takes {shards} GPUs"
    if quantisation.runs_on(setting.machines.gpu, setting.server) is False:
        return f"older than {FIRST[quantisation.capability[setting.server]]}"
    return ""
