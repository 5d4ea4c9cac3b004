"""The contract against answers that TGI gave in real runs: the same keys, types and nesting.

They were recorded through a client of TGI's own, which fills in null for what was not there.
"""

from __future__ import annotations

import json

import httpx2
import pytest

from contract import description

pytestmark = pytest.mark.contract

SAY = {"messages": [{"role": "user", "content": "Say OK!"}], "seed": 42}
TOKENS = {"details": True, "max_new_tokens": 10}
SAMPLED = {**TOKENS, "temperature": 0.5, "top_p": 0.9, "top_k": 10, "typical_p": 0.9, "seed": 0}
MANY = ["What is Deep Learning?", "Is water wet?", "What is the capital of France?", "def mai"]

# What was asked for, file by file: the parameters that change an answer's shape are those of
# TGI's integration tests.
REQUESTS: dict[str, tuple[str, dict[str, object]]] = {
    "test_flash_llama_simple": ("/generate", {"inputs": "Test request", "parameters": TOKENS}),
    "test_flash_llama_all_params": (
        "/generate",
        {
            "inputs": "Test request",
            "parameters": {
                **SAMPLED,
                "repetition_penalty": 1.2,
                "return_full_text": True,
                "stop": ["test"],
                "truncate": 5,
                "decoder_input_details": True,
            },
        },
    ),
    "test_flash_medusa_all_params": (
        "/generate",
        {"inputs": "What is Deep", "parameters": {**SAMPLED, "return_full_text": True}},
    ),
    "test_flash_starcoder_default_params": (
        "/generate",
        {"inputs": "def print_hello", "parameters": {**SAMPLED, "max_new_tokens": 60}},
    ),
    "test_flash_llama_completion_single_prompt": (
        "/v1/completions",
        {"prompt": "What is Deep Learning?", "max_tokens": 10},
    ),
    "test_flash_llama_completion_many_prompts": (
        "/v1/completions",
        {"prompt": MANY, "max_tokens": 10},
    ),
    "test_flash_llama_completion_many_prompts_stream": (
        "/v1/completions",
        {"prompt": MANY, "max_tokens": 10, "stream": True},
    ),
    "test_flash_llama_completion_stream_usage": (
        "/v1/chat/completions",
        {**SAY, "max_tokens": 10, "stream": True, "stream_options": {"include_usage": True}},
    ),
    "test_chat_hfhub_nousage": ("/v1/chat/completions", {**SAY, "stream": True}),
    "test_chat_hfhub_usage": (
        "/v1/chat/completions",
        {**SAY, "stream": True, "stream_options": {"include_usage": True}},
    ),
    "test_chat_llama-test_flash_llama_simple": ("/v1/chat/completions", {**SAY, "max_tokens": 40}),
    "test_llama_completion_single_prompt": ("/v1/chat/completions", {**SAY, "max_tokens": 30}),
    "test_llama_completion_single_prompt_continue": (
        "/v1/chat/completions",
        {
            "messages": [*SAY["messages"], {"role": "assistant", "content": "the royal mouse?"}],
            "max_tokens": 30,
        },
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_has_the_shape_of_the_recorded_one(url, name):
    route, body = REQUESTS[name]
    answer = httpx2.post(url + route, json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    recorded = json.loads((description.data() / "recorded" / f"{name}.json").read_text("utf-8"))
    check(_events(answer.text) if body.get("stream") else answer.json(), recorded, name)


def test_every_recorded_answer_is_compared():
    files = {path.stem for path in (description.data() / "recorded").iterdir()}
    assert files == set(REQUESTS)


def check(ours: object, recorded: object, place: str) -> None:
    """See that an answer has the recorded shape; what is null there may be absent here."""
    match ours, recorded:
        case dict(), dict():
            assert set(ours) <= set(recorded), f"{place} has {set(ours) - set(recorded)} too many"
            missing = {name for name in recorded if name not in ours}
            assert all(recorded[name] is None for name in missing), f"{place} lacks {missing}"
            for name, value in ours.items():
                check(value, recorded[name], f"{place}.{name}")
        case list(), list():
            assert ours or not recorded, f"{place} is empty"
            for number, item in enumerate(ours):
                _check_some(item, recorded, f"{place}[{number}]")
        case int() | float(), int() | float():
            assert isinstance(ours, bool) is isinstance(recorded, bool), place
        case _:
            assert type(ours) is type(recorded), f"{place} is {ours!r}, and was {recorded!r}"


def _check_some(item: object, recorded: list[object], place: str) -> None:
    """See that an item has the shape of one of the recorded ones."""
    failures = []
    for other in recorded:
        try:
            check(item, other, place)
        except AssertionError as failure:
            failures.append(failure)
        else:
            return
    raise failures[0] if failures else AssertionError(f"{place} is there, and was not")


def _events(text: str) -> list[object]:
    events = [event.removeprefix("data: ") for event in text.split("\n\n")]
    return [json.loads(event) for event in events if event not in ("", "[DONE]")]
