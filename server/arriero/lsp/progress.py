"""Work-done progress: the editor shows that something is going on, and lets people cancel it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from lsprotocol import types

from arriero.lsp.server import Server

Report = Callable[[str], None]


@asynccontextmanager
async def progress(
    ls: Server, title: str, token: types.ProgressToken | None = None
) -> AsyncGenerator[Report]:
    """Show progress while the body runs; call what this gives with what there is to say.

    `token` is the request's workDoneToken; without one the client is asked for a progress, and if
    it has none, all of this is silent. When people cancel, the body is cancelled like any task.
    """
    if token is None and not ls.client.progress:
        yield lambda message: None
        return
    display = _Display(ls, title, token if token is not None else str(uuid4()))
    if token is not None:
        display.begin()
    else:
        display.create()
    ls.work_done_progress.tokens[display.token] = _cancels_this_task()
    try:
        yield display.report
    finally:
        ls.work_done_progress.tokens.pop(display.token, None)
        display.end()


def _cancels_this_task() -> Future[Any]:
    """Return what pygls cancels on window/workDoneProgress/cancel, tied to the running task."""
    task = asyncio.current_task()
    assert task is not None
    future: Future[Any] = Future()
    future.add_done_callback(lambda _: task.cancel())
    return future


class _Display:
    """One progress at the client: nothing is sent before it is created, and the end always is."""

    def __init__(self, ls: Server, title: str, token: types.ProgressToken) -> None:
        self.token = token
        self._ls = ls
        self._title = title
        self._message: str | None = None
        self._begun = False
        self._ended = False

    def create(self) -> None:
        # Never awaited: Helix answers nothing while it waits for us (its codeAction/resolve).
        params = types.WorkDoneProgressCreateParams(self.token)
        self._ls.window_work_done_progress_create(params).add_done_callback(self._created)

    def _created(self, answer: Future[None]) -> None:
        if answer.cancelled() or answer.exception():
            return
        self.begin()
        if self._ended:
            self._send(types.WorkDoneProgressEnd())

    def begin(self) -> None:
        self._begun = True
        self._send(
            types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=self._message)
        )

    def report(self, message: str) -> None:
        self._message = message
        if self._begun:
            self._send(types.WorkDoneProgressReport(message=message))

    def end(self) -> None:
        self._ended = True
        if self._begun:
            self._send(types.WorkDoneProgressEnd())

    def _send(self, value: Any) -> None:
        self._ls.progress(types.ProgressParams(self.token, value))
