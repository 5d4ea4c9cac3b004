"""A chat request (OpenAI's form, TGI's rules): messages, and the parameters that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arriero_backend.contract import openai
from arriero_backend.contract.fields import (
    Fields,
    Unexpected,
    boolean,
    f32,
    sequence,
    shown,
    string,
    u32,
    u64,
)
from arriero_backend.contract.parameters import Parameters, grammar
from arriero_backend.contract.refusals import Refusal, invalid
from arriero_backend.engine import Engine

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat to be answered."""

    messages: Sequence[Message]
    parameters: Parameters
    model: str | None
    stream: bool
    include_usage: bool
    logprobs: bool


def read(fields: Fields) -> Chat:
    """Read a ChatRequest; raises Malformed, or Refusal for what no engine of ours can do."""
    messages = fields.required("messages", sequence(_message))
    # Unused by TGI, and by us, but their types are checked.
    fields.optional("n", u32)
    fields.optional("logit_bias", sequence(f32))
    _check_tools(fields)
    options = Fields.of(fields.values.get("stream_options", {}), "StreamOptions", "stream_options")
    return Chat(
        messages=messages,
        parameters=_parameters(fields),
        model=fields.optional("model", string),
        stream=fields.get("stream", boolean, False),
        include_usage=options.get("include_usage", boolean, False),
        logprobs=fields.optional("logprobs", boolean) or False,
    )


def render(engine: Engine, messages: Sequence[Message]) -> str:
    """Write the chat as a prompt. A last message of the assistant's is continued, as TGI does."""
    try:
        prompt = engine.render_chat(messages)
    except ValueError as error:
        raise Refusal(422, "template_error", f"Template error: {error}") from error
    if not messages or messages[-1]["role"] != "assistant":
        return prompt
    content = messages[-1]["content"]
    place = prompt.rfind(content)
    return prompt if place < 0 else prompt[: place + len(content)].rstrip()


def _check_tools(fields: Fields) -> None:
    tools = fields.optional("tools", sequence(_tool))
    choice = fields.optional("tool_choice", _tool_choice)
    fields.optional("tool_prompt", string)
    if tools and choice != "none":
        raise _no_tools()


def _tool(value: object) -> object:
    match value:
        case {
            "type": str(),
            "function": {"name": str(), "arguments": _} | {"name": str(), "parameters": _},
        }:
            return value
        case _:
            raise Unexpected(f"invalid type: {shown(value)}, expected struct Tool")


def _tool_choice(value: object) -> str:
    match value:
        case str(name) | {"type": "function", "function": {"name": str(name)}}:
            return name
        case _:
            raise Unexpected("data did not match any variant of untagged enum ToolTypeDeserializer")


def _parameters(fields: Fields) -> Parameters:
    do_sample, temperature = openai.sampled(fields)
    presence = fields.optional("presence_penalty", f32)
    newer = "max_completion_tokens" in fields.values
    return Parameters(
        temperature=temperature,
        # What TGI makes of it (lib.rs): 0 is a repetition penalty of 2.
        repetition_penalty=None if presence is None else presence + 2.0,
        frequency_penalty=fields.optional("frequency_penalty", f32),
        top_p=fields.optional("top_p", f32),
        do_sample=do_sample,
        max_new_tokens=fields.optional("max_completion_tokens" if newer else "max_tokens", u32),
        stop=tuple(fields.optional("stop", sequence(string)) or ()),
        seed=fields.optional("seed", u64),
        top_n_tokens=fields.optional("top_logprobs", u32),
        grammar=fields.optional("response_format", grammar),
    )


def _message(value: object) -> Message:
    if not isinstance(value, dict):
        raise Unexpected(f"invalid type: {shown(value)}, expected struct Message")
    if "role" not in value:
        raise Unexpected("missing field `role`")
    if value.get("name") is not None:
        string(value["name"])
    content = value.get("content")
    if content is None and value.get("tool_calls"):
        raise _no_tools()
    return {"role": string(value["role"]), "content": _content(content)}


def _content(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_chunk(chunk) for chunk in value)
    raise Unexpected("data did not match any variant of untagged enum MessageBody")


def _chunk(chunk: object) -> str:
    match chunk:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "image_url", "image_url": {"url": str()}}:
            raise invalid("image modality is not supported")
        case _:
            raise Unexpected("data did not match any variant of untagged enum MessageBody")


def _no_tools() -> Refusal:
    return Refusal(422, "tool_error", "Tool error: tools are not supported")
