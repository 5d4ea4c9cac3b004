"""A request's body: bytes in, JSON out, with the limits and the words of axum's extractor."""

from __future__ import annotations

import json
import math
from typing import NoReturn

from starlette.requests import Request

from arriero_backend.contract.refusals import Malformed

MAX_BODY_BYTES = 2_000_000  # TGI's --payload-limit


async def read_json(request: Request) -> object:
    """Return the JSON value in a request; raises Malformed (415, 413 or 400)."""
    if not _says_json(request.headers.get("content-type", "")):
        raise Malformed(415, "Expected request with `Content-Type: application/json`")
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY_BYTES:
            raise Malformed(413, "Failed to buffer the request body: length limit exceeded")
    return parse(bytes(received))


def parse(body: bytes) -> object:
    """Parse JSON as strictly as serde_json: no NaN, no endless number, no half of a surrogate."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant, parse_float=_finite)
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed(400, f"Failed to parse the request body as JSON: {error}") from None
    return value


def _says_json(content_type: str) -> bool:
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"expected value, found {name}")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("number out of range")
    return value
