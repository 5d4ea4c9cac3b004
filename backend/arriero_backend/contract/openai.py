"""What the OpenAI-style routes share: how a request samples, what every answer says."""

from __future__ import annotations

from collections.abc import Sequence
from time import time

from arriero_backend.contract import answers
from arriero_backend.contract.fields import Fields, f32
from arriero_backend.contract.generation import Generation
from arriero_backend.contract.refusals import Refusal
from arriero_backend.contract.service import VERSION

DONE = "[DONE]"


def sampled(fields: Fields) -> tuple[bool, float | None]:
    """Read the temperature, as `do_sample` and `temperature`: 0 is greedy, nothing samples at 1."""
    temperature = fields.optional("temperature", f32)
    return (False, None) if temperature == 0 else (True, temperature)


def envelope(kind: str, model: str, choices: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return what is around the choices of every answer and chunk."""
    return {
        "object": kind,
        "id": "",
        "created": int(time()),
        "model": model,
        "system_fingerprint": f"{VERSION}-native",
        "choices": list(choices),
    }


def usage(generations: Sequence[Generation]) -> dict[str, int]:
    """Count the tokens of an answer."""
    prompt = sum(len(generation.order.ids) for generation in generations)
    completion = sum(len(generation.tokens) for generation in generations)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def finish(generation: Generation) -> str | None:
    """Name why an answer ended; None while it goes on. TGI says "stop" for the end token only."""
    return "stop" if generation.finish == "eos_token" else generation.finish


def event(refusal: Refusal) -> str:
    """Write an error inside a stream: 422, whatever the cause (infer/mod.rs)."""
    return answers.compact({"error": {"message": str(refusal), "http_status_code": 422}})
