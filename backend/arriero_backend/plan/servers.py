"""The servers that the model can be served by, and how each is told what the plan says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from arriero_backend.plan.model import Model
from arriero_backend.plan.sizing import Option
from arriero_backend.plan.terms import DEFAULT

# What arriero leaves of the context for the answer where the server tells no limit of its own.
ANSWER = 512  # tokens


@dataclass(frozen=True, slots=True)
class Server:
    """A server's published image, and what has to be known to run it.

    `key` is the environment variable that it takes its API key from, `cache` where it keeps
    weights, `queue` the metric of how many requests wait.
    """

    name: str
    title: str
    image: str
    port: int
    cache: str
    key: str
    queue: str
    arguments: Callable[[Option, Model], tuple[str, ...]]
    environment: Callable[[Option], dict[str, str]]


def _tgi(option: Option, model: Model) -> tuple[str, ...]:
    return (
        f"--model-id={model.repository(option.quantisation.name)}",
        *option.quantisation.flags["tgi"],
        f"--num-shard={option.shards}",
        f"--max-input-tokens={option.context - min(ANSWER, option.context // 2)}",
        f"--max-total-tokens={option.context}",
        f"--max-concurrent-requests={option.terms.requests}",
        "--max-stop-sequences=4",
        "--usage-stats=off",
        "--cors-allow-origin=http://127.0.0.1",
    )


def _tgi_environment(option: Option) -> dict[str, str]:
    if option.terms.usable == DEFAULT.usable:
        return {}
    return {"TGI_WIGGLE_ROOM": f"{option.terms.usable:g}"}


def _vllm(option: Option, model: Model) -> tuple[str, ...]:
    across: tuple[str, ...] = ()
    if option.stages > 1:
        across = (
            f"--pipeline-parallel-size={option.stages}",
            "--distributed-executor-backend=ray",
        )
    # The image's entrypoint is `vllm serve`, which takes the model before everything else.
    return (
        model.repository(option.quantisation.name),
        f"--served-model-name={model.id}",
        *option.quantisation.flags["vllm"],
        f"--tensor-parallel-size={option.shards}",
        *across,
        f"--max-model-len={option.context}",
        *_told(model),
        f"--max-num-seqs={option.terms.requests}",
        f"--gpu-memory-utilization={option.terms.usable:g}",
    )


def _told(model: Model) -> tuple[str, ...]:
    if model.told is None:
        return ()
    said = json.dumps({"max_position_embeddings": model.told}, separators=(",", ":"))
    return (f"--hf-overrides={said}",)


SERVERS = (
    Server(
        name="tgi",
        title="Text Generation Inference",
        image="ghcr.io/huggingface/text-generation-inference:3.3.7",
        port=80,
        cache="/data",
        key="API_KEY",
        queue="tgi_queue_size",
        arguments=_tgi,
        environment=_tgi_environment,
    ),
    Server(
        name="vllm",
        title="vLLM",
        image="vllm/vllm-openai:v0.33.0",
        port=8000,
        cache="/root/.cache/huggingface/hub",  # as TGI lays it out, so that it finds those weights
        key="VLLM_API_KEY",
        queue="vllm:num_requests_waiting",
        arguments=_vllm,
        environment=lambda option: {"VLLM_NO_USAGE_STATS": "1"},
    ),
)
BY_NAME = {server.name: server for server in SERVERS}
