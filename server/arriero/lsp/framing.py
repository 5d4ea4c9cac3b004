r"""Bytes to message bodies and back: the headers that the LSP base protocol puts before each JSON.

    Content-Length: 52\r\n
    \r\n
    {"jsonrpc": ...}

This is also the place that writes and reads JSON for the wire; large_json.py reads what is large.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeGuard

from arriero.errors import FramingError

# Both protect the memory. The longest message that people cause is a didOpen, and editors do not
# open files of this size as text.
MAX_HEADER = 4096  # bytes, for all header lines of a message together
MAX_BODY = 256 * 1024 * 1024  # bytes

MsgId = int | str  # of a request

_TOKEN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Frames:
    """Cuts a stream of bytes, arriving in any pieces, into message bodies."""

    def __init__(self, max_body: int = MAX_BODY) -> None:
        self._buffer = bytearray()
        self._max_body = max_body
        self._header = 0  # bytes of header lines read of the current message
        self._length: int | None = None
        self._in_body = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the bodies that are complete with these bytes. Raises FramingError."""
        self._buffer += data
        while self._in_body or self._read_header():
            assert self._length is not None
            if len(self._buffer) < self._length:
                return
            with memoryview(self._buffer) as received:  # copied once: it may be a large file
                body = bytes(received[: self._length])
            del self._buffer[: self._length]
            self._in_body, self._length, self._header = False, None, 0
            yield body

    def _read_header(self) -> bool:
        """Read header lines; tell whether the empty line behind them was there."""
        while (end := self._buffer.find(b"\n", 0, MAX_HEADER)) >= 0:
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            self._header += end + 1
            if self._header > MAX_HEADER:
                break
            if line:
                self._read_field(line)
            elif self._length is None:
                raise FramingError("A message came without Content-Length.")
            else:
                self._in_body = True
                return True
        if self._header + len(self._buffer) > MAX_HEADER:
            raise FramingError(f"A message's header is longer than {MAX_HEADER} bytes.")
        return False

    def _read_field(self, line: bytes) -> None:
        # Strict in this one point: `POST / HTTP/1.1` is no field, so whatever a web page can make
        # a browser send ends here, before any body of it is read.
        name, colon, value = line.partition(b":")
        name, value = name.strip(), value.strip()
        if not colon or not name or not _TOKEN.issuperset(name):
            raise FramingError("This is not the Language Server Protocol: no header field.")
        if name.lower() != b"content-length":
            return
        if not value.isdigit() or len(value) > 12:
            raise FramingError("A message came with a Content-Length that is no length.")
        if int(value) > self._max_body:
            raise FramingError(
                f"A message of {int(value)} bytes came; the most that is read is {self._max_body}."
            )
        self._length = int(value)


def read_json(body: bytes) -> Any:
    """Return what a message body says. Raises ValueError (also for bytes that are not UTF-8)."""
    return json.loads(body)


def is_id(value: object) -> TypeGuard[MsgId]:
    """Tell whether a request may have this id."""
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def frame(message: Any) -> bytes:
    """Return a message, made of plain JSON values, with its header.

    Raises TypeError or ValueError for what JSON cannot say.
    """
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
