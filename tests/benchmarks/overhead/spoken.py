"""A language server, spoken to with plain blocking reads and writes.

Nothing of the driver may be slower than what it measures, so there is no asyncio in it.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

CAPABILITIES = {
    "textDocument": {"inlineCompletion": {}, "synchronization": {"didSave": True}},
    "window": {"workDoneProgress": False},
}
PIECE = 1 << 20


def frame(message: dict) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Spoken:
    """One conversation. The server's requests to us are answered with null on the way."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._in, self._out = incoming, outgoing  # file descriptors
        self._buffer = bytearray()
        self._ids = itertools.count(1)
        self.capabilities: dict = {}

    def initialize(self, root: str | None = None) -> None:
        params = {"processId": os.getpid(), "rootUri": root, "capabilities": CAPABILITIES}
        self.capabilities = self.request("initialize", params)["result"]["capabilities"]

    def initialized(self) -> None:
        self.notify("initialized", {})
        time.sleep(2.5)  # the warm-up is not what is measured here

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._in, view) :]

    def notify(self, method: str, params: object) -> None:
        self.write(frame({"method": method, "params": params}))

    def send(self, method: str, params: object) -> int:
        msg_id = next(self._ids)
        self.write(frame({"id": msg_id, "method": method, "params": params}))
        return msg_id

    def request(self, method: str, params: object) -> dict:
        return self.answer(self.send(method, params))

    def answer(self, msg_id: int) -> dict:
        """Return the answer to a request."""
        while True:
            message = self._message()
            if message.get("id") == msg_id and "method" not in message:
                return message
            if "method" in message and "id" in message:
                self.write(frame({"id": message["id"], "result": None}))

    def open(self, uri: str, text: str, language: str) -> None:
        self.write(opening(uri, text, language))

    def _message(self) -> dict:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._read()
        length = int(self._buffer[:end].lower().partition(b"content-length:")[2].split(b"\r")[0])
        while len(self._buffer) < end + 4 + length:
            self._read()
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        return json.loads(body)

    def _read(self) -> None:
        data = os.read(self._out, PIECE)
        if not data:
            raise EOFError("the server ended")
        self._buffer += data


class Process(Spoken):
    """A server as a process, at its standard streams."""

    def __init__(
        self, argv: Sequence[str], env: dict[str, str], stderr: int = subprocess.DEVNULL
    ) -> None:
        self._spawned = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            env={**os.environ, **env},
        )
        super().__init__(self.process.stdin.fileno(), self.process.stdout.fileno())

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    @property
    def age(self) -> float:
        """Seconds since the spawn."""
        return time.perf_counter() - self._spawned

    @property
    def memory(self) -> float:
        """Resident memory, MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    @property
    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def opening(uri: str, text: str, language: str) -> bytes:
    """Return a didOpen, framed."""
    item = {"uri": uri, "languageId": language, "version": 1, "text": text}
    return frame({"method": "textDocument/didOpen", "params": {"textDocument": item}})


def edit(uri: str, version: int, line: int, character: int, text: str, end: int = 0) -> bytes:
    """Return a didChange, framed: `text` for the characters up to `end` (none by default)."""
    span = {
        "start": {"line": line, "character": character},
        "end": {"line": line, "character": max(end, character)},
    }
    return frame(
        {
            "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": span, "text": text}],
            },
        }
    )
