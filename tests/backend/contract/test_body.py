"""Bodies that cannot be read: plain text, with the status codes of TGI's JSON extractor."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero_backend import contract
from arriero_backend.contract.body import parse
from arriero_backend.contract.refusals import Malformed
from engines import ScriptedEngine, in_memory

JSON = {"content-type": "application/json"}


async def check(body: bytes, status: int, words: str, *, headers=None, route="/generate") -> None:
    """Post these bytes; see this status and, as plain text, these words."""
    async with in_memory(contract.app(ScriptedEngine())) as client:
        answer = await client.post(
            route, content=body, headers=JSON if headers is None else headers
        )
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert words in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"inputs": NaN}',
        b'{"inputs": 1e999}',
        b'{"inputs": "\xff"}',
        rb'{"inputs": "\ud800"}',
        b"[" * 100_000,
        b'{"inputs": ' + b"1" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
@pytest.mark.parametrize("route", ["/generate", "/generate_stream", "/", "/v1/completions"])
async def test_what_is_no_json_is_a_400(body, route):
    await check(body, 400, "Failed to parse the request body as JSON", route=route)


async def test_json_has_to_be_called_json():
    await check(b"{}", 415, "Expected request with `Content-Type: application/json`", headers={})
    await check(b"{}", 415, "Expected request", headers={"content-type": "text/plain"})
    await check(b"{}", 422, "missing field", headers={"content-type": "application/vnd.a+json"})


async def test_two_megabytes_are_enough():
    await check(b" " * 2_000_001, 413, "length limit exceeded")
    await check(b" " * 2_000_000, 400, "Failed to parse")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "missing field `inputs`"),
        ([], "invalid type: sequence, expected struct GenerateRequest"),
        ({"inputs": 1}, "inputs: invalid type: integer `1`, expected a string"),
        ({"inputs": None}, "inputs: invalid type: null, expected a string"),
        ({"inputs": "a", "parameters": None}, "parameters: invalid type: null"),
        ({"inputs": "a", "parameters": []}, "parameters: invalid type: sequence"),
    ],
    ids=str,
)
async def test_a_wrong_type_is_a_422_in_plain_text(body, words):
    await check(json.dumps(body).encode(), 422, words)


@pytest.mark.parametrize(
    "name", ["do_sample", "details", "decoder_input_details", "watermark", "stop"]
)
async def test_null_is_refused_where_tgi_has_no_option(name):
    body = json.dumps({"inputs": "a", "parameters": {name: None}}).encode()
    await check(body, 422, f"parameters.{name}: invalid type: null")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", "1"),
        ("temperature", True),
        ("max_new_tokens", 1.0),
        ("max_new_tokens", -1),
        ("max_new_tokens", 2**32),
        ("max_new_tokens", True),
        ("top_k", 2**31),
        ("seed", 2**64),
        ("stop", "x"),
        ("stop", [1]),
        ("return_full_text", 1),
        ("temperature", 10**400),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_types_are_those_of_tgi(name, value):
    body = json.dumps({"inputs": "a", "parameters": {name: value}}).encode()
    await check(body, 422, f"parameters.{name}: ")


async def test_unknown_keys_are_ignored():
    body = {"inputs": "a", "more": 1, "parameters": {"more": None, "temperature": None}}
    async with in_memory(contract.app(ScriptedEngine())) as client:
        assert (await client.post("/generate", json=body)).status_code == 200


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_every_json_value_is_read_as_python_reads_it(value):
    assert parse(json.dumps(value).encode()) == value


@given(st.binary())
def test_no_bytes_do_more_than_be_refused(body):
    with suppress(Malformed):
        parse(body)
