"""The one door to huggingface_hub: its types for what TGI is sent and what it answers.

Import this module late, off the event loop: it takes some 50 ms that no server start should wait
for. The hub's library reports its use to a public host unless it is told not to before the first
import, and transformers, on top of it, that it found no PyTorch, which tokenizers do without. So
every module here that needs one of them comes through here first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TRANSFORMERS_NO_ADVISORY_WARNINGS"] = "1"

# Only now: it reads the environment once.
from huggingface_hub import TextGenerationInputGenerateParameters

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Sampling
from arriero.model.kinds import Said


def request(prompt: Prompt, max_stop_sequences: int) -> dict[str, Any]:
    """Return the body for /generate_stream, with details, without the prompt repeated.

    Greedy unless the prompt says how to sample.
    """
    stop = prompt.stop[:max_stop_sequences]
    return {
        "inputs": prompt.text,
        "parameters": _parameters(stop, prompt.max_new_tokens, prompt.sampling),
    }


@lru_cache(maxsize=32)  # to make the hub's type takes longer than to write the whole request
def _parameters(
    stop: tuple[str, ...], max_new_tokens: int, sampling: Sampling | None
) -> Mapping[str, Any]:
    """Return the parameters of a request.

    Whatever is unset is left out. TGI refuses null for some fields, and reads any temperature,
    top_p or top_k as a wish to sample even where do_sample is false; `truncate` would cut the
    prompt's head off.
    """
    parameters = TextGenerationInputGenerateParameters(
        details=True,
        do_sample=sampling is not None,
        max_new_tokens=max_new_tokens,
        return_full_text=False,
        seed=sampling.seed if sampling else None,
        stop=list(stop),
        temperature=sampling.temperature if sampling else None,
        top_p=sampling.top_p if sampling else None,
    )
    return {name: value for name, value in parameters.items() if value is not None}


def read(event: Mapping[str, Any]) -> Said | None:
    """Read one event of a stream; None when it is none of TGI's.

    Plainly, as it comes with every token: the hub's TextGenerationStreamOutput, to which a test
    holds this, takes a hundred times as long, and accepts anything.
    """
    token, details = event.get("token"), event.get("details")
    if not (isinstance(token, Mapping) and isinstance(token.get("text"), str)):
        return None
    special, logprob = bool(token.get("special")), token.get("logprob")
    piece = Piece(token["text"], token.get("id"), special, logprob)
    if not isinstance(details, Mapping):
        return Said(piece)
    reason: Any = details.get("finish_reason")
    return Said(piece, End(reason, details.get("generated_tokens")))
