"""The sentences: each says what happened and what to do, and none says the key."""

import json
import socket
import ssl

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.errors import TooSlow, Unreachable, WrongAddress
from arriero.model import explain
from arriero.model.broken import broken
from arriero.model.endpoint import Endpoint

KEY, PASSWORD = "sesame-1234", "swordfish"
AT = Endpoint(f"http://me:{PASSWORD}@gpu:8080/?q=1", key=KEY)
NO_KEY = Endpoint("http://gpu:8080")


def answer(status: int, body: str | bytes = "", endpoint: Endpoint = AT, **headers: str) -> str:
    """What a person reads when the server answers so."""
    request = httpx2.Request("POST", endpoint.to("/generate_stream"))
    data = body.encode() if isinstance(body, str) else body
    response = httpx2.Response(status, headers=headers, content=data, request=request)
    return str(explain.status(endpoint, response, data))


def fault(words: str, kind: str) -> str:
    return str(explain.event(AT, {"error": words, "error_type": kind}))


def test_sentences():
    length = "Input validation error: `inputs` must have less than 3584 tokens. Given: 9000"
    assert fault(length, "validation") == (
        f"Prompt and answer do not fit the model's context ({length}). Select less, or lower "
        "max_new_tokens."
    )
    assert fault("Model is overloaded", "overloaded") == (
        "http://gpu:8080 is busy or still loading (Model is overloaded). Try again in a moment."
    )
    assert fault("CUDA out of memory", "generation") == (
        "http://gpu:8080 gave up while it generated (CUDA out of memory). Try again; if it goes "
        "on, look into the model server's log."
    )
    assert fault("`stop` supports up to 4", "validation") == (
        "http://gpu:8080 refuses the request (`stop` supports up to 4). If no setting of yours "
        "explains it, please report this text."
    )
    assert answer(401) == (
        "http://gpu:8080 refuses the key (401 Unauthorized). Set ARRIERO_API_KEY to the key that "
        "the model server was started with."
    )
    assert answer(401, endpoint=NO_KEY) == (
        "http://gpu:8080 asks for a key (401 Unauthorized). Set ARRIERO_API_KEY to it."
    )
    assert answer(404, '{"detail":"Not Found"}', endpoint=NO_KEY) == (
        "http://gpu:8080 answers, but not as a model server does: /generate_stream gives 404 Not "
        "Found. Set ARRIERO_URL to the address of TGI, vLLM, SGLang or llama.cpp's server."
    )


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, "Failed to parse the body: EOF at line 1", "Failed to parse the body: EOF at line 1"),
        (422, '{"error":"bad\\nstop","error_type":"validation"}', "bad stop)"),
        (429, '{"error":{"message":"slow down"}}', "slow down"),
        (502, "<html><body>nginx", "(502 Bad Gateway)"),
        (407, "", "The proxy on the way to http://gpu:8080"),
        (302, "", "redirects"),
    ],
)
def test_the_servers_words_are_quoted_where_they_help(status, body, words):
    assert words in answer(status, body, location="http://login.example/?token=1")


@given(st.text(max_size=30), st.text(max_size=300), st.sampled_from([400, 401, 404, 422, 500, 503]))
def test_no_sentence_has_the_key_in_it(before, after, status):
    echoed = f"{before}{KEY}{after}"
    said = [
        answer(status, echoed),
        answer(status, json.dumps({"error": echoed, "error_type": "validation"})),
        fault(echoed, "generation"),
        str(explain.no_model_server(AT, echoed)),
    ]
    assert not [text for text in said if KEY in text or PASSWORD in text]
    assert all("\n" not in text and len(text) < 500 for text in said)


def test_a_web_page_is_named_by_its_title():
    page = b"<!doctype html><title>\n Welcome to nginx! </title>"
    response = httpx2.Response(200, headers={"content-type": "text/html"})
    assert explain.instead(response, page) == "it sends a web page, 'Welcome to nginx!'"


def test_what_is_no_page_is_named_by_its_type_since_it_may_echo_the_prompt():
    response = httpx2.Response(200, headers={"content-type": "application/json"})
    assert explain.instead(response, b'{"echo": "def secret"}') == "it sends application/json"


# No connection ------------------------------------------------------------------------------------


def caused(outer: Exception, cause: BaseException) -> Exception:
    outer.__cause__ = cause
    return outer


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


SEVERAL = ExceptionGroup("all", [ConnectionRefusedError(111), ConnectionRefusedError(111)])


def unconnected(cause: BaseException) -> Exception:
    return caused(httpx2.ConnectError("All connection attempts failed"), cause)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (unconnected(ConnectionRefusedError()), Unreachable, "connection refused. Start"),
        (unconnected(caused(OSError(), SEVERAL)), Unreachable, "connection refused. Start"),
        (unconnected(OSError(113, "x")), Unreachable, "no connection. Start"),
        (unconnected(socket.gaierror(-2, "x")), Unreachable, "is not known here"),
        (unconnected(untrusted()), Unreachable, "not trusted: self-signed certificate"),
        (unconnected(ssl.SSLError(1, "x")), Unreachable, "TLS failed. If the server has no"),
        (httpx2.ConnectTimeout(""), TooSlow, "no connection within 5 s"),
        (httpx2.ProxyError("403"), Unreachable, "NO_PROXY"),
        (httpx2.UnsupportedProtocol("x"), WrongAddress, "no address of a server"),
    ],
)
def test_why_there_is_no_connection(error, kind, words):
    told = broken(AT, error, begun=False)
    assert type(told) is kind
    assert words in str(told)
