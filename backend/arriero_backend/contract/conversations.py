"""POST /v1/chat/completions and /chat_tokenize: chats, by the model's own template."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from arriero_backend.contract import answers, chat, openai
from arriero_backend.contract.body import read_json
from arriero_backend.contract.chat import Chat
from arriero_backend.contract.fields import Fields
from arriero_backend.contract.generation import Generation
from arriero_backend.contract.native import GONE, shown_tokens
from arriero_backend.contract.refusals import Refusal
from arriero_backend.contract.service import Service
from arriero_backend.contract.stream import Emit, EventStream, until_gone
from arriero_backend.engine import Token

Object = dict[str, object]


class Conversations:
    """The handlers of these routes over one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def tokenize(self, request: Request) -> Response:
        """POST /chat_tokenize: the prompt that a chat makes, and its tokens."""
        self.service.metrics.requests += 1
        asked = chat.read(Fields.of(await read_json(request), "ChatRequest"))
        prompt = chat.render(self.service.engine, asked.messages)
        tokens = self.service.engine.encode(prompt, add_special_tokens=False)
        return answers.json_response(
            {"tokenize_response": shown_tokens(tokens), "templated_text": prompt}
        )

    async def complete(self, request: Request) -> Response:
        """POST /v1/chat/completions. A chat that the template refuses is a 422, streamed or not."""
        asked = chat.read(Fields.of(await read_json(request), "ChatRequest"))
        self.service.metrics.requests += 1
        prompt = chat.render(self.service.engine, asked.messages)
        if asked.stream:
            headers = answers.stream_headers(len(prompt))
            return EventStream(partial(self._tell, asked, prompt), headers, self.service.keep_alive)
        return await until_gone(request.receive, self._generated(asked, prompt)) or GONE

    async def _generated(self, asked: Chat, prompt: str) -> Response:
        # The template writes `<s>` itself.
        async with self.service.generation(
            prompt, asked.parameters, add_special_tokens=False
        ) as generation:
            async for _ in generation:
                pass
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": generation.text},
            "logprobs": _logprobs(generation.tokens) if asked.logprobs else None,
            "finish_reason": openai.finish(generation),
        }
        answer = openai.envelope("chat.completion", self._model(asked), [choice])
        answer["usage"] = openai.usage([generation])
        return answers.json_response(answer, answers.headers(generation, len(prompt)))

    async def _tell(self, asked: Chat, prompt: str, emit: Emit) -> None:
        try:
            async with self.service.generation(
                prompt, asked.parameters, add_special_tokens=False, stream=True
            ) as generation:
                async for token in generation:
                    choice = _delta(token, generation, logprobs=asked.logprobs)
                    await emit(answers.compact(self._chunk(asked, [choice], None)))
                if asked.include_usage:
                    usage = openai.usage([generation])
                    await emit(answers.compact(self._chunk(asked, [], usage)))
        except Refusal as refusal:
            await emit(openai.event(refusal))
        await emit(openai.DONE)

    def _chunk(self, asked: Chat, choices: list[Object], usage: dict[str, int] | None) -> Object:
        chunk = openai.envelope("chat.completion.chunk", self._model(asked), choices)
        return chunk | {"usage": usage}

    def _model(self, asked: Chat) -> str:
        named = asked.model not in (None, "tgi")
        return str(asked.model) if named else self.service.engine.facts.model_id


def _delta(token: Token, generation: Generation, *, logprobs: bool) -> Object:
    return {
        "index": 0,
        # Special tokens are blanked in chats, not in the other streams (chat.rs).
        "delta": {"role": "assistant", "content": "" if token.special else token.text},
        "logprobs": _logprobs([token]) if logprobs else None,
        "finish_reason": openai.finish(generation),
    }


def _logprobs(tokens: list[Token]) -> Object:
    return {
        "content": [
            {"token": each.text, "logprob": answers.token(each)["logprob"], "top_logprobs": []}
            for each in tokens
        ]
    }
