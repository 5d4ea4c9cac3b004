"""What all routes share: the engine, the limits, the counts, and one place for a request's life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from time import perf_counter

from arriero_backend.contract.generation import Generation, order, running
from arriero_backend.contract.metrics import Metrics
from arriero_backend.contract.parameters import Limits, Parameters
from arriero_backend.contract.refusals import Refusal, overloaded
from arriero_backend.engine import Engine

VERSION = "3.3.7"  # of the contract: TGI's last release


class Service:
    """One engine behind TGI's rules. `counters` returns further counts for /metrics by name."""

    def __init__(
        self,
        engine: Engine,
        limits: Limits,
        keep_alive: float,
        counters: Callable[[], Mapping[str, float]],
    ) -> None:
        self.engine = engine
        self.limits = limits
        self.keep_alive = keep_alive
        self.counters = counters
        self.live: set[Generation] = set()

    @cached_property
    def metrics(self) -> Metrics:
        """The counts; made at the first use, since an engine may know its limits late."""
        return Metrics(self.engine.facts.max_total_tokens)

    @asynccontextmanager
    async def generation(
        self,
        inputs: str,
        given: Parameters,
        *,
        add_special_tokens: bool = True,
        stream: bool = False,
    ) -> AsyncIterator[Generation]:
        """Run a request from its check to its last token; raises Refusal.

        One request too many is refused at once (TGI's semaphore), before it is looked at.
        """
        try:
            if len(self.live) >= self.engine.facts.max_concurrent_requests:
                raise overloaded()
            generation = self._ordered(inputs, given, add_special_tokens, stream)
            self.live.add(generation)
            try:
                async with running(generation):
                    yield generation
            finally:
                self.live.discard(generation)
        except Refusal as refusal:
            self.metrics.failures[refusal.kind] += 1
            raise
        except asyncio.CancelledError:
            self.metrics.failures["dropped"] += 1
            raise
        self.metrics.record(generation)

    def _ordered(
        self, inputs: str, given: Parameters, add_special_tokens: bool, stream: bool
    ) -> Generation:
        asked_at = perf_counter()
        placed = order(
            self.engine, self.limits, inputs, given, add_special_tokens=add_special_tokens
        )
        return Generation(placed, self.engine, asked_at, stream=stream)

    def show_metrics(self) -> str:
        """Write /metrics. A request counts as queued until its first token."""
        batch = sum(generation.started_at is not None for generation in self.live)
        gauges = {
            "tgi_queue_size": len(self.live) - batch,
            "tgi_batch_current_size": batch,
        }
        return self.metrics.render(gauges, self.counters())

    def info(self) -> dict[str, object]:
        """Return what GET /info says."""
        facts = self.engine.facts
        return {
            "model_id": facts.model_id,
            "model_sha": facts.model_sha,
            "model_pipeline_tag": facts.pipeline_tag,
            "max_concurrent_requests": facts.max_concurrent_requests,
            "max_best_of": self.limits.max_best_of,
            "max_stop_sequences": self.limits.max_stop_sequences,
            "max_input_tokens": facts.max_input_tokens,
            "max_total_tokens": facts.max_total_tokens,
            "validation_workers": 1,
            "max_client_batch_size": self.limits.max_client_batch_size,
            "router": facts.router,
            "version": VERSION,
            "sha": None,
            "docker_label": None,
        }
