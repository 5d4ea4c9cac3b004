"""TGI's own routes: what an answer looks like, to the letter."""

from __future__ import annotations

import json

import pytest

from arriero_backend import contract
from arriero_backend.engine import EngineError, Facts, Token
from engines import END, ScriptedEngine, in_memory


def events(text: str) -> list[dict[str, object]]:
    """Read a stream whose every event is JSON."""
    return [json.loads(event.removeprefix("data: ")) for event in text.split("\n\n") if event]


async def ask(route: str, parameters: object = None, engine: ScriptedEngine | None = None, **more):
    """Post inputs with these parameters to a route; return the response."""
    body = {"inputs": "Hi", **({} if parameters is None else {"parameters": parameters}), **more}
    async with in_memory(contract.app(engine or ScriptedEngine())) as client:
        return await client.post(route, json=body)


# Whole answers ----------------------------------------------------------------------------------


async def test_an_answer_is_its_text():
    assert (await ask("/generate")).json() == {"generated_text": "Hello world"}


async def test_details_are_told_when_asked_for():
    answer = await ask("/generate", {"details": True})
    assert answer.json()["details"] == {
        "finish_reason": "eos_token",
        "generated_tokens": 3,
        "seed": None,
        "prefill": [],
        "tokens": [
            {"id": 7, "text": "Hello", "logprob": -0.25, "special": False},
            {"id": 7, "text": " world", "logprob": -0.25, "special": False},
            {"id": 2, "text": "</s>", "logprob": -0.5, "special": True},
        ],
    }


async def test_input_details_bring_the_details_too():
    assert "details" in (await ask("/generate", {"decoder_input_details": True})).json()


async def test_the_seed_of_a_sampled_answer_is_told():
    given = await ask("/generate", {"details": True, "do_sample": True, "seed": 2**63})
    assert given.json()["details"]["seed"] == 2**63
    drawn = await ask("/generate", {"details": True, "do_sample": True})
    assert 0 <= drawn.json()["details"]["seed"] < 2**64


async def test_the_prompt_comes_along_when_asked_for():
    answer = await ask("/generate", {"return_full_text": True})
    assert answer.json() == {"generated_text": "HiHello world"}


async def test_a_logprob_that_json_cannot_say_is_null():
    endless = ScriptedEngine([Token(2, "", float("-inf"))])
    answer = await ask("/generate", {"details": True}, endless)
    assert answer.json()["details"]["tokens"][0]["logprob"] is None


async def test_headers_count_and_time():
    headers = (await ask("/generate")).headers
    assert headers["x-prompt-tokens"] == "3"
    assert headers["x-generated-tokens"] == "3"
    assert headers["x-compute-characters"] == "2"
    for name in ("total", "validation", "queue", "inference"):
        assert headers[f"x-{name}-time"].isdigit()
    assert headers["x-time-per-token"].isdigit()
    assert float(headers["x-compute-time"]) >= 0


# The root route ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pipeline", "parameters", "text"),
    [
        ("text-generation", None, "HiHello world"),
        (None, {}, "HiHello world"),
        ("text-generation", {"return_full_text": False}, "Hello world"),
        ("text2text-generation", {}, "Hello world"),
    ],
)
async def test_the_root_answers_with_a_list_of_one_and_the_full_text(pipeline, parameters, text):
    facts = Facts("m", 100, 128, 8, "scripted", None, pipeline)
    answer = await ask("/", parameters, ScriptedEngine(facts=facts))
    assert answer.json() == [{"generated_text": text}]


async def test_the_root_streams_when_asked_to():
    answer = await ask("/", stream=True)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [event["generated_text"] for event in events(answer.text)] == [
        None,
        None,
        "HiHello world",
    ]


# Streams ----------------------------------------------------------------------------------------


async def test_a_stream_is_one_event_for_each_token():
    answer = await ask("/generate_stream", {"details": True})
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.text.startswith(
        'data: {"index":1,"token":{"id":7,"text":"Hello","logprob":-0.25,"special":false},'
        '"generated_text":null,"details":null}\n\n'
    )
    *_, last = events(answer.text)
    assert last == {
        "index": 3,
        "token": {"id": 2, "text": "</s>", "logprob": -0.5, "special": True},
        "generated_text": "Hello world",
        "details": {
            "finish_reason": "eos_token",
            "generated_tokens": 3,
            "seed": None,
            "input_length": 3,
        },
    }


async def test_a_stream_tells_no_details_unless_asked():
    *_, last = events((await ask("/generate_stream", {})).text)
    assert last["generated_text"] == "Hello world"
    assert last["details"] is None


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"temperature": 0}, "`temperature` must be strictly positive"),
        ({"best_of": 2}, "`best_of` != 1 is not supported when streaming tokens"),
        (
            {"decoder_input_details": True},
            "`decoder_input_details` == true is not supported when streaming tokens",
        ),
    ],
)
async def test_a_stream_is_refused_inside_a_200(parameters, message):
    answer = await ask("/generate_stream", parameters)
    assert answer.status_code == 200
    assert events(answer.text) == [
        {"error": f"Input validation error: {message}", "error_type": "validation"}
    ]


# Failures ---------------------------------------------------------------------------------------

FAILURES = [
    (EngineError("CUDA"), 424, "Request failed during generation: CUDA", "generation"),
    (EngineError("later", "overloaded"), 429, "Model is overloaded", "overloaded"),
    (EngineError("no", "validation"), 422, "Input validation error: no", "validation"),
]


@pytest.mark.parametrize(("failure", "status", "message", "kind"), FAILURES)
async def test_a_failing_engine_is_an_error_of_tgi(failure, status, message, kind):
    answer = await ask("/generate", engine=ScriptedEngine(["a", failure]))
    assert answer.status_code == status
    assert answer.json() == {"error": message, "error_type": kind}


@pytest.mark.parametrize(("failure", "status", "message", "kind"), FAILURES)
async def test_a_failing_engine_ends_the_stream_with_an_event(failure, status, message, kind):
    answer = await ask("/generate_stream", engine=ScriptedEngine(["a", failure]))
    assert answer.status_code == 200
    first, last = events(answer.text)
    assert first["token"]["text"] == "a"
    assert last == {"error": message, "error_type": kind}


async def test_a_bug_in_an_engine_is_told_without_its_details(caplog):
    answer = await ask("/generate", engine=ScriptedEngine([KeyError("/home/me/secret")]))
    assert answer.status_code == 424
    assert answer.json()["error"] == "Request failed during generation: the engine failed: KeyError"
    assert "secret" in caplog.text  # for the one who runs the server


# About the server -------------------------------------------------------------------------------


async def get(route: str):
    async with in_memory(contract.app(ScriptedEngine())) as client:
        return await client.get(route)


@pytest.mark.parametrize("route", ["/", "/health", "/ping"])
async def test_health_is_an_empty_200(route):
    answer = await get(route)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_info_tells_the_limits():
    assert (await get("/info")).json() == {
        "model_id": "the/model",
        "model_sha": None,
        "model_pipeline_tag": "text-generation",
        "max_concurrent_requests": 8,
        "max_best_of": 1,
        "max_stop_sequences": 4,
        "max_input_tokens": 100,
        "max_total_tokens": 128,
        "validation_workers": 1,
        "max_client_batch_size": 4,
        "router": "scripted",
        "version": "3.3.7",
        "sha": None,
        "docker_label": None,
    }


async def test_models_are_listed():
    answer = (await get("/v1/models")).json()
    model = {"id": "the/model", "object": "model", "created": 0, "owned_by": "the/model"}
    assert answer == {"object": "list", "data": [model]}


async def test_tokens_are_shown_with_their_place_in_the_text():
    answer = await ask("/tokenize")
    assert answer.json() == [
        {"id": 1, "text": "", "start": 0, "stop": 0},
        {"id": 72, "text": "H", "start": 0, "stop": 1},
        {"id": 105, "text": "i", "start": 1, "stop": 2},
    ]


async def test_the_engine_lives_as_long_as_the_application():
    engine = ScriptedEngine([END])
    app = contract.app(engine)
    async with app.router.lifespan_context(app):
        assert engine.life == ["started"]
    assert engine.life == ["started", "closed"]
