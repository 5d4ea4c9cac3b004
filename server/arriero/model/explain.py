"""What a server reports, in words: every refusal ends as one error of the one tree.

    an answer that is not 200   status    4xx, 5xx, a redirect
    an error in a 200 stream    event     TGI refuses a stream inside it
    no model server             no_model_server
    no answer in time           too_slow

A server's own words are quoted in one line, cut short, and never with the key in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from arriero.errors import (
    BackendError,
    GenerationFailed,
    Invalid,
    NoTemplate,
    Overloaded,
    TooLong,
    TooSlow,
    Unreachable,
    WrongAddress,
    WrongKey,
)
from arriero.model.endpoint import Endpoint

# TGI's `error_type`s: router/src/lib.rs and infer/mod.rs.
BY_KIND: Mapping[str, type[BackendError]] = {
    "validation": Invalid,
    "template_error": Invalid,
    "tool_error": Invalid,
    "overloaded": Overloaded,
    "healthcheck": Overloaded,
    "generation": GenerationFailed,
    "incomplete_generation": GenerationFailed,
    "incomplete_generation_stream": GenerationFailed,
}

# How a length is refused: by TGI (router/src/validation.rs), vLLM, SGLang, llama.cpp's server and
# llama-cpp-python's.
LENGTH = re.compile(
    r"`inputs` (?:must have less than|tokens \+ `max_new_tokens` must be)"
    r"|maximum (?:context|model) length|longer than the model's context length"
    r"|exceeds? (?:the available context size|context window)"
)

# How a chat is refused where nobody says how to write it: by TGI (`template not found`, of
# minijinja) and by vLLM (transformers' own words, and its own).
TEMPLATE = re.compile(
    r"template not found|must provide a chat template|chat_template is not set|no chat template",
    re.IGNORECASE,
)
CHAT_ROUTE = "/v1/chat/completions"

TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
QUOTED = 200  # characters of a server's own words


def status(endpoint: Endpoint, response: httpx2.Response, body: bytes) -> BackendError:
    """Explain an answer whose status is not 200; `body` is its beginning."""
    code = response.status_code
    said = _quote(endpoint, f"{code} {response.reason_phrase}")
    if response.has_redirect_location:
        target = Endpoint(str(response.url.join(response.headers["location"]))).shown
        return no_model_server(endpoint, f"it redirects to {target}, and the key must not follow")
    if code in (401, 403):
        return _wrong_key(endpoint, said)
    if code == 407:
        return refused_by_proxy(endpoint)
    if code in (404, 405, 501) and response.url.path.endswith(CHAT_ROUTE):
        return no_template(endpoint, f"{CHAT_ROUTE} gives {said}")
    if code in (404, 405) or (code == 400 and _is_page(body)):
        return no_model_server(endpoint, f"{response.url.path} gives {said}")

    kind, words = _error_body(body)
    return _refused(
        endpoint,
        BY_KIND.get(kind) or _by_status(code),
        said if _is_page(body) else f"{said}: {words}" if words else said,
        retry_after(response.headers.get("retry-after", "")),
    )


def event(endpoint: Endpoint, payload: Mapping[str, object]) -> BackendError:
    """Explain an error event: TGI's, with an `error_type`, or one of OpenAI's protocol."""
    name, words, code = _error(payload)
    kind = BY_KIND.get(name) or (_by_status(code) if code else GenerationFailed)
    return _refused(endpoint, kind, words, None)


def no_model_server(endpoint: Endpoint, found: str) -> WrongAddress:
    """Say that something else than a model server answers at the address."""
    return WrongAddress(
        f"{endpoint.shown} answers, but not as a model server does: {_quote(endpoint, found)}. Set "
        "ARRIERO_URL to the address of TGI, vLLM, SGLang or llama.cpp's server."
    )


def no_template(endpoint: Endpoint, found: str) -> NoTemplate:
    """Say that the server cannot write a chat, and who could."""
    return NoTemplate(
        f"{endpoint.shown} has no chat template for its model ({found}). Set ARRIERO_TOKENIZER to "
        "the folder of the model's tokenizer, or `dialect` to the format it was trained on."
    )


def unreadable(endpoint: Endpoint, found: str) -> GenerationFailed:
    """Say that an answer began as it should, and then became something else."""
    return GenerationFailed(
        f"{endpoint.shown} began an answer and then sent what cannot be read: {found}. Try again; "
        "if it goes on, look into the log of the model server, or of what stands before it."
    )


def refused_by_proxy(endpoint: Endpoint) -> Unreachable:
    """Say that a proxy stands in the way."""
    return Unreachable(
        f"The proxy on the way to {endpoint.shown} refuses to pass the request on. Correct "
        "HTTP_PROXY or HTTPS_PROXY, or name the server in NO_PROXY."
    )


def too_slow(endpoint: Endpoint, deadline: str) -> TooSlow:
    """Say which deadline passed, and the setting that moves it."""
    what = {
        "connect": "accepted no connection within",
        "info": "left a question about itself unanswered for",
        "first_token": "did not begin to answer within",
        "between_tokens": "stopped answering, and was silent for",
        "total": "did not finish its answer within",
    }[deadline]
    seconds = getattr(endpoint.deadlines, deadline)
    return TooSlow(
        f"{endpoint.shown} {what} {seconds:g} s. The model server may be loading, overloaded or "
        f"gone; the setting deadlines.{deadline} allows it more time."
    )


def instead(response: httpx2.Response, body: bytes) -> str:
    """Name what came where TGI's answer should be. Its text is not quoted: it may be the user's."""
    if _is_page(body):
        title = TITLE.search(body.decode("utf-8", "replace"))
        return f"it sends a web page, {title[1].strip()!r}" if title else "it sends a web page"
    return f"it sends {response.headers.get('content-type') or 'something of no named type'}"


def retry_after(value: str) -> float | None:
    """Read the header: seconds, or a date (RFC 9110, 10.2.3). None when it says nothing."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _refused(
    endpoint: Endpoint, kind: type[BackendError], words: str, wait: float | None
) -> BackendError:
    """Word one of the errors that a working server reports."""
    said = _quote(endpoint, words)
    if kind in (Invalid, GenerationFailed) and LENGTH.search(words):
        return TooLong(
            f"Prompt and answer do not fit the model's context ({said}). Select less, or lower "
            "max_new_tokens."
        )
    if kind is Invalid and TEMPLATE.search(words):
        return no_template(endpoint, said)
    if kind is Overloaded:
        message = f"{endpoint.shown} is busy or still loading ({said}). Try again in a moment."
    elif kind is GenerationFailed:
        message = (
            f"{endpoint.shown} gave up while it generated ({said}). Try again; if it goes on, "
            "look into the model server's log."
        )
    else:
        message = (
            f"{endpoint.shown} refuses the request ({said}). If no setting of yours explains it, "
            "please report this text."
        )
    return kind(message, retry_after=wait)


def _by_status(code: int) -> type[BackendError]:
    if code in (408, 429, 502, 503, 504):
        return Overloaded
    return GenerationFailed if code == 424 or code >= 500 else Invalid


def _wrong_key(endpoint: Endpoint, said: str) -> WrongKey:
    if endpoint.key:
        return WrongKey(
            f"{endpoint.shown} refuses the key ({said}). Set ARRIERO_API_KEY to the key that the "
            "model server was started with."
        )
    return WrongKey(f"{endpoint.shown} asks for a key ({said}). Set ARRIERO_API_KEY to it.")


def _error_body(body: bytes) -> tuple[str, str]:
    """Return kind and words of an error body; TGI's JSON reader sends plain text without a kind."""
    try:
        kind, words, _ = _error(json.loads(body))
    except (ValueError, AttributeError, KeyError):
        return "", body.decode("utf-8", "replace")
    return kind, words


def _error(payload: Mapping[str, object]) -> tuple[str, str, int]:
    """Return kind, words and status of an error as JSON; the status is 0 where it has none.

    TGI has `error` and `error_type`, OpenAI's protocol an object in `error`, older vLLM and SGLang
    that object alone.
    """
    inner = payload if payload.get("object") == "error" else payload["error"]
    if not isinstance(inner, Mapping):
        return str(payload.get("error_type")), str(inner), 0
    code = inner.get("code", inner.get("http_status_code"))
    words = str(inner["message"]) if "message" in inner else str(inner)
    return str(inner.get("type")), words, code if isinstance(code, int) else 0


def _is_page(body: bytes) -> bool:
    return body.lstrip().startswith(b"<")


def _quote(endpoint: Endpoint, words: str) -> str:
    line = " ".join(words.split())
    if endpoint.key:
        line = line.replace(endpoint.key, "***")
    return line if len(line) <= QUOTED else line[:QUOTED] + "..."
