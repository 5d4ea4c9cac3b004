"""What goes over a connection, as values: an answer as it should be, and what becomes of it.

    Answer -> fault -> Script, a list of steps: bytes to write, seconds to wait, or an End

A moment says how far the answer has come when the fault sets in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Literal

# In the order in which a request meets them.
Moment = Literal["meeting", "before", "head", "middle", "end", "whole", "idle"]


class End(Enum):
    """How a connection can end, or fail to."""

    CLOSE = "FIN: close it"
    RESET = "RST: break it"
    HANG = "say nothing more, until the client leaves"


Step = bytes | float | End
Script = Sequence[Step]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in HTTP/1.1; `pieces` are its body as the application sent it, event by event."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    pieces: tuple[bytes, ...]

    @property
    def head(self) -> bytes:
        """Status line and headers of a chunked answer."""
        return head(self.status, *self.headers, (b"transfer-encoding", b"chunked"))

    @property
    def script(self) -> list[Step]:
        """The answer as it should be."""
        return [self.head, *map(chunk, self.pieces), LAST]

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def until(self, moment: Moment) -> list[Step]:
        """Return the part of the answer that comes before a moment."""
        if moment == "head":
            return [self.head]
        if moment == "middle":
            return [self.head, *map(chunk, self.pieces[: len(self.pieces) // 2])]
        if moment == "end":
            return [self.head, *map(chunk, self.pieces[:-1])]
        return []

    def after(self, moment: Moment) -> list[Step]:
        """Return the rest of it."""
        return self.script[len(self.until(moment)) :]


LAST = b"0\r\n\r\n"


def head(status: int, *headers: tuple[bytes, bytes], version: str = "1.1") -> bytes:
    """Return a status line and headers."""
    first = f"HTTP/{version} {status} {HTTPStatus(status).phrase}\r\n".encode()
    return first + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n"


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(status: int, body: bytes = b"", *headers: tuple[bytes, bytes]) -> list[Step]:
    """Return an answer with a length."""
    return [head(status, *headers, (b"content-length", str(len(body)).encode())) + body]
