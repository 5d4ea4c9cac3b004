"""What may be asked: TGI's rules on parameters, one by one, with its words."""

from __future__ import annotations

import pytest

from arriero_backend import contract
from arriero_backend.engine import Facts
from engines import ScriptedEngine, in_memory


async def check(
    parameters: dict[str, object],
    error: str | None,
    *,
    inputs: str = "hi",
    route: str = "/generate",
) -> None:
    """Ask with these parameters; be refused with this message, or answered if it is None."""
    async with in_memory(contract.app(ScriptedEngine())) as client:
        answer = await client.post(route, json={"inputs": inputs, "parameters": parameters})
    if error is None:
        assert answer.status_code == 200, answer.text
        return
    assert answer.status_code == 422
    assert answer.json() == {
        "error": f"Input validation error: {error}",
        "error_type": "validation",
    }


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"temperature": 0}, "`temperature` must be strictly positive"),
        ({"temperature": -1.5}, "`temperature` must be strictly positive"),
        ({"temperature": 1e-60}, "`temperature` must be strictly positive"),  # 0 in 32 bits
        ({"temperature": 0.01}, None),
        ({"repetition_penalty": 0}, "`repetition_penalty` must be strictly positive"),
        ({"frequency_penalty": 2.1}, "`frequency_penalty` must be >= -2.0 and <= 2.0"),
        ({"frequency_penalty": -2}, None),
        ({"top_p": 1.0}, "`top_p` must be > 0.0 and < 1.0"),
        ({"top_p": 0}, "`top_p` must be > 0.0 and < 1.0"),
        ({"top_p": 0.999999999}, "`top_p` must be > 0.0 and < 1.0"),  # 1 in 32 bits
        ({"top_p": 0.95}, None),
        ({"typical_p": 1.0}, "`typical_p` must be > 0.0 and < 1.0"),
        ({"top_k": 0}, "`top_k` must be strictly positive"),
        ({"top_k": -1}, "`top_k` must be strictly positive"),
        ({"max_new_tokens": 0}, "`max_new_tokens` must be strictly positive"),
        ({"stop": ["a"] * 4}, None),
        ({"stop": ["a"] * 5}, "`stop` supports up to 4 stop sequences. Given: 5"),
        ({"top_n_tokens": 1}, "`top_n_tokens` must be >= 0 and <= 0. Given: 1"),
        ({"truncate": 0}, "`truncate` must be strictly positive and less than 100. Given: 0"),
        ({"truncate": 101}, "`truncate` must be strictly positive and less than 100. Given: 101"),
        ({"best_of": 2}, "`best_of` != 1 is not allowed for this endpoint"),
        ({"best_of": 1}, None),
        ({"seed": 2**64 - 1}, None),
    ],
    ids=str,
)
async def test_parameters_are_held_to_their_ranges(parameters, error):
    await check(parameters, error)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"grammar": {"type": "regex", "value": "a+"}}, "grammar is not supported"),
        ({"watermark": True}, "`watermark` is not supported"),
        ({"adapter_id": "my/lora"}, "`adapter_id` is not supported"),
    ],
    ids=str,
)
async def test_what_would_change_the_answer_is_never_left_out_silently(parameters, error):
    await check(parameters, error)


async def test_an_empty_prompt_is_refused():
    await check({}, "`inputs` cannot be empty", inputs="")


async def test_prompt_and_answer_have_to_fit_together():
    prompt = "x" * 99  # 100 tokens with `<s>`, of 128
    await check({"max_new_tokens": 28}, None, inputs=prompt)
    await check(
        {"max_new_tokens": 29},
        "`inputs` tokens + `max_new_tokens` must be <= 128. "
        "Given: 100 `inputs` tokens and 29 `max_new_tokens`",
        inputs=prompt,
    )


async def test_a_long_prompt_is_refused_though_there_is_room():
    await check(
        {"max_new_tokens": 1},
        "`inputs` must have less than 100 tokens. Given: 101",
        inputs="x" * 100,
    )


# What reaches the engine ------------------------------------------------------------------------


async def asked(body: dict[str, object], route: str = "/generate"):
    """Ask, and return the prompt, ids, sampling and limit that the engine was given."""
    engine = ScriptedEngine()
    async with in_memory(contract.app(engine)) as client:
        answer = await client.post(route, json=body)
    assert answer.status_code == 200, answer.text
    return engine.asked[0]


@pytest.mark.parametrize(
    ("body", "samples"),
    [
        ({}, True),  # nothing said at all
        ({"parameters": {}}, False),
        ({"parameters": {"do_sample": True}}, True),
        ({"parameters": {"temperature": 1.0}}, False),
        ({"parameters": {"temperature": 0.5}}, True),
        ({"parameters": {"top_k": 3}}, True),
        ({"parameters": {"top_p": 0.5}}, True),
        ({"parameters": {"typical_p": 0.5}}, True),
    ],
    ids=str,
)
async def test_sampling_is_switched_on_by_what_only_makes_sense_with_it(body, samples):
    _, _, sampling, _ = await asked({"inputs": "hi", **body})
    assert sampling.do_sample is samples
    assert (sampling.seed is not None) is samples


async def test_begin_of_sequence_is_always_added():
    _, ids, _, _ = await asked({"inputs": "ab"})
    assert ids == [1, ord("a"), ord("b")]


async def test_without_a_limit_the_answer_may_fill_the_context():
    *_, limit = await asked({"inputs": "hi"})
    assert limit == 128 - 3


async def test_more_than_the_context_holds_may_be_asked_for_but_not_given():
    # TGI grants 1024 tokens at once, and goes on while there is room.
    engine = ScriptedEngine(facts=Facts("m", 1000, 1200, 8, "scripted"))
    async with in_memory(contract.app(engine)) as client:
        body = {"inputs": "x" * 99, "parameters": {"max_new_tokens": 5000}}
        assert (await client.post("/generate", json=body)).status_code == 200
    assert engine.asked[0][-1] == 1200 - 100


async def test_truncation_keeps_the_end_and_loses_the_begin():
    prompt, ids, _, _ = await asked({"inputs": "abcd", "parameters": {"truncate": 2}})
    assert (prompt, ids) == ("cd", [ord("c"), ord("d")])
