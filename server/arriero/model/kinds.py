"""The servers that speak OpenAI's protocol: how they differ, and what goes over the wire.

    /v1/models -> recognised, a row of KINDS         Prompt -> request         event -> Said

Sources: vLLM 002032ee, entrypoints/openai/completion/protocol.py; SGLang 004c82e0,
srt/entrypoints/openai/protocol.py, and for /tokenize 0351c1fa, serving_tokenize.py beside it;
llama.cpp 00dc8057, tools/server/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import ASSUMED_STOP_SEQUENCES


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server. `owner` is what its /v1/models names as `owned_by`.

    `rich`: it takes the fields that vLLM and SGLang added to the protocol. `tokenized` is the
    field of its /tokenize for the text; "" where it has none.
    """

    name: str
    owner: str = ""
    rich: bool = False
    tokenized: str = ""


ANY = Kind("openai")
KINDS = (
    Kind("vllm", "vllm", rich=True, tokenized="prompt"),
    Kind("sglang", "sglang", rich=True, tokenized="prompt"),
    Kind("llama.cpp", "llamacpp", tokenized="content"),
    ANY,
)
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Served:
    """What /v1/models says of one model. `context` is in tokens; None where it is not told."""

    id: str
    kind: Kind
    context: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What one event of a stream says; nothing, where it has only usage.

    `failed`: the server gave the answer up, as SGLang's abort tells.
    """

    piece: Piece | None = None
    end: End | None = None
    failed: bool = False


# Reads one event of a stream; None when it is none of the protocol's.
Read = Callable[[Mapping[str, Any]], Said | None]


def served(answer: object, wanted: str) -> Served | None:
    """Return the model with the name that is wanted, else the first; None if none is listed."""
    listed = answer.get("data") if isinstance(answer, dict) else None
    models = [each for each in listed if _named(each)] if isinstance(listed, list) else []
    if not models:
        return None
    model = next((each for each in models if each["id"] == wanted), models[0])
    kind = next((kind for kind in KINDS if kind.owner == model.get("owned_by")), ANY)
    return Served(model["id"], kind, limit(model.get("max_model_len")))


def limit(value: object) -> int | None:
    """Return a limit in tokens, or None for what is none."""
    return value if isinstance(value, int) and value > 1 else None


def request(prompt: Prompt, model: str, kind: Kind) -> tuple[str, dict[str, Any]]:
    """Return route and body: greedy unless the prompt says how to sample.

    Every field whose default differs between servers is sent. vLLM and SGLang hide special tokens
    before they look for stop strings, so the sign that ends a turn works by its id only; they
    answer without it.
    """
    body: dict[str, Any] = {
        "model": model,
        "stream": True,
        "max_tokens": prompt.max_new_tokens,
        "temperature": prompt.sampling.temperature if prompt.sampling else 0,
        "stop": list(prompt.stop[:ASSUMED_STOP_SEQUENCES]),
    }
    if prompt.sampling:
        body["top_p"] = prompt.sampling.top_p
        if prompt.sampling.seed is not None:
            body["seed"] = prompt.sampling.seed
    if kind.rich:
        body["stop_token_ids"] = sorted(prompt.end_ids)
        body["stream_options"] = {"include_usage": True}
    if not prompt.turns:
        return "/v1/completions", body | {"prompt": prompt.text}
    body["messages"] = [{"role": turn.role, "content": turn.content} for turn in prompt.turns]
    if kind.rich and prompt.turns[-1].role == "assistant":
        # llama.cpp goes on with a last turn of the assistant unasked.
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return "/v1/chat/completions", body


def read(event: Mapping[str, Any]) -> Said | None:
    """Read one event of a stream; None when it is none of this protocol's."""
    choices = event.get("choices")
    if not isinstance(choices, list):
        return None
    if not choices:
        return Said()  # it has the usage
    choice = choices[0]
    if not isinstance(choice, dict):
        return None
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
    if not isinstance(text, str | None):
        return None
    return _said(choice, Piece(text) if text else None)


def _said(choice: Mapping[str, Any], piece: Piece | None) -> Said:
    finish = choice.get("finish_reason")
    if not finish:  # TGI writes "" where others write null
        return Said(piece)
    if finish == "length":
        return Said(piece, End("length"))
    stopped = choice.get("stop_reason", choice.get("matched_stop"))  # vLLM's name, and SGLang's
    end = End("stop_sequence" if isinstance(stopped, str) else "eos_token")
    return Said(piece, end, failed=finish in ("abort", "error"))


def tokens_told(events: list[dict[str, Any]]) -> int | None:
    """Return the generated tokens that the usage among the last events tells."""
    for event in events:
        usage = event.get("usage")
        if isinstance(usage, dict):
            told = usage.get("completion_tokens")
            return told if isinstance(told, int) else None
    return None


def _named(model: object) -> bool:
    return isinstance(model, dict) and isinstance(model.get("id"), str)
