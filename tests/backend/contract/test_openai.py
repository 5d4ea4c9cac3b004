"""The OpenAI-style routes, with TGI's ways: their shapes, their ends, their refusals."""

from __future__ import annotations

import json

import pytest

from arriero_backend import contract
from arriero_backend.engine import EngineError
from engines import END, STEP, ScriptedEngine, in_memory

HI = {"messages": [{"role": "user", "content": "Hi"}]}


async def ask(route: str, body: object, engine: ScriptedEngine | None = None):
    """Post a body; return the response."""
    async with in_memory(contract.app(engine or ScriptedEngine())) as client:
        return await client.post(route, json=body)


async def chunks(route: str, body: dict[str, object], engine: ScriptedEngine | None = None):
    """Ask for a stream; return its JSON events, without the [DONE] that has to come last."""
    answer = await ask(route, body | {"stream": True}, engine)
    assert answer.headers["content-type"] == "text/event-stream"
    *events, done, rest = answer.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(event.removeprefix("data: ")) for event in events]


def without_time(answer: dict[str, object]) -> dict[str, object]:
    assert isinstance(answer.pop("created"), int)
    return answer


# /v1/completions --------------------------------------------------------------------------------


async def test_a_completion():
    answer = await ask("/v1/completions", {"prompt": "Hi"})
    assert without_time(answer.json()) == {
        "object": "text_completion",
        "id": "",
        "model": "the/model",
        "system_fingerprint": "3.3.7-native",
        "choices": [{"index": 0, "text": "Hello world", "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6},
    }
    assert answer.headers["x-prompt-tokens"] == "3"
    assert "x-compute-time" not in answer.headers


async def test_several_prompts_are_several_choices():
    answer = await ask("/v1/completions", {"prompt": ["Hi", "Hello"]})
    assert [choice["index"] for choice in answer.json()["choices"]] == [0, 1]
    assert answer.json()["usage"] == {
        "prompt_tokens": 3 + 6,
        "completion_tokens": 6,
        "total_tokens": 15,
    }
    assert answer.headers["x-compute-characters"] == "7"


async def test_a_completion_stream_shows_special_tokens_and_counts_at_its_end():
    first, step, last = await chunks(
        "/v1/completions", {"prompt": "Hi"}, ScriptedEngine(["a", STEP, END])
    )
    assert first["choices"][0] == {
        "index": 0,
        "text": "a",
        "logprobs": None,
        "finish_reason": "",
    }
    assert "usage" not in first
    assert step["choices"][0]["text"] == "<step>"
    assert last["choices"][0]["text"] == "</s>"
    assert last["choices"][0]["finish_reason"] == "eos_token"
    assert last["usage"] == {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}


async def test_streams_of_several_prompts_are_told_apart_by_their_index():
    events = await chunks("/v1/completions", {"prompt": ["a", "b"]})
    texts = {0: "", 1: ""}
    for event in events:
        texts[event["choices"][0]["index"]] += event["choices"][0]["text"]
    assert texts == {0: "Hello world</s>", 1: "Hello world</s>"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"prompt": "a", "suffix": "b"}, "suffix not supported"),
        ({"prompt": ["a"] * 5}, "batch size exceeded"),
        ({"prompt": ""}, "validation"),
        ({"prompt": "a", "max_tokens": 0}, "validation"),
        ({"prompt": "a", "top_p": 1.0}, "validation"),
    ],
    ids=str,
)
async def test_a_completion_that_cannot_be_is_refused(body, kind):
    answer = await ask("/v1/completions", body)
    assert (answer.status_code, answer.json()["error_type"]) == (422, kind)


@pytest.mark.parametrize("prompt", [[], [1], 1, None, {}], ids=str)
async def test_a_prompt_is_text(prompt):
    answer = await ask("/v1/completions", {"prompt": prompt})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/plain")


# /v1/chat/completions ---------------------------------------------------------------------------


async def test_a_chat():
    engine = ScriptedEngine()
    answer = await ask("/v1/chat/completions", HI, engine)
    assert without_time(answer.json()) == {
        "object": "chat.completion",
        "id": "",
        "model": "the/model",
        "system_fingerprint": "3.3.7-native",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello world"},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23},
    }
    # The template writes what begins the sequence, so nothing is added.
    prompt, ids, *_ = engine.asked[0]
    assert prompt == "<user>Hi\n<assistant>"
    assert len(ids) == len(prompt)


async def test_a_chat_stream_hides_special_tokens():
    engine = ScriptedEngine(["a", STEP, END])
    first, step, last = await chunks("/v1/chat/completions", HI, engine)
    assert without_time(first) == {
        "object": "chat.completion.chunk",
        "id": "",
        "model": "the/model",
        "system_fingerprint": "3.3.7-native",
        "choices": [
            {
                "index": 0,
                "delta": {"role": "assistant", "content": "a"},
                "logprobs": None,
                "finish_reason": None,
            }
        ],
        "usage": None,
    }
    assert step["choices"][0]["delta"]["content"] == ""
    assert last["choices"][0]["finish_reason"] == "stop"


async def test_usage_comes_in_a_chunk_of_its_own_when_asked_for():
    *_, usage = await chunks(
        "/v1/chat/completions", HI | {"stream_options": {"include_usage": True}}
    )
    assert usage["choices"] == []
    assert usage["usage"] == {"prompt_tokens": 20, "completion_tokens": 3, "total_tokens": 23}


async def test_logprobs_are_told_when_asked_for():
    answer = await ask("/v1/chat/completions", HI | {"logprobs": True})
    told = answer.json()["choices"][0]["logprobs"]["content"]
    assert told[0] == {"token": "Hello", "logprob": -0.25, "top_logprobs": []}


async def test_a_last_message_of_the_assistants_is_continued():
    engine = ScriptedEngine()
    messages = [*HI["messages"], {"role": "assistant", "content": "Once upon  "}]
    await ask("/v1/chat/completions", {"messages": messages}, engine)
    assert engine.asked[0][0] == "<user>Hi\n<assistant>Once upon"


async def test_content_may_come_in_chunks_of_text():
    engine = ScriptedEngine()
    content = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    await ask("/v1/chat/completions", {"messages": [{"role": "user", "content": content}]}, engine)
    assert engine.asked[0][0] == "<user>ab\n<assistant>"


@pytest.mark.parametrize(
    ("more", "sampling"),
    [
        ({"temperature": 0}, {"do_sample": False, "temperature": 1.0}),
        ({}, {"do_sample": True, "temperature": 1.0}),
        ({"temperature": 0.3}, {"do_sample": True}),
        ({"presence_penalty": 0}, {"repetition_penalty": 2.0}),
        ({"frequency_penalty": 1}, {"frequency_penalty": 1.0}),
    ],
    ids=str,
)
async def test_a_chat_samples_as_tgi_does(more, sampling):
    engine = ScriptedEngine()
    await ask("/v1/chat/completions", HI | more, engine)
    given = engine.asked[0][2]
    assert {name: getattr(given, name) for name in sampling} == sampling


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_both_names_of_the_limit_work(name):
    answer = await ask("/v1/chat/completions", HI | {name: 1})
    assert answer.json()["choices"][0]["message"]["content"] == "Hello"
    assert answer.json()["choices"][0]["finish_reason"] == "length"


IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"messages": [{"role": "tool", "content": "a"}]}, "template_error"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "validation"),
        ({"messages": [{"role": "assistant", "tool_calls": [TOOL]}]}, "tool_error"),
        (HI | {"tools": [TOOL]}, "tool_error"),
    ],
    ids=str,
)
async def test_a_chat_that_cannot_be_is_a_422_streamed_or_not(body, kind, stream):
    answer = await ask("/v1/chat/completions", body | {"stream": stream})
    assert (answer.status_code, answer.json()["error_type"]) == (422, kind)


async def test_tools_that_may_not_be_used_do_no_harm():
    answer = await ask("/v1/chat/completions", HI | {"tools": [TOOL], "tool_choice": "none"})
    assert answer.status_code == 200


async def test_a_grammar_is_refused_and_in_a_stream_as_an_event():
    body = HI | {"response_format": {"type": "json_object", "value": {}}}
    assert (await ask("/v1/chat/completions", body)).json()["error_type"] == "validation"
    message = "Input validation error: grammar is not supported"
    assert await chunks("/v1/chat/completions", body) == [
        {"error": {"message": message, "http_status_code": 422}}
    ]


@pytest.mark.parametrize(
    ("route", "body"), [("/v1/chat/completions", HI), ("/v1/completions", {"prompt": "a"})]
)
async def test_a_failure_inside_a_stream_is_called_422_whatever_it_is(route, body):
    engine = ScriptedEngine(["a", EngineError("CUDA")])
    *_, last = await chunks(route, body, engine)
    message = "Request failed during generation: CUDA"
    assert last == {"error": {"message": message, "http_status_code": 422}}


# /chat_tokenize ---------------------------------------------------------------------------------


async def test_a_chat_is_shown_as_its_prompt_and_tokens():
    answer = (await ask("/chat_tokenize", HI)).json()
    assert answer["templated_text"] == "<user>Hi\n<assistant>"
    assert answer["tokenize_response"][0] == {"id": 60, "text": "<", "start": 0, "stop": 1}
    assert len(answer["tokenize_response"]) == 20
