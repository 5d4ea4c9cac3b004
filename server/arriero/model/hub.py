"""The one door to huggingface_hub: its types for what TGI is sent and what it answers.

Import this module late, off the event loop: it takes some 50 ms that no server start should wait
for. The hub's library reports its use to a public host unless it is told not to before the first
import, and transformers, on top of it, that it found no PyTorch, which tokenizers do without. So
every module here that needs one of them comes through here first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TRANSFORMERS_NO_ADVISORY_WARNINGS"] = "1"

from huggingface_hub import (  # only now: it reads the environment once
    TextGenerationInput,
    TextGenerationInputGenerateParameters,
    TextGenerationStreamOutput,
)

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.model.kinds import Said


def request(prompt: Prompt, max_stop_sequences: int) -> dict[str, Any]:
    """Return the body for /generate_stream, with details, without the prompt repeated.

    Greedy unless the prompt says how to sample.

    Whatever is unset is left out. TGI refuses null for some fields, and reads any temperature,
    top_p or top_k as a wish to sample even where do_sample is false; `truncate` would cut the
    prompt's head off.
    """
    sampling = prompt.sampling
    parameters = TextGenerationInputGenerateParameters(
        details=True,
        do_sample=sampling is not None,
        max_new_tokens=prompt.max_new_tokens,
        return_full_text=False,
        seed=sampling.seed if sampling else None,
        stop=list(prompt.stop[:max_stop_sequences]),
        temperature=sampling.temperature if sampling else None,
        top_p=sampling.top_p if sampling else None,
    )
    body = TextGenerationInput(inputs=prompt.text, parameters=parameters)
    return _without_none(body)


def read(event: Mapping[str, Any]) -> Said | None:
    """Read one event of a stream; None when it is none of TGI's.

    The hub's reader accepts anything and fills what is missing with None, so that is looked at.
    """
    output = TextGenerationStreamOutput.parse_obj_as_instance(dict(event))
    token, details = output.token, output.details
    if not (isinstance(token, Mapping) and isinstance(token.get("text"), str)):
        return None
    piece = Piece(token.text, token.id, bool(token.special), token.logprob)
    return Said(piece, End(details.finish_reason, details.generated_tokens) if details else None)


def _without_none(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_none(inner) if isinstance(inner, Mapping) else inner
        for name, inner in value.items()
        if inner is not None
    }
