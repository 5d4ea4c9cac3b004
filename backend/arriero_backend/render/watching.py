"""What is looked at while a server runs: the rows of Grafana's boards, and when to call somebody.

TGI's names: its docs/source/reference/metrics.md and router/src (db931fc). vLLM's: its
docs/usage/metrics (0.32).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A copy is worth adding when so many requests wait in each of those that there are. A guess: at one
# for every sixteen that run, whoever asks waits for a good part of another one's answer.
QUEUE = 8


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: its title, Grafana's name of the unit, and the lines' expressions by their names."""

    title: str
    unit: str
    lines: dict[str, str]


@dataclass(frozen=True, slots=True)
class Alert:
    """When to call somebody: `lasting` is in Prometheus' own words."""

    name: str
    expression: str
    lasting: str
    severity: str
    summary: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a server calls things: gauges and counters by name, histograms without `_bucket`."""

    running: str
    queued: str
    asked: str  # expression of a counter's rate
    failed: dict[str, str]
    first_token: dict[str, str]  # histograms of what passes before the first token
    per_token: str
    whole: str
    prompt_tokens: str
    new_tokens: str
    filled: dict[str, str]


def _rate(counter: str) -> str:
    return f"sum(rate({counter}[5m]))"


def _quantile(share: float, histogram: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({histogram}_bucket[5m])))"


def _mean(histogram: str) -> str:
    return f"{_rate(histogram + '_sum')} / {_rate(histogram + '_count')}"


_METRICS = {
    "tgi": Metrics(
        running="tgi_batch_current_size",
        queued="tgi_queue_size",
        asked=_rate("tgi_request_count"),
        failed={"{{err}}": "sum by (err) (rate(tgi_request_failure[5m]))"},
        first_token={"in the queue": "tgi_request_queue_duration"},
        per_token="tgi_request_mean_time_per_token_duration",
        whole="tgi_request_duration",
        prompt_tokens="tgi_request_input_length",
        new_tokens="tgi_request_generated_tokens",
        filled={
            "of the batch's tokens": "tgi_batch_current_max_tokens / tgi_batch_max_total_tokens"
        },
    ),
    "vllm": Metrics(
        running="vllm:num_requests_running",
        queued="vllm:num_requests_waiting",
        asked="sum(rate(vllm:e2e_request_latency_seconds_count[5m]))",
        failed={"preempted": _rate("vllm:num_preemptions_total")},
        first_token={
            "in the queue": "vllm:request_queue_time_seconds",
            "to the first token": "vllm:time_to_first_token_seconds",
        },
        per_token="vllm:inter_token_latency_seconds",
        whole="vllm:e2e_request_latency_seconds",
        prompt_tokens="vllm:request_prompt_tokens",
        new_tokens="vllm:request_generation_tokens",
        filled={
            "of the cache": "vllm:kv_cache_usage_perc",
            "of prompts found in it": f"{_rate('vllm:prefix_cache_hits_total')} / "
            f"{_rate('vllm:prefix_cache_queries_total')}",
        },
    ),
}


def panels(server: str) -> tuple[Panel, ...]:
    """Return the graphs of a server's board, the most telling first."""
    names = _METRICS[server]
    waits = {
        f"{what}, {share:.0%}": _quantile(share, histogram)
        for what, histogram in names.first_token.items()
        for share in (0.5, 0.95)
    }
    return (
        Panel("Requests", "short", {"running": names.running, "waiting": names.queued}),
        Panel("Waiting", "s", waits),
        Panel("Time per token", "s", _quantiles(names.per_token)),
        Panel("Time of a request", "s", _quantiles(names.whole)),
        Panel("Requests a second", "reqps", {"asked": names.asked}),
        Panel("Failures a second", "reqps", names.failed),
        Panel(
            "Tokens a second",
            "short",
            {
                "of prompts": _rate(f"{names.prompt_tokens}_sum"),
                "new": _rate(f"{names.new_tokens}_sum"),
            },
        ),
        Panel(
            "Tokens of a request",
            "short",
            {"prompt": _mean(names.prompt_tokens), "answer": _mean(names.new_tokens)},
        ),
        Panel("Filled", "percentunit", names.filled),
    )


def _quantiles(histogram: str) -> dict[str, str]:
    return {f"{share:.0%}": _quantile(share, histogram) for share in (0.5, 0.95)}


def alerts(server: str) -> tuple[Alert, ...]:
    """Return when somebody has to look at a server."""
    names = _METRICS[server]
    return (
        Alert(
            "ModelGone",
            'up{job="arriero"} == 0',
            "5m",
            "critical",
            "{{ $labels.instance }} does not answer. While it starts, that is as it should be.",
        ),
        Alert(
            "ModelBusy",
            f"avg_over_time({names.queued}[5m]) > {QUEUE}",
            "10m",
            "warning",
            "Requests wait on {{ $labels.instance }}: suggestions come late. Add a copy.",
        ),
        Alert(
            "ModelSlow",
            f"{_quantile(0.95, names.per_token)} > 0.15",
            "15m",
            "warning",
            "A token takes more than 150 ms: more people than the GPUs can serve, or a sick GPU.",
        ),
    )


def board(server: str, title: str) -> dict[str, Any]:
    """Return Grafana's own description of a board, two graphs to a row."""
    return {
        "uid": f"arriero-{server}",
        "title": f"arriero: {title}",
        "tags": ["arriero"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": [_graph(number, panel) for number, panel in enumerate(panels(server))],
    }


def _graph(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": number % 2 * 12, "y": number // 2 * 8, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + line),
                "datasource": source,
                "expr": each,
                "legendFormat": name,
            }
            for line, (name, each) in enumerate(panel.lines.items())
        ],
    }
