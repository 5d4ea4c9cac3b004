"""The law of JSON-RPC: every request is answered once, whatever comes in and whatever fails.

    body -> receive -> parameters -> a handler -> an answer

A subclass of pygls's protocol with a way of its own from a body to a handler. From pygls stay the
registered features, the typed messages and the built-in handlers. What it does otherwise, and why:
requests that cannot be read are answered too (pygls#438, #326), nothing is kept of what is done
(#607, #608), commands can be cancelled, late answers raise nothing (#621), and no traceback goes
to the client.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcMethodNotFound,
    JsonRpcParseError,
)
from pygls.protocol import LanguageServerProtocol

from arriero.errors import FramingError
from arriero.lsp.failures import told
from arriero.lsp.framing import MsgId, frame, is_id
from arriero.lsp.large_json import read
from arriero.lsp.tolerance import explain

if TYPE_CHECKING:
    from cattrs import Converter

    from arriero.lsp.server import Server

Handler = Callable[..., Any]

# The next message may be about the text that this one brings.
BEFORE_ALL_ELSE = frozenset({types.TEXT_DOCUMENT_DID_OPEN})

logger = logging.getLogger(__name__)


class Conversation(LanguageServerProtocol):
    """One client's messages. `writer` gets them with their headers, each in one piece."""

    _server: Server

    def __init__(self, server: Server, converter: Converter) -> None:
        super().__init__(server, converter)
        self._running: dict[MsgId, asyncio.Task[Any]] = {}  # requests
        self._heeding: set[asyncio.Task[Any]] = set()  # notifications

    def cancel_all(self) -> list[asyncio.Task[Any]]:
        """Cancel every handler that runs, and return their tasks."""
        tasks = [*self._running.values(), *self._heeding]
        for task in tasks:
            task.cancel()
        return tasks

    def refuse(self, error: FramingError) -> None:
        """Say why the connection ends, to whoever it may be."""
        self._answer_error(None, JsonRpcParseError(str(error)))

    # In ------------------------------------------------------------------------------------------

    async def receive(self, body: bytes) -> None:
        """Take one message. What is wrong with it goes back to the client; nothing is raised.

        The next one may come when this returns.
        """
        try:
            message = await read(body)
        except (ValueError, RecursionError):
            self._answer_error(None, JsonRpcParseError("The message is no JSON in UTF-8."))
            return
        if not isinstance(message, dict):
            self._answer_error(None, JsonRpcInvalidRequest("A message has to be one JSON object."))
            return
        await self._dispatch(message)

    async def _dispatch(self, message: dict[str, Any]) -> None:
        msg_id, method = message.get("id"), message.get("method")
        if method is None and ("result" in message or "error" in message):
            self._response(message)
        elif not isinstance(method, str):
            reason = JsonRpcInvalidRequest("A message needs a method, by name.")
            self._answer_error(msg_id if is_id(msg_id) else None, reason)
        elif "id" not in message:
            await self._notification(method, message.get("params"))
        elif is_id(msg_id):
            self._request(msg_id, method, message.get("params"))
        else:
            reason = JsonRpcInvalidRequest("A request's id has to be a number or a string.")
            self._answer_error(None, reason)

    def _request(self, msg_id: MsgId, method: str, raw: Any) -> None:
        try:
            if msg_id in self._running:
                raise JsonRpcInvalidRequest(f"A request with the id {msg_id!r} is still running.")
            self._admit(method)
            result = self._call(self._get_handler(method), self._params(method, raw))
        except Exception as error:
            self._answer_error(msg_id, error)
            return
        if not inspect.isawaitable(result):
            self._answer(msg_id, result)
            return
        task = asyncio.ensure_future(self._served(msg_id, result))
        self._running[msg_id] = task
        task.add_done_callback(partial(self._done, msg_id))

    async def _served(self, msg_id: MsgId, result: Awaitable[Any]) -> None:
        # Here and not when the task is done: that is told in another turn of the loop.
        self._answer(msg_id, await result)

    def _done(self, msg_id: MsgId, task: asyncio.Task[None]) -> None:
        self._running.pop(msg_id, None)
        if task.cancelled():
            self._answer_error(msg_id, asyncio.CancelledError())
        elif error := task.exception():
            self._answer_error(msg_id, error)

    async def _notification(self, method: str, raw: Any) -> None:
        if method == types.CANCEL_REQUEST:
            self._cancel(raw)
            return
        if not self._heeds(method):
            return
        try:
            result = self._call(self._get_handler(method), self._params(method, raw))
            if not inspect.isawaitable(result):
                return
            if method in BEFORE_ALL_ELSE:
                await result
            else:
                self._heed(method, asyncio.ensure_future(result))
        except JsonRpcMethodNotFound:
            logger.debug("No handler for the notification %s", method)
        except Exception as error:
            logger.error("The notification %s failed", method, exc_info=error)

    def _heed(self, method: str, task: asyncio.Task[Any]) -> None:
        def done(task: asyncio.Task[Any]) -> None:
            self._heeding.discard(task)
            if not task.cancelled() and (error := task.exception()):
                logger.error("The notification %s failed", method, exc_info=error)

        self._heeding.add(task)
        task.add_done_callback(done)

    def _cancel(self, raw: Any) -> None:
        # A cancellation that comes too late, or for nothing, is in order and has no answer.
        msg_id = raw.get("id") if isinstance(raw, dict) else None
        if is_id(msg_id) and (task := self._running.get(msg_id)):
            task.cancel()

    def _response(self, message: dict[str, Any]) -> None:
        """Take the client's answer to a request of ours."""
        msg_id = message.get("id")
        if not is_id(msg_id) or (future := self._request_futures.get(msg_id)) is None:
            logger.debug("An answer came that nobody waits for")
            return
        response_type = self._result_types.get(msg_id)
        try:
            if message.get("error") is not None:
                error = self._converter.structure(message["error"], types.ResponseError)
                raise JsonRpcException.from_error(error)
            if response_type is None:
                future.set_result(message.get("result"))
            else:
                future.set_result(self._converter.structure(message, response_type).result)
        except Exception as error:
            future.set_exception(error)

    # The way to a handler ------------------------------------------------------------------------

    def _admit(self, method: str) -> None:
        """Raise what the client gets for a request that may not come now."""
        raise NotImplementedError

    def _heeds(self, method: str) -> bool:
        """Tell whether a notification may come now."""
        raise NotImplementedError

    def _params(self, method: str, raw: Any) -> Any:
        """Return the typed parameters; those of methods of our own stay plain values."""
        kind: Any = types.METHOD_TO_TYPES.get(method, (None, None, None))[2]
        if kind is None:
            return raw
        try:
            # Left out, parameters are read as empty, which has the missing field named.
            return self._converter.structure({} if raw is None else raw, kind)
        except Exception as error:
            raise JsonRpcInvalidParams(f"The parameters of {method}: {explain(error)}") from error

    def _call(self, handler: Handler, params: Any) -> Any:
        """Run a handler; the result is an awaitable where there is something to wait for.

        Whatever can be done at once, all changes of documents among it, is done on return.
        """
        if inspect.isgeneratorfunction(handler):
            return self._advance(handler(params), None)
        return handler(params)

    def _advance(self, steps: Generator[Any, Any, Any], value: Any) -> Any:
        """Go on with a built-in handler of pygls; it yields the calls that it wants made."""
        try:
            while True:
                handler, args, kwargs = steps.send(value)
                value = handler(*args, **(kwargs or {}))
                if inspect.isawaitable(value):
                    return self._advance_after(steps, value)
        except StopIteration as end:
            return end.value

    async def _advance_after(self, steps: Generator[Any, Any, Any], value: Awaitable[Any]) -> Any:
        result = self._advance(steps, await value)
        return await result if inspect.isawaitable(result) else result

    # Out -----------------------------------------------------------------------------------------

    def _answer(self, msg_id: MsgId, result: Any) -> None:
        try:
            plain = self._converter.unstructure(result)
            self._write(frame({"jsonrpc": "2.0", "id": msg_id, "result": plain}))
        except Exception as error:
            self._answer_error(msg_id, error)

    def _answer_error(self, msg_id: MsgId | None, error: BaseException) -> None:
        code, message = told(error)
        if code == types.ErrorCodes.InternalError:
            logger.error("The request %r failed", msg_id, exc_info=error)
        answer = {"jsonrpc": "2.0", "id": msg_id, "error": {"code": code, "message": message}}
        self._write(frame(answer))

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: MsgId | None = None,
    ) -> Future[Any]:
        """Ask the client. Nothing is kept of the request once it is answered or given up."""
        own_id = str(uuid4()) if msg_id is None else msg_id
        future = super().send_request(method, params, callback, own_id)

        def forget(_: Future[Any]) -> None:
            self._request_futures.pop(own_id, None)
            self._result_types.pop(own_id, None)

        future.add_done_callback(forget)
        return future

    # pygls caches these two for good, and with them every protocol that ever asked.

    def get_message_type(self, method: str) -> Any:  # type: ignore[override]
        """Return the type of a method's message, or None."""
        return types.METHOD_TO_TYPES.get(method, (None,))[0]

    def get_result_type(self, method: str) -> Any:  # type: ignore[override]
        """Return the type of the response to a method, or None."""
        return types.METHOD_TO_TYPES.get(method, (None, None))[1]

    def _send_data(self, data: Any) -> None:
        """Send what pygls has put together: notifications, and requests of ours."""
        self._write(frame(self._converter.unstructure(data)))

    def _write(self, data: bytes) -> None:
        if self.writer is not None:
            self.writer.write(data)
