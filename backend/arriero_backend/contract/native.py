"""TGI's own routes: /, /generate, /generate_stream, /tokenize, and what tells of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from arriero_backend.contract import answers
from arriero_backend.contract import parameters as rules
from arriero_backend.contract.body import read_json
from arriero_backend.contract.fields import Fields, boolean
from arriero_backend.contract.parameters import Parameters
from arriero_backend.contract.refusals import Refusal, invalid
from arriero_backend.contract.service import Service
from arriero_backend.contract.stream import Emit, EventStream, until_gone
from arriero_backend.engine import InputToken

GONE = Response(status_code=499)  # nobody reads it


class Native:
    """The handlers of these routes over one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def compatible(self, request: Request) -> Response:
        """POST /: the route of huggingface_hub. Answers with a list of one and the full text."""
        fields = Fields.of(await read_json(request), "CompatGenerateRequest")
        inputs, given = rules.read(fields)
        if given.return_full_text is None:
            given = replace(given, return_full_text=self._returns_full_text())
        if fields.get("stream", boolean, False):
            return self._streamed(inputs, given)
        return await self._whole(request, inputs, given, listed=True)

    async def generate(self, request: Request) -> Response:
        """POST /generate."""
        fields = Fields.of(await read_json(request), "GenerateRequest")
        return await self._whole(request, *rules.read(fields))

    async def generate_stream(self, request: Request) -> Response:
        """POST /generate_stream: 200 always, and errors as events."""
        fields = Fields.of(await read_json(request), "GenerateRequest")
        return self._streamed(*rules.read(fields))

    async def tokenize(self, request: Request) -> Response:
        """POST /tokenize, with the `<s>` that a generation would add."""
        inputs, _ = rules.read(Fields.of(await read_json(request), "GenerateRequest"))
        return answers.json_response(shown_tokens(self.service.engine.encode(inputs)))

    async def info(self, _: Request) -> Response:
        """GET /info."""
        return answers.json_response(self.service.info())

    async def models(self, _: Request) -> Response:
        """GET /v1/models."""
        model_id = self.service.engine.facts.model_id
        model = {"id": model_id, "object": "model", "created": 0, "owned_by": model_id}
        return answers.json_response({"object": "list", "data": [model]})

    async def health(self, _: Request) -> Response:
        """GET /, /health, /ping. The port opens when the engine is ready, so it is."""
        return Response()

    async def metrics(self, _: Request) -> Response:
        """GET /metrics."""
        return PlainTextResponse(self.service.show_metrics())

    def _returns_full_text(self) -> bool:
        return self.service.engine.facts.pipeline_tag in (None, "text-generation")

    async def _whole(
        self, request: Request, inputs: str, given: Parameters, *, listed: bool = False
    ) -> Response:
        self.service.metrics.requests += 1
        if given.best_of is not None and given.best_of > self.service.limits.max_best_of:
            raise invalid("`best_of` != 1 is not allowed for this endpoint")
        answer = await until_gone(request.receive, self._generated(inputs, given, listed))
        return answer or GONE

    async def _generated(self, inputs: str, given: Parameters, listed: bool) -> Response:
        async with self.service.generation(inputs, given) as generation:
            async for _ in generation:
                pass
        whole = answers.whole(generation, given, inputs)
        headers = answers.headers(generation, len(inputs))
        return answers.json_response([whole] if listed else whole, headers)

    def _streamed(self, inputs: str, given: Parameters) -> Response:
        self.service.metrics.requests += 1
        return EventStream(
            partial(self._tell, inputs, given),
            answers.stream_headers(len(inputs)),
            self.service.keep_alive,
        )

    async def _tell(self, inputs: str, given: Parameters, emit: Emit) -> None:
        try:
            _check_streamable(given)
            async with self.service.generation(inputs, given, stream=True) as generation:
                async for token in generation:
                    await emit(answers.compact(answers.piece(generation, token, given, inputs)))
        except Refusal as refusal:
            await emit(answers.compact(refusal.body))


def _check_streamable(given: Parameters) -> None:
    if given.best_of not in (None, 1):
        raise invalid("`best_of` != 1 is not supported when streaming tokens")
    if given.decoder_input_details:
        raise invalid("`decoder_input_details` == true is not supported when streaming tokens")


def shown_tokens(tokens: Sequence[InputToken]) -> list[dict[str, object]]:
    """Show input tokens (TokenizeResponse)."""
    return [
        {"id": token.id, "text": token.text, "start": token.start, "stop": token.stop}
        for token in tokens
    ]
