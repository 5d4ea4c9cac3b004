"""What Prometheus and Grafana are told: metrics that there are, and boards that can be read."""

import json
import re

import pytest

from arriero_backend.contract import app
from arriero_backend.render.watching import alerts, board, panels
from backend.render.cases import render
from engines import ScriptedEngine, in_memory

SERVERS = ("tgi", "vllm")
NAME = re.compile(r"(?<![\w:])(?:tgi_|vllm:)\w+")

# Gauges of TGI's that only a GPU's scheduler has: backends/v3/src/backend.rs and lib.rs (db931fc).
OF_A_SCHEDULER = {"tgi_batch_current_max_tokens", "tgi_batch_max_total_tokens"}
# docs/usage/metrics of vLLM 0.32; counters get `_total` from the Prometheus client.
VLLM = {
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:prefix_cache_queries_total",
    "vllm:prefix_cache_hits_total",
    "vllm:num_preemptions_total",
    *(
        f"vllm:{histogram}_{part}"
        for histogram in (
            "time_to_first_token_seconds",
            "inter_token_latency_seconds",
            "e2e_request_latency_seconds",
            "request_queue_time_seconds",
            "request_prompt_tokens",
            "request_generation_tokens",
        )
        for part in ("bucket", "sum", "count")
    ),
}


def expressions(server):
    yield from (expression for panel in panels(server) for expression in panel.lines.values())
    yield from (alert.expression for alert in alerts(server))


async def test_tgis_names_are_those_that_it_exports():
    async with in_memory(app(ScriptedEngine())) as client:
        await client.post("/generate", json={"inputs": "x", "parameters": {}})
        exported = set(NAME.findall((await client.get("/metrics")).text))
    named = {name for expression in expressions("tgi") for name in NAME.findall(expression)}
    assert named
    assert named <= exported | OF_A_SCHEDULER


def test_vllms_names_are_those_of_its_documentation():
    named = {name for expression in expressions("vllm") for name in NAME.findall(expression)}
    assert named
    assert named <= VLLM


@pytest.mark.parametrize("server", SERVERS)
def test_graphs_of_a_board_do_not_overlap(server):
    places = [panel["gridPos"] for panel in board(server, "")["panels"]]
    cells = [
        (place["x"] + across, place["y"] + down)
        for place in places
        for across in range(place["w"])
        for down in range(place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("server", SERVERS)
def test_a_board_reads_from_the_source_that_is_set_up(server, tmp_path):
    render("4x80", tmp_path)
    shown = json.loads((tmp_path / f"monitoring/{server}/board.json").read_text("utf-8"))
    source = (tmp_path / "monitoring/source.yaml").read_text("utf-8")
    for panel in shown["panels"]:
        for target in panel["targets"]:
            assert f"uid: {target['datasource']['uid']}\n" in source
            assert len({each["refId"] for each in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("server", SERVERS)
def test_every_copy_is_asked(server, tmp_path):
    render("2-of-4x80", tmp_path)
    asked = (tmp_path / f"monitoring/{server}/prometheus.yaml").read_text("utf-8")
    proxied = (tmp_path / f"proxy/{server}.Caddyfile").read_text("utf-8")
    port = {"tgi": 80, "vllm": 8000}[server]
    for copy in (1, 2):
        assert f"'{server}-{copy}:{port}'" in asked
        assert f" {server}-{copy}:{port}" in proxied
