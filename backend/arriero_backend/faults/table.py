"""The faults that can be ordered: one row each, with the moments at which it can occur.

Where a fault has fewer moments than others, `elsewhere` says why the rest is left out. A `harmless`
one is within what HTTP and event streams allow, so the answer has to come through it unchanged.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain

from arriero_backend.faults.script import (
    LAST,
    Answer,
    End,
    Moment,
    Script,
    Step,
    chunk,
    head,
    whole,
)

REFUSED: tuple[Moment, ...] = ("meeting", "before")  # in place of an answer
STREAMED: tuple[Moment, ...] = ("head", "middle", "end")  # within an answer
WHOLE: tuple[Moment, ...] = ("whole",)  # all of the answer is written so
HTML, JSON = (b"content-type", b"text/html"), (b"content-type", b"application/json")
STREAM = (b"content-type", b"text/event-stream")
PAGE = b"<!doctype html><title>Bad gateway</title><h1>nginx</h1>"

IN_PLACE = "the status stands before everything else in an answer"
ONCE_BEGUN = "before the head, nothing of a stream has begun"
ALL_OF_IT = "it is about how the whole answer is written"

Play = Callable[[Answer, Moment], Script]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `says` is part of what a person reads who asked; None where nothing is lost.

    It is "" where what is read depends on what was asked.
    """

    about: str
    play: Play
    moments: tuple[Moment, ...]
    elsewhere: str
    says: str | None = None

    @property
    def harmless(self) -> bool:
        """Whether the answer comes through."""
        return self.says is None


def _status(
    about: str, says: str, code: int, body: bytes = b"", *headers: tuple[bytes, bytes]
) -> Fault:
    return Fault(about, lambda answer, moment: whole(code, body, *headers), REFUSED, IN_PLACE, says)


def _error(kind: str, words: str) -> bytes:
    return json.dumps({"error": words, "error_type": kind}).encode()


def _broken(about: str, says: str, *steps: Step, moments: tuple[Moment, ...]) -> Fault:
    """Return a fault that does this in place of the rest of an answer."""
    elsewhere = "a kept connection that dies is a row of its own"
    return Fault(
        about, lambda answer, moment: [*answer.until(moment), *steps], moments, elsewhere, says
    )


def _inserted(about: str, data: bytes, says: str | None = None) -> Fault:
    """Return a fault that puts bytes between two events."""

    def play(answer: Answer, moment: Moment) -> Script:
        return [*answer.until(moment), chunk(data), *answer.after(moment)]

    return Fault(about, play, STREAMED, ONCE_BEGUN, says)


def _rewritten(about: str, write: Callable[[Answer], Script], says: str | None = None) -> Fault:
    return Fault(about, lambda answer, moment: write(answer), WHOLE, ALL_OF_IT, says)


def _lines(end: bytes) -> Callable[[Answer], Script]:
    def write(answer: Answer) -> Script:
        pieces = (piece.replace(b"\n", end) for piece in answer.pieces)
        return [answer.head, *map(chunk, pieces), LAST]

    return write


def _cut(answer: Answer, moment: Moment, end: End) -> Script:
    """Break off within an event, and where it can be within a character."""
    event = answer.pieces[len(answer.pieces) // 2]
    place = next((at for at, byte in enumerate(event) if byte >= 0x80), len(event) // 2 - 1) + 1
    return [*answer.until("middle"), b"%x\r\n" % len(event) + event[:place], end]


def _unzipped(answer: Answer) -> Script:
    bomb = gzip.compress(b"x" * 20_000_000)
    return whole(200, bomb, STREAM, (b"content-encoding", b"gzip"))


def _longest_line(answer: Answer, moment: Moment) -> Script:
    megabyte = chunk(b"x" * 1_000_000)
    return [*answer.until(moment), chunk(b"data: "), *[megabyte] * 64, End.HANG]


def _many(event: bytes) -> Play:
    def play(answer: Answer, moment: Moment) -> Script:
        return [*answer.until(moment), *[chunk(event * 1000)] * 1000, End.HANG]

    return play


def _token(text: str) -> bytes:
    token = {"id": 9, "text": text, "logprob": -0.1, "special": False}
    event = {"index": 1, "token": token, "generated_text": None, "details": None}
    return b"data: " + json.dumps(event, ensure_ascii=True).encode() + b"\n\n"


def _at_once(answer: Answer) -> Script:
    return [answer.head + chunk(answer.body) + LAST]


def _bytes(answer: Answer) -> Script:
    every = b"".join(step for step in answer.script if isinstance(step, bytes))
    return [every[at : at + 1] for at in range(len(every))]


def _dripped(answer: Answer) -> Script:
    steps = [step for step in answer.script if isinstance(step, bytes)]
    return list(chain.from_iterable((step[:1], 0.01, step[1:]) for step in steps))


def _continued(answer: Answer) -> Script:
    return [head(100) + head(103, (b"link", b"</x>"))[:-2] + b"\r\n", *answer.script]


def _with_extensions(answer: Answer) -> Script:
    pieces = (b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in answer.pieces)
    return [answer.head, *pieces, b"0\r\nx-trailer: 1\r\n\r\n"]


def _old_http(answer: Answer) -> Script:
    return [head(answer.status, *answer.headers, version="1.0") + answer.body, End.CLOSE]


def _with_length(answer: Answer, off: int) -> Script:
    length = str(len(answer.body) + off).encode()
    return [
        head(answer.status, *answer.headers, (b"content-length", length)) + answer.body,
        End.CLOSE,
    ]


def _closed(answer: Answer) -> Script:
    closing = head(
        answer.status,
        *answer.headers,
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"close"),
    )
    return [closing, *answer.script[1:], End.CLOSE]


def _with_first(field: bytes) -> Callable[[Answer], Script]:
    """Return what puts a field before the others of every event."""

    def write(answer: Answer) -> Script:
        pieces = (piece.replace(b"{", b"{%b," % field, 1) for piece in answer.pieces)
        return [answer.head, *map(chunk, pieces), LAST]

    return write


def _noted(answer: Answer) -> Script:
    """Put what a reader has to pass over round every event."""
    around = b": a comment\n\nid: 7\nretry: 10\nevent: message\nmood: fine\nnocolon\n%b"
    return [answer.head, *(chunk(around % piece) for piece in answer.pieces), LAST]


TOLD, FIRST, SILENT = (f"deadlines.{name}" for name in ("info", "first_token", "between_tokens"))
CLOSED = "closed the connection"
OTHER_KIND, BUSY, GAVE_UP = "events of another kind", "is busy or still loading", "gave up while it"
NO_SERVER, KEY = "not as a model server does", "asks for a key"
NO_END, NO_TEXT = "one event has no end", "characters that no text has"
LATE = (b"retry-after", b"1")

FAULTS: Mapping[str, Fault] = {
    # Connections
    "silent": _broken("it says nothing of itself", TOLD, End.HANG, moments=("meeting",)),
    "hang": _broken("it reads and says nothing", FIRST, End.HANG, moments=("before",)),
    "hang after head": _broken("head and no event", FIRST, End.HANG, moments=("head",)),
    "stall": _broken("it falls silent", SILENT, End.HANG, moments=("middle", "end")),
    "reset": _broken("RST", CLOSED, End.RESET, moments=(*REFUSED, *STREAMED)),
    "close": _broken("FIN", CLOSED, End.CLOSE, moments=(*REFUSED, *STREAMED)),
    "reset within a character": Fault(
        "RST within an event, and a character if it has a wide one",
        lambda answer, moment: _cut(answer, moment, End.RESET),
        ("middle",),
        "other moments are between events",
        CLOSED,
    ),
    "close within an event": Fault(
        "FIN within an event",
        lambda answer, moment: _cut(answer, moment, End.CLOSE),
        ("middle",),
        "other moments are between events",
        CLOSED,
    ),
    "ended": _broken("the body ends, the answer does not", CLOSED, LAST, moments=STREAMED),
    "dead when kept": Fault(
        "the kept connection is closed when the next request comes",
        lambda answer, moment: [End.CLOSE],
        ("idle",),
        "only a kept connection can die unseen",
    ),
    "reset when kept": Fault(
        "the kept connection is reset when the next request comes",
        lambda answer, moment: [End.RESET],
        ("idle",),
        "only a kept connection can die unseen",
    ),
    # Framing that is allowed
    "drip": _rewritten("the first byte of each event comes alone and early", _dripped),
    "byte by byte": _rewritten("each byte is a segment", _bytes),
    "at once": _rewritten("a proxy held all of it back", _at_once),
    "CRLF": _rewritten("lines end in CRLF", _lines(b"\r\n")),
    "CR": _rewritten("lines end in CR", _lines(b"\r")),
    "BOM": _rewritten(
        "a byte order mark comes first",
        lambda answer: [answer.head, chunk(b"\xef\xbb\xbf"), *answer.script[1:]],
    ),
    "comments and fields": _rewritten("comments, other fields, a field without colon", _noted),
    "connection: close": _rewritten("every answer ends its connection", _closed),
    "HTTP/1.0": _rewritten("an answer without a length ends with its connection", _old_http),
    "1xx": _rewritten("interim answers come first", _continued),
    "extensions and trailers": _rewritten(
        "chunks have extensions, the body a trailer", _with_extensions
    ),
    "too long a length": _rewritten(
        "it is longer than the body", lambda answer: _with_length(answer, 9)
    ),
    "too short a length": _rewritten(
        "the last event is cut", lambda answer: _with_length(answer, -9), CLOSED
    ),
    # Refusals
    "429": _status("busy", BUSY, 429, _error("overloaded", "Model is overloaded"), JSON),
    "429, seconds": _status("busy, and when to come back", BUSY, 429, b"", LATE),
    "429, date": _status(
        "the same as a date", BUSY, 429, b"", (b"retry-after", b"Sun, 06 Nov 1994 08:49:37 GMT")
    ),
    "502": _status("a gateway without a server", BUSY, 502, PAGE, HTML),
    "503": _status("still loading", BUSY, 503, _error("healthcheck", "unhealthy"), JSON),
    "504": _status("a gateway whose server is slow", BUSY, 504, PAGE, HTML),
    "500": _status("the server is at fault", GAVE_UP, 500, b"boom"),
    "424": _status("the generation failed", GAVE_UP, 424, _error("generation", "CUDA"), JSON),
    "422": _status("the request is refused", "refuses the request", 422, b"bad", JSON),
    "422, length": _status(
        "too many tokens, also when asked with less",
        "do not fit",
        422,
        _error("validation", "Input validation error: `inputs` must have less than 9 tokens"),
        JSON,
    ),
    "401": _status("the key is wrong", KEY, 401),
    "403": _status("the key may not", KEY, 403, PAGE, HTML),
    "404": _status("there is no such route", NO_SERVER, 404, b"Not Found"),
    "405": _status("the route is another's", NO_SERVER, 405),
    "redirect to itself": _status("a redirect loop", "it redirects", 302, b"", (b"location", b"/")),
    "redirect elsewhere": _status(
        "to another host, with the key",
        "it redirects",
        307,
        b"",
        (b"location", b"http://evil.example/"),
    ),
    "407": _status("a proxy asks for a password", "The proxy on the way", 407),
    "web page": _status("a captive portal", NO_SERVER, 200, PAGE, HTML),
    "wrong type": _status("plain text", NO_SERVER, 200, b"hello", (b"content-type", b"text/plain")),
    # Events
    "error event": _inserted(
        "an error", b"data:" + _error("generation", "CUDA") + b"\n\n", GAVE_UP
    ),
    "overload event": _inserted(
        "it is busy", b"data: " + _error("overloaded", "x") + b"\n\n", BUSY
    ),
    "length event": _inserted(
        "too many tokens",
        b"data: " + _error("validation", "`inputs` must have less than 9 tokens") + b"\n\n",
        "do not fit",
    ),
    "empty data": _inserted("an event without data", b"data:\n\n", OTHER_KIND),
    "truncated JSON": _inserted("half an object", b'data: {"token": {"text"\n\n', OTHER_KIND),
    "NaN": _inserted("NaN in place of an object", b"data: NaN\n\n", OTHER_KIND),
    "array": _inserted("an array", b"data: []\n\n", OTHER_KIND),
    "no token": _inserted("an object of another kind", b'data: {"a": 1}\n\n', OTHER_KIND),
    "duplicate keys": _rewritten("each event has another token first", _with_first(b'"token":[]')),
    "line separators": _rewritten(
        "each event has U+0085, U+2028 and U+2029 as they are",
        _with_first('"mood":"\x85\u2028\u2029"'.encode()),
    ),
    "NUL": _inserted("a token that no text has", _token("\0"), NO_TEXT),
    "lone surrogate": _inserted("half a character", _token("\ud800"), NO_TEXT),
    "invalid UTF-8": _inserted("bytes that are no text", b"data: \xff\xfe\n\n", OTHER_KIND),
    # Floods
    "longest line": Fault(
        "a line of 64 MB", _longest_line, ("head", "middle"), "as in the middle", NO_END
    ),
    "endless prose": Fault(
        "a million tokens", _many(_token("so ")), ("head",), "answers are cut at their limit", ""
    ),
    "endless comments": Fault(
        "a million comments",
        _many(b": x\n\n"),
        ("head", "middle"),
        "as in the middle",
        NO_END,
    ),
    "gzip bomb": _rewritten("20 MB in 20 KB", _unzipped, NO_SERVER),
}
