"""One process for all editors: where the one is that runs, and how another is started once.

    run/KEY.json    its address and key, written when it is ready and removed when it ends
    run/KEY.sock    what it listens at; where that cannot be (Windows), a port of loopback
    run/KEY.lock    held while one is looked for and started, and while one ends
    run/KEY.log     what the last one that was started had to say

KEY stands for all that makes one process as good as another: the model's file as it is now, this
environment, this version of the code. So no editor ever meets a process of another kind. A file
that a process left behind when it was killed is found out by asking, and a new one is started.

The directory is its owner's alone: nobody else on the computer reaches the socket, or knows the key
that is asked for there and at the port.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

PACKAGE = Path(__file__).parents[1]

# Characters of a path that every system takes for a socket (macOS: 104 with the final zero).
LONGEST_SOCKET = 100

UNIX = "unix://"

# On Windows a process that is to outlive us must neither share our console nor show one of its own.
if sys.platform == "win32":
    _HIDDEN = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _HIDDEN = 0

# Seconds for the one that runs to say that it is well.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves the model: its address, `unix://` and a path or a URL, and its key."""

    url: str
    key: str
    pid: int

    def to_json(self) -> str:
        return json.dumps({"url": self.url, "key": self.key, "pid": self.pid})

    @classmethod
    def from_json(cls, text: str) -> Running:
        """Read what `to_json` wrote; raises ValueError for anything else."""
        told = json.loads(text)
        try:
            return cls(str(told["url"]), str(told["key"]), int(told["pid"]))
        except (KeyError, TypeError) as error:
            raise ValueError("no address of a process") from error


class Rendezvous:
    """The place where editors and the process for one model's file find each other."""

    def __init__(self, directory: Path, gguf: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory.chmod(0o700)
        self.name = _name(gguf)
        self._directory = directory
        self.lock = FileLock(self._file("lock"), mode=0o600)

    @property
    def log(self) -> Path:
        return self._file("log")

    @property
    def socket(self) -> Path | None:
        """Where to listen; None where only a port will do."""
        path = self._file("sock")
        fits = len(os.fsencode(path)) <= LONGEST_SOCKET
        return path if hasattr(socket, "AF_UNIX") and os.name == "posix" and fits else None

    def running(self) -> Running | None:
        """Return the process that is registered, if it answers."""
        try:
            told = Running.from_json(self._file("json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return told if _answers(told) else None

    def register(self, running: Running) -> None:
        """Tell where the process is."""
        written = self._file("new")
        written.touch(0o600)
        written.write_text(running.to_json(), "utf-8")
        written.replace(self._file("json"))

    def leave(self) -> bool:
        """Tell no more where the process is, so that it can end; False if somebody just asks."""
        try:
            with self.lock.acquire(blocking=False):
                for kind in ("json", "sock"):
                    self._file(kind).unlink(missing_ok=True)
                return True
        except Timeout:
            return False

    def _file(self, kind: str) -> Path:
        return self._directory / f"{self.name}.{kind}"


def new_key() -> str:
    """Return a key that nobody guesses."""
    return secrets.token_urlsafe(24)


def start(rendezvous: Rendezvous, command: Sequence[str]) -> Running | int:
    """Return the process that runs, or that `command` starts; its exit code if it could not start.

    It goes on when we end. Why it could not start is in the log.
    """
    with rendezvous.lock:
        if running := rendezvous.running():
            return running
        with rendezvous.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                creationflags=_HIDDEN,
            )
        assert process.stdout is not None
        with process.stdout as told:
            if not told.readline():
                return process.wait() or 1
        process.returncode = 0  # it is not ours to wait for
        return rendezvous.running() or 1


def _name(gguf: Path) -> str:
    """Name what makes a process as good as another."""
    state = gguf.stat()
    code = max(file.stat().st_mtime_ns for file in PACKAGE.rglob("*.py"))
    parts = (gguf.resolve(), state.st_size, state.st_mtime_ns, sys.prefix, PACKAGE, code)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def _answers(running: Running) -> bool:
    connection = _Connection(running.url)
    try:
        connection.request("POST", "/tokenize", '{"inputs": "x"}', _headers(running.key))
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


class _Connection(http.client.HTTPConnection):
    """A connection to where a process said that it is."""

    def __init__(self, url: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._url = url

    def connect(self) -> None:
        if self._url.startswith(UNIX):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(self._url.removeprefix(UNIX))
        else:
            host, _, port = self._url.removeprefix("http://").rpartition(":")
            self.sock = socket.create_connection((host, int(port)), PATIENCE)
