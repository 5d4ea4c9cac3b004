"""The simulated model behind TGI's contract, with a window for tests, and faults of the wire."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arriero_backend import contract
from arriero_backend.simulated.engine import SimulatedEngine


def app(engine: SimulatedEngine, *, key: str | None = None) -> ASGIApp:
    """Serve the engine. GET /simulated shows what it was asked; it is not behind the key."""

    async def show(_: Request) -> Response:
        return JSONResponse(engine.report())

    routes = [Route("/simulated", show, methods=["GET"])]
    served = contract.app(engine, key=key, counters=engine.counters, routes=routes)
    return BrokenConnection(served, engine)


class BrokenConnection:
    """Breaks off answers to POST requests after the ordered number of events.

    An answer that is no stream breaks off between its head and its body.
    """

    def __init__(self, app: ASGIApp, engine: SimulatedEngine) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self.engine.orders.drop_at
        if limit is None or scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        events = 0

        async def send_until_broken(message: Message) -> None:
            nonlocal events
            if message["type"] == "http.response.body":
                is_event = message["body"].startswith(b"data:")
                if not is_event or events >= limit:
                    raise ConnectionAbortedError("the connection is broken, as ordered")
                events += 1
            await send(message)

        await self.app(scope, receive, send_until_broken)
