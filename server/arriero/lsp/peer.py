"""The client's end of the wire: requests out, answers in, and the other way round.

Plain JSON values and the standard library: a command that only asks something must not wait for
lsprotocol's 550 classes to be built.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol

from arriero.errors import Disconnected, ResponseError
from arriero.lsp.framing import Frames, frame, read_json

_PIECE = 64 * 1024  # bytes read at once
_METHOD_NOT_FOUND = -32601


Answer = Callable[[Any], Any]


class Reader(Protocol):
    """What asyncio's StreamReader has of this."""

    async def read(self, n: int) -> bytes:
        """Return some bytes, at most n, or none at the end."""
        ...


class Writer(Protocol):
    """What asyncio's StreamWriter has of this."""

    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was sent. Awaiting `answer` gives its result or raises ResponseError."""

    id: int
    answer: asyncio.Future[Any]


class Peer:
    """A JSON-RPC conversation.

    `answers` has, by method, what gives the result of a request from the other end, now or as an
    awaitable, or raises ResponseError; `hear(method, params)` takes a notification.
    """

    def __init__(
        self,
        writer: Writer,
        answers: Mapping[str, Answer],
        hear: Callable[[str, Any], None],
    ) -> None:
        self._writer = writer
        self._answers = answers
        self._hear = hear
        self._replying: set[asyncio.Task[None]] = set()
        self._ids = itertools.count(1)
        self._calls: dict[int, Call] = {}
        self._gone = False

    def send(self, method: str, params: Any = None) -> Call:
        """Send a request without waiting for its answer."""
        call = Call(next(self._ids), asyncio.get_running_loop().create_future())
        if self._gone:
            call.answer.set_exception(_gone())
            return call
        self._calls[call.id] = call
        self._write({"id": call.id, "method": method, "params": params})
        return call

    async def request(self, method: str, params: Any = None) -> Any:
        """Ask and wait. Cancelling this cancels the request at the other end.

        Raises ResponseError, or Disconnected.
        """
        call = self.send(method, params)
        try:
            return await call.answer
        except asyncio.CancelledError:
            self.cancel(call)
            raise

    def cancel(self, call: Call) -> None:
        """Tell the other end that nobody needs the answer any more; it still sends one."""
        if call.id in self._calls:
            self.notify("$/cancelRequest", {"id": call.id})

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        if not self._gone:
            self._write({"method": method, "params": params})

    async def listen(self, reader: Reader) -> None:
        """Take what comes until the other end closes; then every open request fails."""
        frames = Frames()
        try:
            while data := await reader.read(_PIECE):
                for body in frames.feed(data):
                    self._take(read_json(body))
        finally:
            self._gone = True
            for replying in self._replying:
                replying.cancel()
            for call in self._calls.values():
                if not call.answer.done():
                    call.answer.set_exception(_gone())
                    call.answer.exception()  # seen: not every call is waited for
            self._calls.clear()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._settle(message)
        elif "id" not in message:
            self._hear(message["method"], message.get("params"))
        else:
            self._reply(message["id"], message["method"], message.get("params"))

    def _settle(self, message: dict[str, Any]) -> None:
        call = self._calls.pop(message.get("id") or 0, None)
        if call is None or call.answer.done():
            return
        if error := message.get("error"):
            call.answer.set_exception(ResponseError(error["message"], error["code"]))
        else:
            call.answer.set_result(message.get("result"))

    def _reply(self, msg_id: int | str, method: str, params: Any) -> None:
        if (answer := self._answers.get(method)) is None:
            error = ResponseError(f"{method} is not known here.", _METHOD_NOT_FOUND)
            self._write({"id": msg_id, "error": _written(error)})
            return
        # A task of its own: what takes long here must not keep the other end's answers back.
        replying = asyncio.create_task(self._replied(msg_id, answer, params))
        self._replying.add(replying)
        replying.add_done_callback(self._replying.discard)

    async def _replied(self, msg_id: int | str, answer: Answer, params: Any) -> None:
        try:
            result = answer(params)
            self._write({"id": msg_id, "result": await result if isawaitable(result) else result})
        except ResponseError as error:
            self._write({"id": msg_id, "error": _written(error)})

    def _write(self, message: dict[str, Any]) -> None:
        message = {
            key: value for key, value in message.items() if key != "params" or value is not None
        }
        self._writer.write(frame({"jsonrpc": "2.0", **message}))


def _written(error: ResponseError) -> dict[str, Any]:
    return {"code": error.code, "message": str(error)}


def _gone() -> Disconnected:
    return Disconnected("The language server ended before it answered. Its log says why.")
