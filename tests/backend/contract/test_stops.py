"""Where an answer ends, and what stays in it: TGI's rules, which surprise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero_backend import contract
from arriero_backend.contract.answers import compact
from arriero_backend.engine import Token
from engines import END, STEP, ScriptedEngine, Step, in_memory


async def check(script: list[Step], text: str, finish: str, **parameters: object) -> None:
    """Let the model say the script; see this text and this finish reason, streamed and not."""
    body = {"inputs": "p", "parameters": {"details": True, **parameters}}
    async with in_memory(contract.app(ScriptedEngine(script))) as client:
        whole = (await client.post("/generate", json=body)).json()
        stream = (await client.post("/generate_stream", json=body)).text
    assert whole["generated_text"] == text
    assert whole["details"]["finish_reason"] == finish
    assert f'"generated_text":{compact(text)},"details":{{"finish_reason":"{finish}"' in stream


async def test_a_stop_string_stays_in_the_text():
    await check(["a", "STOP", "b"], "aSTOP", "stop_sequence", stop=["STOP"])


async def test_a_stop_string_may_span_tokens():
    await check(["a", "\n``", "`", "b", END], "a\n```", "stop_sequence", stop=["\n```"])


async def test_a_stop_string_that_ends_inside_a_token_is_missed():
    await check(["a", "```python", END], "a```python", "eos_token", stop=["```"])


async def test_a_line_end_after_a_stop_string_does_not_hide_it():
    # TGI's regular expression ends in `$`, which also matches before a last line end.
    await check(["a", "STOP\n", "b", END], "aSTOP\n", "stop_sequence", stop=["STOP"])


async def test_a_stop_string_is_no_pattern():
    await check(["abc", "a.c", END], "abca.c", "stop_sequence", stop=["a.c"])


async def test_a_special_token_can_be_a_stop_and_is_not_in_the_text():
    await check(["a", STEP, "b"], "a", "stop_sequence", stop=["<step>"])


async def test_a_visible_sign_stays_in_the_text():
    step = Token(32015, "<step>", -0.1, special=False)
    await check(["a", step, "b"], "a<step>", "stop_sequence", stop=["<step>"])


async def test_the_end_token_ends_and_is_not_in_the_text():
    await check(["a", END, "b"], "a", "eos_token")


async def test_length_is_tested_before_everything_else():
    await check(["a", END], "a", "length", max_new_tokens=2)
    await check(["a", "STOP"], "aSTOP", "length", max_new_tokens=2, stop=["STOP"])


@pytest.mark.parametrize("stop", [[], ["x"]])
async def test_an_engine_that_breaks_off_is_an_incomplete_generation(stop):
    async with in_memory(contract.app(ScriptedEngine(["a"]))) as client:
        body = {"inputs": "p", "parameters": {"stop": stop}}
        whole = await client.post("/generate", json=body)
        stream = await client.post("/generate_stream", json=body)
    assert whole.status_code == 500
    assert whole.json() == {
        "error": "Incomplete generation",
        "error_type": "incomplete_generation",
    }
    assert stream.text.endswith(
        'data: {"error":"Incomplete generation stream",'
        '"error_type":"incomplete_generation_stream"}\n\n'
    )


pieces = st.lists(st.text("ab\n.", min_size=1, max_size=3), max_size=12)


@given(pieces, st.lists(st.text("ab\n.", min_size=1, max_size=3), max_size=4))
async def test_stops_are_found_exactly_where_tgi_finds_them(script, stops):
    said, finish = "", "eos_token"
    for piece in script:
        said += piece
        if any(re.search(re.escape(stop) + "$", said) for stop in stops):
            finish = "stop_sequence"
            break
    await check([*script, END], said, finish, stop=stops)


async def test_only_the_tail_of_a_long_text_is_looked_at():
    # TGI keeps 200 characters once there are more than 300.
    await check(["x" * 301, "ab", END], "x" * 301 + "ab", "stop_sequence", stop=["x" * 198 + "ab"])
    await check(["x" * 301, "ab", END], "x" * 301 + "ab", "eos_token", stop=["x" * 201 + "ab"])
