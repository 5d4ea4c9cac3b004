"""The hub's file routes on loopback: one model whose files it has, or refuses in the hub's ways."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789" * 4


@dataclass
class Hub:
    """Has `files` by name. `refusal` is a status and the hub's name for why, "" for no name.

    `cut` has it break off every download after a few bytes. `asked` keeps method, path and token.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None
    revisions: tuple[str, ...] = ("main",)
    cut: bool = False
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of what stands at a file's address."""
        _, _owner, _model, _resolve, revision, name = path.split("/")
        if self.refusal:
            return self.refusal[0], _named(self.refusal[1]), b""
        if revision not in self.revisions:
            return 404, _named("RevisionNotFound"), b""
        if name not in self.files:
            return 404, _named("EntryNotFound"), b""
        body = self.files[name]
        headers = {"ETag": f'"{name}"', "X-Repo-Commit": COMMIT, "Content-Length": str(len(body))}
        return 200, headers, body


def _named(error: str) -> dict[str, str]:
    return {"X-Error-Code": error, "Content-Length": "0"} if error else {"Content-Length": "0"}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve it in a thread: who asks it is the command line, which blocks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append((self.command, self.path, self.headers.get("Authorization")))
            status, headers, body = hub.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[:10] if hub.cut else body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
