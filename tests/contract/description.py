"""TGI's own description of its interface, and the places where its source says otherwise.

Each correction is one disagreement, with its reason; the source is router/src at db931fcf. Where
nothing is corrected, the contract has to agree with the description to the letter. The narrowings
at the end make requests that every engine can serve, so that none of them may be refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
UNSUPPORTED = (
    "adapter_id",
    "best_of",
    "decoder_input_details",
    "grammar",
    "top_n_tokens",
    "truncate",
    "watermark",
)
SERVED = (
    "/",
    "/chat_tokenize",
    "/generate",
    "/generate_stream",
    "/health",
    "/info",
    "/metrics",
    "/tokenize",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/models",
)
NOT_SERVED = ("/invocations",)  # Sagemaker's

OPENAI_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "http_status_code"],
            "properties": {"message": {"type": "string"}, "http_status_code": {"enum": [422]}},
        }
    },
}

Document = dict[str, Any]


def data() -> Path:
    """Return where TGI's description and recorded answers are; fail where they are not."""
    folder = Path(os.environ.get("TGI_DATA", ROOT.parent / "shared" / "data" / "tgi"))
    if not (folder / "openapi.json").is_file():
        pytest.fail(
            f"TGI's description is not at {folder}. Set TGI_DATA to a folder with TGI's "
            "openapi.json and recorded/, or leave the contract tests out (-m 'not contract').",
            pytrace=False,
        )
    return folder


def corrected(*, narrowed: bool) -> Document:
    """Return the description with every correction made; `narrowed` to what can be served."""
    document = json.loads((data() / "openapi.json").read_text("utf-8"))
    for correction in (*CORRECTIONS, *(NARROWINGS if narrowed else ())):
        before = json.dumps(document)
        correction.make(document)
        assert json.dumps(document) != before, (
            f"this correction is out of date: {correction.reason}"
        )
    return document


@dataclass(frozen=True)
class Correction:
    """One change to the description, and its reason."""

    reason: str
    make: Callable[[Document], None]


def _schemas(document: Document) -> Document:
    return document["components"]["schemas"]


def _nodes(node: object) -> Iterator[Document]:
    """Walk through every object of the description."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from _nodes(inner)


def _tokenize(document: Document) -> None:
    schemas = _schemas(document)
    types = deepcopy(schemas["GenerateParameters"])
    for field in types["properties"].values():
        for bound in ("exclusiveMinimum", "maximum", "maxItems"):
            field.pop(bound, None)
    request = deepcopy(schemas["GenerateRequest"])
    request["properties"]["parameters"] = types
    body = document["paths"]["/tokenize"]["post"]["requestBody"]
    body["content"]["application/json"]["schema"] = request


def _bounds(document: Document) -> None:
    for node in _nodes(document):
        bound = node.get("exclusiveMinimum")
        if node.get("type") == "integer":
            signed = "minimum" not in node
            bits = (32 if node.get("format") == "int32" else 64) - signed
            node |= {"minimum": -(2**bits) if signed else 0, "maximum": 2**bits - 1}
        if isinstance(bound, int | float):
            node |= {"minimum": bound, "exclusiveMinimum": True}


def _zeros(document: Document) -> None:
    for name in ("GenerateParameters", "ChatRequest", "CompletionRequest"):
        _schemas(document)[name]["properties"]["seed"]["exclusiveMinimum"] = False
    parameters = _schemas(document)["GenerateParameters"]["properties"]
    parameters["best_of"]["exclusiveMinimum"] = False
    parameters["top_n_tokens"]["exclusiveMinimum"] = False


def _ranges(document: Document) -> None:
    generate, chat, completion = (
        _schemas(document)[name]["properties"]
        for name in ("GenerateParameters", "ChatRequest", "CompletionRequest")
    )
    share = {"minimum": 0, "exclusiveMinimum": True, "maximum": 1, "exclusiveMaximum": True}
    above_zero = {"minimum": 0, "exclusiveMinimum": True}
    for fields in (generate, chat, completion):
        fields["top_p"] |= share
        fields["frequency_penalty"] |= {"minimum": -2, "maximum": 2, "exclusiveMinimum": False}
        fields["stop"]["maxItems"] = 4
    generate["typical_p"] |= share
    completion["repetition_penalty"] |= above_zero
    chat["temperature"] |= {"minimum": 0}
    completion["temperature"] |= {"minimum": 0}
    generate["max_new_tokens"]["minimum"] = 1
    chat["max_tokens"]["minimum"] = 1
    completion["max_tokens"]["minimum"] = 1


def _prompts(document: Document) -> None:
    text = {"type": "string", "minLength": 1}
    for name in ("GenerateRequest", "CompatGenerateRequest"):
        _schemas(document)[name]["properties"]["inputs"] = text
    several = {"type": "array", "items": text, "minItems": 1, "maxItems": 4}
    _schemas(document)["Prompt"] = {"oneOf": [text, several]}


def _presence(document: Document) -> None:
    presence = _schemas(document)["ChatRequest"]["properties"]["presence_penalty"]
    presence |= {"minimum": -2, "exclusiveMinimum": True}


def _stream_options(document: Document) -> None:
    del _schemas(document)["ChatRequest"]["properties"]["stream_options"]["nullable"]


def _extractor(document: Document) -> None:
    plain = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "faults"}
    error = {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}
    for path in SERVED:
        for operation in document["paths"][path].values():
            if "requestBody" not in operation:
                continue
            for status in ("400", "413", "415"):
                operation["responses"][status] = plain
            operation["responses"]["422"] = {
                "content": {**plain["content"], "application/json": error},
                "description": "input validation error",
            }


def _methods(document: Document) -> None:
    plain = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "method"}
    for path in SERVED:
        for operation in document["paths"][path].values():
            operation["responses"]["405"] = plain


def _models(document: Document) -> None:
    one = {"$ref": "#/components/schemas/ModelInfo"}
    listed = {
        "type": "object",
        "required": ["object", "data"],
        "properties": {"object": {"enum": ["list"]}, "data": {"type": "array", "items": one}},
    }
    answer = document["paths"]["/v1/models"]["get"]["responses"]["200"]
    answer["content"]["application/json"]["schema"] = listed


def _events(document: Document) -> None:
    token, error, chunk, chat = (
        {"$ref": f"#/components/schemas/{name}"}
        for name in ("StreamResponse", "ErrorResponse", "Chunk", "ChatCompletionChunk")
    )
    done = {"const": "[DONE]"}
    for path, last, *events in (
        ("/", {"not": {}}, token, error),
        ("/generate_stream", {"not": {}}, token, error),
        ("/v1/completions", done, chunk, OPENAI_ERROR),
        ("/v1/chat/completions", done, chat, OPENAI_ERROR),
    ):
        told = {"type": "string", "contentMediaType": "application/json"}
        data = {"anyOf": [last, {**told, "contentSchema": {"anyOf": events}}]}
        stream = {"type": "object", "required": ["data"], "properties": {"data": data}}
        answer = document["paths"][path]["post"]["responses"]["200"]["content"]
        answer["text/event-stream"]["schema"] = stream


CORRECTIONS = (
    Correction("/tokenize reads the parameters, and minds only their types.", _tokenize),
    Correction(
        "The description says OpenAPI 3.0, where an exclusive bound is a flag, but writes numbers; "
        "and it leaves out how large Rust's integers are.",
        _bounds,
    ),
    Correction("A seed, best_of and top_n_tokens may be 0: nothing tests it.", _zeros),
    Correction(
        "Refused on every route: top_p and typical_p of 1, frequency penalties above 2, other "
        "penalties of 0 or less, negative temperatures, limits of 0, more than 4 stop strings.",
        _ranges,
    ),
    Correction("An empty prompt is refused, and /v1/completions takes a single string.", _prompts),
    Correction("A presence penalty of -2 is mapped to a repetition penalty of 0.", _presence),
    Correction("stream_options has a default, but null is refused.", _stream_options),
    Correction(
        "Bodies that cannot be read are answered in plain text, which is described nowhere; "
        "/tokenize and /chat_tokenize refuse with 422, where 404 is described.",
        _extractor,
    ),
    Correction("A wrong method is a 405.", _methods),
    Correction("/v1/models answers with a list, where one model is described.", _models),
    Correction(
        "What is described of a stream is the data of its events, the OpenAI-style ones end with "
        "[DONE], and errors are events inside a 200, not statuses of their own.",
        _events,
    ),
)


# What every engine can serve --------------------------------------------------------------------


def _without_unsupported(document: Document) -> None:
    given = _schemas(document)["GenerateParameters"]["properties"]
    for name in UNSUPPORTED:
        del given[name]
    chat = _schemas(document)["ChatRequest"]["properties"]
    for name in ("tools", "tool_choice", "tool_prompt", "response_format", "top_logprobs"):
        del chat[name]
    del _schemas(document)["CompletionRequest"]["properties"]["suffix"]


def _within_the_context(document: Document) -> None:
    for node in _nodes(document):
        properties = node.get("properties", {})
        for name in ("max_new_tokens", "max_tokens"):
            if name in properties:
                properties[name]["maximum"] = 64
    for text in (
        _schemas(document)["GenerateRequest"]["properties"]["inputs"],
        *_schemas(document)["Prompt"]["oneOf"],
    ):
        text["maxLength"] = 100
    _schemas(document)["CompatGenerateRequest"]["properties"]["inputs"]["maxLength"] = 100


def _within_32_bits(document: Document) -> None:
    for node in _nodes(document):
        if node.get("type") == "number" and node.get("exclusiveMinimum"):
            node |= {"minimum": node["minimum"] + 1e-6, "exclusiveMinimum": False}
        if node.get("type") == "number" and node.get("exclusiveMaximum"):
            node |= {"maximum": node["maximum"] - 1e-6, "exclusiveMaximum": False}


def _one_turn(document: Document) -> None:
    text = {"type": "string", "maxLength": 100}
    chunk = {
        "type": "object",
        "required": ["type", "text"],
        "properties": {"type": {"enum": ["text"]}, "text": text},
    }
    message = {
        "type": "object",
        "required": ["role", "content"],
        "properties": {
            "role": {"enum": ["user"]},
            "content": {"oneOf": [text, {"type": "array", "items": chunk, "maxItems": 3}]},
            "name": {"type": "string", "nullable": True},
        },
    }
    messages = {"type": "array", "items": message, "minItems": 1, "maxItems": 1}
    _schemas(document)["ChatRequest"]["properties"]["messages"] = messages


NARROWINGS = (
    Correction(
        "What no engine here can do is refused. TGI too can be run without grammars and top "
        "tokens, and refuses suffixes, and input details in streams.",
        _without_unsupported,
    ),
    Correction("Prompt and answer have to fit the engine's context.", _within_the_context),
    Correction(
        "In 32 bits, what is nearer to 0 or 1 than a millionth may be 0 or 1.", _within_32_bits
    ),
    Correction("Which turns a chat may have is for the model's template to say.", _one_turn),
)
