"""The table: what a client sends, and what has to come back. Codes are those of the protocol.

From the base protocol, the lifecycle and the text positions of LSP 3.18.
"""

from __future__ import annotations

import json

from arriero.lsp.framing import frame

URI = "file:///project/a.py"
PARSE, INVALID, UNKNOWN, PARAMS = -32700, -32600, -32601, -32602
EARLY, FAILED, CANCELLED = -32002, -32803, -32800
OK = "result"


def raw(body: bytes, *headers: bytes) -> bytes:
    lines = headers or (b"Content-Length: %d" % len(body),)
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def message(**parts: object) -> bytes:
    return frame({"jsonrpc": "2.0", **parts})


def ask(id_: object, method: str = "textDocument/codeAction", **params: object) -> bytes:
    return message(id=id_, method=method, params=params)


def status(id_: object) -> bytes:
    return message(id=id_, method="arriero/status")


def body(id_: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": "arriero/status"}).encode()


def at(line: object, character: object, **changes: object) -> bytes:
    position = {"line": line, "character": character}
    params = {"textDocument": {"uri": URI}, "position": position, "context": {"triggerKind": 2}}
    return ask(1, "textDocument/inlineCompletion", **{**params, **changes})


def cancel(id_: object) -> bytes:
    return message(method="$/cancelRequest", params={"id": id_})


def large(text: bytes) -> bytes:
    """Return a didOpen with this text, which is JSON already."""
    item = b'{"uri":"%b","languageId":"python","version":1,"text":"%b"}' % (URI.encode(), text)
    head = b'{"jsonrpc":"2.0","method":"textDocument/didOpen"'
    return raw(head + b',"params":{"textDocument":%b}}' % item)


MEGABYTES = 3_000_000
B = body(1)
N = b"%d" % len(B)

# Name, bytes, and the answers in order: (id, an error's code or OK).
SERVED = [
    # Framing
    ("two messages in one write", status(1) + status(2), [(1, OK), (2, OK)]),
    ("a lower-case header", raw(B, b"content-length: " + N), [(1, OK)]),
    ("an upper-case header", raw(B, b"CONTENT-LENGTH: " + N), [(1, OK)]),
    ("no space behind the colon", raw(B, b"Content-Length:" + N), [(1, OK)]),
    ("many spaces behind the colon", raw(B, b"Content-Length:    " + N), [(1, OK)]),
    ("a tab behind the colon", raw(B, b"Content-Length:\t" + N), [(1, OK)]),
    ("a space before the colon", raw(B, b"Content-Length : " + N), [(1, OK)]),
    ("spaces behind the number", raw(B, b"Content-Length: " + N + b"  "), [(1, OK)]),
    ("leading zeros", raw(B, b"Content-Length: 000" + N), [(1, OK)]),
    (
        "Content-Type before",
        raw(
            B,
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8",
            b"Content-Length: " + N,
        ),
        [(1, OK)],
    ),
    (
        "Content-Type behind, with utf8 for utf-8",
        raw(B, b"Content-Length: " + N, b"Content-Type: application/vscode-jsonrpc; charset=utf8"),
        [(1, OK)],
    ),
    ("a header nobody knows", raw(B, b"X-Y: z", b"Content-Length: " + N), [(1, OK)]),
    ("line ends without CR", b"Content-Length: " + N + b"\n\n" + B, [(1, OK)]),
    ("spaces around the JSON", raw(b"  " + B + b"\r\n "), [(1, OK)]),
    # What is no JSON-RPC
    ("no JSON", raw(b"{nonsense"), [(None, PARSE)]),
    ("an empty body", raw(b""), [(None, PARSE)]),
    ("cut off JSON", raw(B[:-1]), [(None, PARSE)]),
    ("bytes that are no UTF-8", raw(b'{"id": 1, "method": "\xff"}'), [(None, PARSE)]),
    ("nested without end", raw(b"[" * 100_000), [(None, PARSE)]),
    ("a batch", raw(b"[" + B + b"]"), [(None, INVALID)]),
    ("an empty batch", raw(b"[]"), [(None, INVALID)]),
    ("a number", raw(b"1"), [(None, INVALID)]),
    ("a string", raw(b'"x"'), [(None, INVALID)]),
    ("null", raw(b"null"), [(None, INVALID)]),
    ("true", raw(b"true"), [(None, INVALID)]),
    ("an empty object", raw(b"{}"), [(None, INVALID)]),
    ("no method", message(id=1), [(1, INVALID)]),
    ("a method that is a number", message(id=1, method=7), [(1, INVALID)]),
    ("a method that is null", message(id=1, method=None), [(1, INVALID)]),
    ("a good message behind a bad one", raw(b"{") + status(1), [(None, PARSE), (1, OK)]),
    # Ids
    ("the id 0", status(0), [(0, OK)]),
    ("a negative id", status(-5), [(-5, OK)]),
    ("the largest id", status(2**31 - 1), [(2**31 - 1, OK)]),
    ("a text as id", status("a-1"), [("a-1", OK)]),
    ("an empty text as id", status(""), [("", OK)]),
    ("an id outside ASCII", status("ä😀"), [("ä😀", OK)]),
    ("1 and '1' are two ids", status(1) + status("1"), [(1, OK), ("1", OK)]),
    ("an id used again when it is free", status(1) + status(1), [(1, OK), (1, OK)]),
    ("null as id", status(None), [(None, INVALID)]),
    ("true as id", status(True), [(None, INVALID)]),
    ("a fraction as id", status(1.5), [(None, INVALID)]),
    ("a list as id", status([1]), [(None, INVALID)]),
    ("an object as id", status({}), [(None, INVALID)]),
    # Methods and parameters
    ("a method nobody knows", ask(1, "textDocument/teleport"), [(1, UNKNOWN)]),
    ("a $/ request nobody knows", ask(1, "$/teleport"), [(1, UNKNOWN)]),
    ("a $/ notification nobody knows", message(method="$/teleport"), []),
    ("a notification nobody knows", message(method="teleport"), []),
    ("a method of the protocol that is not ours", ask(1, "textDocument/hover"), [(1, UNKNOWN)]),
    ("an empty method", ask(1, ""), [(1, UNKNOWN)]),
    ("parameters left out", message(id=1, method="textDocument/codeAction"), [(1, PARAMS)]),
    (
        "null parameters",
        message(id=1, method="textDocument/codeAction", params=None),
        [(1, PARAMS)],
    ),
    (
        "parameters in a list",
        message(id=1, method="textDocument/codeAction", params=[]),
        [(1, PARAMS)],
    ),
    ("parameters of a wrong type", at(0, 0, textDocument=7), [(1, PARAMS)]),
    ("a position without line", at(0, 0, position={"character": 0}), [(1, PARAMS)]),
    ("a line that is text", at("0", 0), [(1, PARAMS)]),
    ("a negative line", at(-1, 0), [(1, PARAMS)]),
    ("a negative character", at(0, -1), [(1, PARAMS)]),
    ("a character beyond an uinteger", at(0, 2**31), [(1, PARAMS)]),
    ("a line beyond an uinteger", at(2**40, 0), [(1, PARAMS)]),
    ("an uri of null", at(0, 0, textDocument={"uri": None}), [(1, PARAMS)]),
    ("the largest position", at(2**31 - 1, 2**31 - 1), [(1, OK)]),
    ("a trigger kind of old clients", at(0, 0, context={"triggerKind": 0}), [(1, OK)]),
    ("a trigger kind of the future", at(0, 0, context={"triggerKind": 99}), [(1, OK)]),
    ("a field of the future", at(0, 0, future={"x": [1]}), [(1, OK)]),
    ("jsonrpc deep in the parameters", at(0, 0, future={"jsonrpc": "2.0", "id": 4}), [(1, OK)]),
    (
        "a document that is not open",
        at(0, 0, textDocument={"uri": "file:///project/none.py"}),
        [(1, FAILED)],
    ),
    (
        "a command nobody knows",
        ask(1, "workspace/executeCommand", command="teleport"),
        [(1, PARAMS)],
    ),
    ("a second initialize", ask(1, "initialize", processId=None, capabilities={}), [(1, INVALID)]),
    ("initialize as a notification", message(method="initialize", params={}), []),
    ("an answer to nothing", message(id=77, result=None), []),
    ("an error to nothing", message(id=78, error={"code": 1, "message": "x"}), []),
    ("an error without an id", message(id=None, error={"code": 1, "message": "x"}), []),
    # Documents out of order
    (
        "a change to a document that is not open",
        message(
            method="textDocument/didChange",
            params={
                "textDocument": {"uri": "file:///none.py", "version": 2},
                "contentChanges": [{"text": "x"}],
            },
        )
        + status(1),
        [(1, OK)],
    ),
    (
        "a close of a document that is not open",
        message(method="textDocument/didClose", params={"textDocument": {"uri": "file:///none.py"}})
        + status(1),
        [(1, OK)],
    ),
    (
        "a didOpen without text",
        message(method="textDocument/didOpen", params={}) + status(1),
        [(1, OK)],
    ),
    # Large messages, which are read in steps
    ("a large document, and a request about it", large(b"x" * MEGABYTES) + at(0, 0), [(1, OK)]),
    ("a large document of escapes", large(b"\\ud83d\\ude00\\n" * 90_000) + at(0, 0), [(1, OK)]),
    ("a large message that is no JSON", raw(b'{"a": "' + b"x" * MEGABYTES), [(None, PARSE)]),
    ("a large message with an escape that is none", large(b"\\x" * MEGABYTES), [(None, PARSE)]),
    ("a large message that is a list", raw(b'["%b"]' % (b"x" * MEGABYTES)), [(None, INVALID)]),
    ("a large id", ask("x" * MEGABYTES, "arriero/status"), [("x" * MEGABYTES, OK)]),
    # Cancelling
    ("a cancellation of nothing", cancel(12345), []),
    ("a cancellation of what is answered", status(1) + cancel(1), [(1, OK)]),
    ("a cancellation before its request", cancel(1) + status(1), [(1, OK)]),
    ("a cancellation without id", message(method="$/cancelRequest", params={}), []),
    ("a cancellation without parameters", message(method="$/cancelRequest"), []),
    ("a cancellation of a list", cancel([1]), []),
    (
        "a storm of cancellations",
        b"".join(status(n) + cancel(n) + cancel(n) for n in range(500)),
        [(n, OK) for n in range(500)],
    ),
]

INITIALIZE = message(
    id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}
)
INITIALIZED = message(method="initialized", params={})
SHUTDOWN = message(id=9, method="shutdown")
EXIT = message(method="exit")
BEGUN, ENDED = [(1, OK)], [(9, OK)]

# Name, bytes, answers, and the exit code of the process.
WHOLE_LIVES = [
    ("shutdown and exit", INITIALIZE + INITIALIZED + SHUTDOWN + EXIT, BEGUN + ENDED, 0),
    ("no initialized", INITIALIZE + SHUTDOWN + EXIT, BEGUN + ENDED, 0),
    ("exit without shutdown", INITIALIZE + INITIALIZED + EXIT, BEGUN, 1),
    ("exit alone", EXIT, [], 1),
    ("the input ends at once", b"", [], 1),
    ("the input ends after shutdown", INITIALIZE + SHUTDOWN, BEGUN + ENDED, 0),
    ("a request before initialize", status(5) + EXIT, [(5, EARLY)], 1),
    ("shutdown before initialize", SHUTDOWN + EXIT, [(9, EARLY)], 1),
    ("a notification before initialize", INITIALIZED + EXIT, [], 1),
    (
        "a request after shutdown",
        INITIALIZE + SHUTDOWN + status(5) + EXIT,
        [*BEGUN, *ENDED, (5, INVALID)],
        0,
    ),
    ("shutdown twice", INITIALIZE + SHUTDOWN + SHUTDOWN + EXIT, [*BEGUN, *ENDED, (9, INVALID)], 0),
    ("a header without length", b"X: y\r\n\r\n", [(None, PARSE)], 1),
    ("a length that is none", b"Content-Length: ten\r\n\r\n", [(None, PARSE)], 1),
    ("a negative length", b"Content-Length: -1\r\n\r\n", [(None, PARSE)], 1),
    ("a length without end", b"Content-Length: 99999999999999\r\n\r\n", [(None, PARSE)], 1),
    ("a header without end", b"X: " + b"y" * 5000, [(None, PARSE)], 1),
    ("HTTP", b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", [(None, PARSE)], 1),
    (
        "initialize with wrong parameters, then right",
        ask(3, "initialize", capabilities=7) + INITIALIZE + SHUTDOWN + EXIT,
        [(3, PARAMS), *BEGUN, *ENDED],
        0,
    ),
    (
        "initialize with a process that is no number",
        ask(3, "initialize", capabilities={}, processId="1") + EXIT,
        [(3, PARAMS)],
        1,
    ),
    (
        "initialize with folders that are none",
        ask(3, "initialize", capabilities={}, workspaceFolders=[{"name": "x"}]) + EXIT,
        [(3, PARAMS)],
        1,
    ),
    (
        "initialize with abilities from another world",
        ask(3, "initialize", capabilities={"window": 7, "general": {"positionEncodings": "x"}})
        + SHUTDOWN
        + EXIT,
        [(3, OK), *ENDED],
        0,
    ),
    (
        "initialize without an id, then with one",
        message(method="initialize", params={}) + INITIALIZE + SHUTDOWN + EXIT,
        BEGUN + ENDED,
        0,
    ),
]

# Name, encoding, text, edits as (start, end, text), and the text that it then is, as a prompt shows
# it: with \n for every line end.
EDITS = [
    ("an insertion", "utf-16", "ab\ncd", [((1, 1), (1, 1), "X")], "ab\ncXd"),
    ("a deletion over lines", "utf-16", "ab\ncd", [((0, 1), (1, 1), "")], "ad"),
    ("past the end of a line", "utf-16", "ab\ncd", [((0, 9), (0, 9), "X")], "abX\ncd"),
    ("past the last line", "utf-16", "ab", [((9, 0), (9, 9), "X")], "abX"),
    ("an end before its start", "utf-16", "abcd", [((0, 3), (0, 1), "X")], "aXd"),
    ("behind an astral character, utf-16", "utf-16", "😀b", [((0, 2), (0, 2), "X")], "😀Xb"),
    ("behind an astral character, utf-8", "utf-8", "😀b", [((0, 4), (0, 4), "X")], "😀Xb"),
    ("behind an astral character, utf-32", "utf-32", "😀b", [((0, 1), (0, 1), "X")], "😀Xb"),
    ("inside a surrogate pair", "utf-16", "😀b", [((0, 1), (0, 1), "X")], "X😀b"),
    ("inside a character of utf-8", "utf-8", "éb", [((0, 1), (0, 1), "X")], "Xéb"),
    ("between a letter and its accent", "utf-16", "e\u0301b", [((0, 1), (0, 1), "X")], "eX\u0301b"),
    ("CRLF", "utf-16", "ab\r\ncd", [((1, 0), (1, 0), "X")], "ab\nXcd"),
    ("a lone CR", "utf-16", "ab\rcd", [((1, 0), (1, 0), "X")], "ab\nXcd"),
    ("a form feed is no line end", "utf-16", "a\x0cb\ncd", [((1, 0), (1, 0), "X")], "a\x0cb\nXcd"),
    ("U+2028 is no line end", "utf-16", "a\u2028b\ncd", [((1, 0), (1, 0), "X")], "a\u2028b\nXcd"),
    ("U+0085 is no line end", "utf-16", "a\x85b\ncd", [((1, 0), (1, 0), "X")], "a\x85b\nXcd"),
    ("a byte order mark counts", "utf-16", "\ufeffab", [((0, 1), (0, 1), "X")], "\ufeffXab"),
    (
        "several changes at once",
        "utf-16",
        "ab",
        [((0, 1), (0, 1), "1"), ((0, 2), (0, 2), "2")],
        "a12b",
    ),
]
