"""POST /v1/completions: text to be continued, one prompt or several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from arriero_backend.contract import answers, openai
from arriero_backend.contract.body import read_json
from arriero_backend.contract.fields import (
    Fields,
    Unexpected,
    boolean,
    f32,
    sequence,
    string,
    u32,
    u64,
)
from arriero_backend.contract.generation import Generation
from arriero_backend.contract.native import GONE
from arriero_backend.contract.parameters import Parameters
from arriero_backend.contract.refusals import Refusal
from arriero_backend.contract.service import Service
from arriero_backend.contract.stream import Emit, EventStream, until_gone


@dataclass(frozen=True, slots=True)
class Asked:
    """Prompts to be continued, all with the same parameters."""

    prompts: Sequence[str]
    parameters: Parameters
    stream: bool


class Completions:
    """The handler of this route over one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def complete(self, request: Request) -> Response:
        """Answer with the continuation of each prompt, whole or as a stream."""
        asked = read(Fields.of(await read_json(request), "CompletionRequest"))
        self.service.metrics.requests += 1
        most = self.service.limits.max_client_batch_size
        if len(asked.prompts) > most:
            message = f"Number of prompts exceeds the maximum allowed batch size of {most}"
            raise Refusal(422, "batch size exceeded", message)
        if asked.stream:
            headers = answers.stream_headers(sum(map(len, asked.prompts)))
            return EventStream(partial(self._tell, asked), headers, self.service.keep_alive)
        return await until_gone(request.receive, self._generated(asked)) or GONE

    async def _generated(self, asked: Asked) -> Response:
        generations = await _together(
            [self._continued(prompt, asked.parameters) for prompt in asked.prompts]
        )
        choices = [
            _choice(index, generation.text, openai.finish(generation))
            for index, generation in enumerate(generations)
        ]
        answer = self._envelope(choices) | {"usage": openai.usage(generations)}
        return answers.json_response(answer, answers.summed_headers(generations, asked.prompts))

    async def _continued(self, prompt: str, given: Parameters) -> Generation:
        async with self.service.generation(prompt, given) as generation:
            async for _ in generation:
                pass
        return generation

    async def _tell(self, asked: Asked, emit: Emit) -> None:
        async with asyncio.TaskGroup() as group:
            for index, prompt in enumerate(asked.prompts):
                group.create_task(self._tell_one(index, prompt, asked.parameters, emit))
        await emit(openai.DONE)

    async def _tell_one(self, index: int, prompt: str, given: Parameters, emit: Emit) -> None:
        try:
            async with self.service.generation(prompt, given, stream=True) as generation:
                async for token in generation:
                    chunk = self._envelope([_choice(index, token.text, generation.finish)])
                    if generation.finish:
                        chunk["usage"] = openai.usage([generation])
                    await emit(answers.compact(chunk))
        except Refusal as refusal:
            await emit(openai.event(refusal))

    def _envelope(self, choices: Sequence[dict[str, object]]) -> dict[str, object]:
        return openai.envelope("text_completion", self.service.engine.facts.model_id, choices)


def read(fields: Fields) -> Asked:
    """Read a CompletionRequest; raises Malformed, or Refusal for a suffix."""
    prompts = fields.required("prompt", _prompts)
    fields.optional("model", string)
    do_sample, temperature = openai.sampled(fields)
    parameters = Parameters(
        temperature=temperature,
        repetition_penalty=fields.optional("repetition_penalty", f32),
        frequency_penalty=fields.optional("frequency_penalty", f32),
        top_p=fields.optional("top_p", f32),
        do_sample=do_sample,
        max_new_tokens=fields.optional("max_tokens", u32),
        stop=tuple(fields.optional("stop", sequence(string)) or ()),
        seed=fields.optional("seed", u64),
    )
    if fields.optional("suffix", string) is not None:
        message = "Suffix is not supported and can be achieved by preprocessing the prompt."
        raise Refusal(422, "suffix not supported", message)
    return Asked(prompts, parameters, fields.get("stream", boolean, False))


def _prompts(value: object) -> Sequence[str]:
    match value:
        case str():
            return [value]
        case []:
            raise Unexpected("Empty array detected. Do not use an empty array for the prompt.")
        case list():
            return [string(prompt) for prompt in value]
        case _:
            raise Unexpected("data did not match any variant of untagged enum PromptDeserializer")


def _choice(index: int, text: str, finish: str | None) -> dict[str, object]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": finish or ""}


async def _together(work: Sequence[Coroutine[Any, Any, Generation]]) -> list[Generation]:
    """Run all; the first to fail ends the others, and its refusal is the answer."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
