"""What /info says of the model, read for TGI 1 to 3 and for the project's own backends."""

from __future__ import annotations

from collections.abc import Mapping

from arriero.core.models import (
    ASSUMED_STOP_SEQUENCES,
    ASSUMED_TOTAL_TOKENS,
    ModelInfo,
)

# The name in /info's `router` tells the project's own backends from a real TGI.
BACKENDS: Mapping[object, str] = {"arriero-local": "local", "arriero-simulated": "simulated"}

# What is kept for the answer where the server tells no input limit.
ASSUMED_ANSWER_TOKENS = 512


def read(answer: object, url: str) -> ModelInfo | None:
    """Return what an answer of /info says; None when it is none. Missing limits are assumed.

    `max_input_tokens` was `max_input_length` before TGI 3.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("model_id"), str):
        return None
    total = _limit(answer.get("max_total_tokens")) or ASSUMED_TOTAL_TOKENS
    told = _limit(answer.get("max_input_tokens")) or _limit(answer.get("max_input_length"))
    return ModelInfo(
        id=answer["model_id"],
        backend=BACKENDS.get(answer.get("router"), "tgi"),
        url=url,
        max_input_tokens=told or max(1, total - ASSUMED_ANSWER_TOKENS),
        max_total_tokens=total,
        max_stop_sequences=_limit(answer.get("max_stop_sequences")) or ASSUMED_STOP_SEQUENCES,
        version=str(answer.get("version", "")),
    )


def _limit(value: object) -> int | None:
    return value if isinstance(value, int) else None
