"""A server that says exactly the bytes it was told to, and notes what it was asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from enum import Enum

from arriero.core.dialects import Prompt
from arriero.model.endpoint import Endpoint

PROMPT = Prompt("x = ", stop=("<step>", "</s>"), end_ids=frozenset({2}), max_new_tokens=8)


class Then(Enum):
    """What a server can do besides writing bytes or waiting for an event."""

    HANG = "wait until the client closes the connection"
    CUT = "close the connection"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class RawServer:
    """Answers the first request with the first answer, and so on; the last one is repeated."""

    def __init__(self, *answers: tuple) -> None:
        self.answers = answers
        self.requests: list[Request] = []
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self.connections = 0
        self.tasks: set[asyncio.Task] = set()

    async def __aenter__(self) -> RawServer:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.server.wait_closed()

    def endpoint(self, **more) -> Endpoint:
        return Endpoint(self.url, **more)

    async def serve(self, reader, writer) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            while request := await read(reader):
                self.requests.append(request)
                self.asked.set()
                if not await self.say(self.answer(request), reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.left.set()
            writer.close()

    def answer(self, request: Request) -> tuple:
        return self.answers[min(len(self.requests), len(self.answers)) - 1]

    async def say(self, answer, reader, writer) -> bool:
        """Perform an answer; False when the connection is over."""
        for part in answer:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            elif isinstance(part, asyncio.Event):
                await part.wait()
            else:
                if part is Then.HANG:
                    await reader.read()
                return False
        return True


async def read(reader) -> Request | None:
    """Read one request; None when what comes is no HTTP, such as a TLS greeting."""
    head = await reader.read(1)
    if not head.isalpha():
        return None
    head += await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)


# What servers say ---------------------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(payload: dict) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def token(text: str, id: int = 7, *, special: bool = False, reason: str | None = None) -> bytes:
    """One event of a stream; with a reason it is the last."""
    details = reason and {"finish_reason": reason, "generated_tokens": 2, "seed": None}
    return event(
        {
            "index": 1,
            "token": {"id": id, "text": text, "logprob": -0.5, "special": special},
            "generated_text": "all of it" if reason else None,
            "details": details,
        }
    )


def stream(*events: bytes) -> tuple[bytes, ...]:
    return (HEAD, *map(chunk, events), END)


OK = stream(token("a"), token("b", reason="eos_token"))


def plain(status: str, body: bytes | str = b"", *headers: str) -> tuple[bytes]:
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(data)}", "", ""]
    return ("\r\n".join(lines).encode() + data,)
