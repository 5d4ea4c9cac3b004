"""TGI's own answers: what a generation looks like as JSON, in events and in headers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from starlette.responses import JSONResponse, Response

from arriero_backend.contract.generation import Generation
from arriero_backend.contract.parameters import Parameters
from arriero_backend.engine import Token

COMPUTE_TYPE = "cpu"  # TGI's default is "gpu+optimized"


def compact(value: object) -> str:
    """Write JSON as serde_json does: without blanks, in plain UTF-8."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def token(token: Token) -> dict[str, object]:
    """Show one generated token."""
    return {
        "id": token.id,
        "text": token.text,
        # JSON has no infinity; serde_json writes null for it.
        "logprob": token.logprob if math.isfinite(token.logprob) else None,
        "special": token.special,
    }


def whole(generation: Generation, given: Parameters, inputs: str) -> dict[str, object]:
    """Show a finished generation (GenerateResponse)."""
    answer: dict[str, object] = {"generated_text": _text(generation, given, inputs)}
    if given.details or given.decoder_input_details:
        answer["details"] = {
            "finish_reason": generation.finish,
            "generated_tokens": len(generation.tokens),
            "seed": generation.order.sampling.seed,
            # Filled by TGI only where it was started with --enable-prefill-logprobs.
            "prefill": [],
            "tokens": [token(each) for each in generation.tokens],
        }
    return answer


def piece(
    generation: Generation, latest: Token, given: Parameters, inputs: str
) -> dict[str, object]:
    """Show the token that just came (StreamResponse); the last one tells the whole text."""
    ended = generation.finish is not None
    details = {
        "finish_reason": generation.finish,
        "generated_tokens": len(generation.tokens),
        "seed": generation.order.sampling.seed,
        "input_length": len(generation.order.ids),
    }
    return {
        "index": len(generation.tokens),
        "token": token(latest),
        "generated_text": _text(generation, given, inputs) if ended else None,
        "details": details if ended and given.details else None,
    }


def json_response(content: object, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(compact(content), headers=headers, media_type=JSONResponse.media_type)


def stream_headers(characters: int) -> dict[str, str]:
    """Return the headers that are known before the first token."""
    return {
        "x-compute-type": COMPUTE_TYPE,
        "x-compute-characters": str(characters),
        "x-accel-buffering": "no",
    }


def headers(generation: Generation, characters: int) -> dict[str, str]:
    """Return TGI's headers on a finished generation: times in ms, x-compute-time in seconds."""
    took = generation.timings()
    return {
        "x-compute-type": COMPUTE_TYPE,
        "x-compute-time": str(took.total),
        "x-compute-characters": str(characters),
        "x-total-time": _ms(took.total),
        "x-validation-time": _ms(took.validation),
        "x-queue-time": _ms(took.queue),
        "x-inference-time": _ms(took.inference),
        "x-time-per-token": _ms(took.per_token),
        "x-prompt-tokens": str(len(generation.order.ids)),
        "x-generated-tokens": str(len(generation.tokens)),
    }


def summed_headers(generations: Sequence[Generation], prompts: Sequence[str]) -> dict[str, str]:
    """Return the headers on several generations: the sums of theirs, without x-compute-time."""
    each = [headers(generation, len(p)) for generation, p in zip(generations, prompts, strict=True)]
    names = [name for name in each[0] if name not in ("x-compute-type", "x-compute-time")]
    sums = {name: str(sum(int(one[name]) for one in each)) for name in names}
    return {"x-compute-type": COMPUTE_TYPE, **sums}


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))


def _text(generation: Generation, given: Parameters, inputs: str) -> str:
    return inputs + generation.text if given.return_full_text else generation.text
