"""The application: which route is answered by whom, and what stands before all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from arriero_backend.contract.completions import Completions
from arriero_backend.contract.conversations import Conversations
from arriero_backend.contract.guard import HostGuard, KeyGuard
from arriero_backend.contract.native import Native
from arriero_backend.contract.parameters import Limits
from arriero_backend.contract.refusals import Malformed, Refusal
from arriero_backend.contract.service import Service
from arriero_backend.contract.stream import KEEP_ALIVE_SECONDS
from arriero_backend.engine import Engine


def app(
    engine: Engine,
    *,
    key: str | None = None,
    max_stop_sequences: int = 4,
    max_client_batch_size: int = 4,
    keep_alive: float = KEEP_ALIVE_SECONDS,
    allowed_hosts: Collection[str] = (),
    counters: Callable[[], Mapping[str, float]] = dict,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Serve an engine by TGI's contract; it is started and closed with the application.

    `key` is asked for as TGI asks for its --api-key. `keep_alive` is in seconds. `allowed_hosts`
    are names besides loopback's by which the server may be called. `counters` returns further
    counts for /metrics by name; `routes` are further routes, which are not behind the key.
    """
    limits = Limits(max_stop_sequences, max_client_batch_size)
    service = Service(engine, limits, keep_alive, counters)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await engine.start()
        try:
            yield
        finally:
            await engine.close()

    return Starlette(
        routes=[*_routes(service, key), *routes],
        middleware=[Middleware(HostGuard, allowed=allowed_hosts)],
        exception_handlers={Refusal: _refused, Malformed: _malformed},
        lifespan=lifespan,
    )


def _routes(service: Service, key: str | None) -> list[BaseRoute]:
    """List the routes; the first group is behind the key (router/src/server.rs)."""
    native, conversations = Native(service), Conversations(service)
    keyed = {
        "/": native.compatible,
        "/generate": native.generate,
        "/generate_stream": native.generate_stream,
        "/tokenize": native.tokenize,
        "/v1/completions": Completions(service).complete,
        "/v1/chat/completions": conversations.complete,
    }
    told = {
        "/": native.health,
        "/info": native.info,
        "/health": native.health,
        "/ping": native.health,
        "/metrics": native.metrics,
        "/v1/models": native.models,
    }
    guard = [Middleware(KeyGuard, key=key)]
    return [
        *(Route(path, handler, methods=["GET"]) for path, handler in told.items()),
        Route("/chat_tokenize", conversations.tokenize, methods=["POST"]),
        *(
            Route(path, handler, methods=["POST"], middleware=guard)
            for path, handler in keyed.items()
        ),
    ]


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return JSONResponse(error.body, error.status)


async def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, Malformed)
    return PlainTextResponse(str(error), error.status)
