"""What GET /metrics shows: TGI's names, in Prometheus' text format.

Names and buckets: TGI's docs/source/reference/metrics.md and router/src/server.rs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from arriero_backend.contract.generation import Generation

DURATION_BUCKETS = tuple(0.0001 * 1.5**power for power in range(1, 36))  # seconds
DURATIONS = (
    "tgi_request_duration",
    "tgi_request_validation_duration",
    "tgi_request_queue_duration",
    "tgi_request_inference_duration",
    "tgi_request_mean_time_per_token_duration",
)
TOKENS = (
    "tgi_request_input_length",
    "tgi_request_max_new_tokens",
    "tgi_request_generated_tokens",
)


@dataclass(slots=True)
class Histogram:
    """How often a value was seen up to each bound; the last count is for what is above all."""

    bounds: Sequence[float]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def record(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def lines(self, name: str) -> Iterator[str]:
        seen = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            seen += count
            yield f'{name}_bucket{{le="{bound}"}} {seen}'
        yield f"{name}_sum {self.total}"
        yield f"{name}_count {seen}"


class Metrics:
    """The counts of one application."""

    def __init__(self, max_total_tokens: int) -> None:
        token_bounds = [max_total_tokens / 100 * step for step in range(1, 101)]
        self.requests = 0
        self.successes = 0
        self.failures: Counter[str] = Counter()
        self.histograms = {
            **{name: Histogram(DURATION_BUCKETS) for name in DURATIONS},
            **{name: Histogram(token_bounds) for name in TOKENS},
        }

    def record(self, generation: Generation) -> None:
        """Count an answer that came to its end."""
        took = generation.timings()
        values = (took.total, took.validation, took.queue, took.inference, took.per_token)
        order = generation.order
        tokens = (len(order.ids), order.max_new_tokens, len(generation.tokens))
        for name, value in zip((*DURATIONS, *TOKENS), (*values, *tokens), strict=True):
            self.histograms[name].record(value)
        self.successes += 1

    def render(self, gauges: Mapping[str, float], more: Mapping[str, float]) -> str:
        """Write everything down, with gauges of the moment and `more` counters."""
        counters = {
            "tgi_request_count": self.requests,
            "tgi_request_success": self.successes,
            **more,
        }
        lines: list[str] = []
        for kind, values in (("gauge", gauges), ("counter", counters)):
            for name, value in values.items():
                lines += (f"# TYPE {name} {kind}", f"{name} {value}")
        lines.append("# TYPE tgi_request_failure counter")
        lines += (f'tgi_request_failure{{err="{err}"}} {n}' for err, n in self.failures.items())
        for name, histogram in self.histograms.items():
            lines += (f"# TYPE {name} histogram", *histogram.lines(name))
        return "\n".join(lines) + "\n"
