"""Running an application on loopback, as a program that others can start and trust to end.

When it is ready it says so in one line of JSON on stdout:

    {"url": "http://127.0.0.1:8080", "pid": 4711}
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# How often a server that can be done looks whether it is, in seconds.
LOOK_EVERY = 0.25

# How long answers may go on when we are told to stop, in seconds.
GRACE_SECONDS = 1
HIGHEST_PORT = 65535

logger = logging.getLogger(__name__)


def run(
    app: ASGIApp,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    socket_file: Path | None = None,
    until_stdin_closes: bool = False,
    ready: Callable[[str], None] = lambda url: None,
    done: Callable[[], bool] = lambda: False,
) -> int:
    """Serve until told to stop (SIGINT, SIGTERM, Ctrl-C) and return the exit code.

    Port 0 is any free port. With a `socket_file` we listen there, and at no port. With
    `until_stdin_closes` a parent holds our stdin as a pipe: when the parent is gone, however it
    went, so are we. `ready` hears our address before others are told it; once `done` is true, we
    end.
    """
    if not 0 <= port <= HIGHEST_PORT:
        return _say(f"{port} is no port: ports are numbers from 0 to {HIGHEST_PORT}.", 2)
    try:
        listener = _unix(socket_file) if socket_file else _listener(host, port)
    except OSError as error:
        return _say(_not_bound(str(socket_file or f"Port {port} on {host}"), error))
    watched = Watched(app)
    config = uvicorn.Config(
        watched,
        http="h11",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config, ready, done)
    if until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    try:
        with _signals_end_us():
            server.run(sockets=[listener])
    except SystemExit as ended:
        if ended.code:
            return _say(watched.failure or "The server could not start.")
    finally:
        listener.close()
    return 0


class Server(uvicorn.Server):
    """Says where it is as soon as it answers, and ends when it is done."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[str], None], done: Callable[[], bool]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._done = done

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets
        url = _address(sockets[0])
        self._ready(url)
        print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)
        self._watching = asyncio.create_task(self._end_when_done())

    async def _end_when_done(self) -> None:
        while not self._done():  # noqa: ASYNC110 (what it waits for is time that passes)
            await asyncio.sleep(LOOK_EVERY)
        self.should_exit = True


def _address(listener: socket.socket) -> str:
    name = listener.getsockname()
    if isinstance(name, str):
        return f"unix://{name}"
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Watched:
    """The application, with what goes wrong in it said in our words and not in uvicorn's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.failure = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                # The message is a traceback; its last line is `Type: what happened`.
                self.failure = message["message"].strip().rpartition("\n")[2].partition(": ")[2]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ConnectionError:
            raise
        except Exception:
            if scope["type"] != "lifespan":
                logger.exception("a request failed in a way that was not foreseen")
            raise


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port that was just left can be taken again. On Windows the option means to share.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def _unix(file: Path) -> socket.socket:
    """Listen at a file, in the place of whatever was there."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        file.unlink(missing_ok=True)
        listener.bind(str(file))
    except BaseException:
        listener.close()
        raise
    return listener


@contextmanager
def _signals_end_us() -> Iterator[None]:
    """Make SIGINT and SIGTERM a clean exit: uvicorn raises them again after its own shutdown."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _stop_at_end_of_stdin(server: uvicorn.Server) -> None:
    # os.read, because a thread blocked in sys.stdin.buffer.read holds a lock that exit needs.
    try:
        while os.read(sys.stdin.fileno(), 4096):
            pass
    finally:
        server.should_exit = True


def _not_bound(place: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    return (
        f"{place} cannot be used: {reason.lower()}. "
        "Stop what uses it, or choose another port (0 is any free one)."
    )


def _say(sentence: str, code: int = 1) -> int:
    print(sentence, file=sys.stderr)
    return code
