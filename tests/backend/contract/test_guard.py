"""Who is let in: by key, by the name the server is called, by the page that calls."""

from __future__ import annotations

import pytest

from arriero_backend import contract
from engines import ScriptedEngine, in_memory

KEYED = ["/", "/generate", "/generate_stream", "/tokenize", "/v1/completions"]
OPEN = ["/", "/info", "/health", "/ping", "/metrics", "/v1/models"]


async def status(method: str, route: str, key: str | None, **headers: str) -> int:
    """Ask with these headers; return the status of the answer."""
    app = contract.app(ScriptedEngine(), key=key, allowed_hosts=["gpu.lan"])
    async with in_memory(app) as client:
        body = {"inputs": "a", "prompt": "a"}
        answer = await client.request(method, route, json=body, headers=headers)
    if answer.status_code == 401:
        assert answer.content == b""
    return answer.status_code


@pytest.mark.parametrize("route", KEYED)
async def test_what_generates_is_behind_the_key(route):
    assert await status("POST", route, "Secret") == 401
    assert await status("POST", route, "Secret", authorization="Bearer wrong") == 401
    assert await status("POST", route, "Secret", authorization="Secret") == 401
    assert await status("POST", route, "Secret", authorization="Bearer Secret") == 200
    assert await status("POST", route, "Secret", authorization="bearer sECRET") == 200
    assert await status("POST", route, None) == 200


@pytest.mark.parametrize("route", OPEN)
async def test_what_tells_of_the_server_is_not(route):
    assert await status("GET", route, "Secret") == 200


async def test_neither_is_chat_tokenize():
    assert await status("POST", "/chat_tokenize", "Secret") == 422  # asked, not turned away


async def test_the_key_is_asked_for_before_the_body_is_read():
    app = contract.app(ScriptedEngine(), key="Secret")
    async with in_memory(app) as client:
        answer = await client.post("/generate", content=b"no json")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8080", 200),
        ("127.1.2.3:1", 200),
        ("localhost:8080", 200),
        ("LOCALHOST", 200),
        ("localhost.", 200),
        ("[::1]:8080", 200),
        ("gpu.lan:80", 200),
        ("GPU.LAN", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example@127.0.0.1.evil.example", 421),
        ("192.168.0.1", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered_to(host, expected):
    assert await status("GET", "/info", None, host=host) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("http://gpu.lan", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_only_pages_from_here_may_ask(origin, expected):
    assert await status("POST", "/generate", None, origin=origin) == expected


async def test_no_page_is_told_that_it_may():
    app = contract.app(ScriptedEngine())
    async with in_memory(app) as client:
        answer = await client.get("/info", headers={"origin": "http://localhost:3000"})
        preflight = await client.options(
            "/generate",
            headers={
                "origin": "http://localhost:3000",
                "access-control-request-method": "POST",
            },
        )
    assert preflight.status_code == 405
    for headers in (answer.headers, preflight.headers):
        assert not [name for name in headers if name.startswith("access-control")]
