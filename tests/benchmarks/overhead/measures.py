"""What is measured of a language server that is running; times in seconds, memory in MB.

The request whose round trip counts is an inline completion in a document of a language for which
suggestions are off: it goes the whole way through the server and back, but to no model.
"""

from __future__ import annotations

import itertools
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import contextmanager
from statistics import median

from setting import QUIET
from spoken import Process, Spoken, edit, opening
from stub_backend import HOLD

LINE = "    some_value = another.function(argument, 1234)  # text\n"
BURST_PACE = 0.005  # seconds between two edits


def ask(server: Spoken, uri: str, line: int = 0, character: int = 0) -> float:
    """Return the seconds of one round trip."""
    params = {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": 2},
    }
    began = time.perf_counter()
    server.request("textDocument/inlineCompletion", params)
    return time.perf_counter() - began


def round_trips(server: Spoken, count: int) -> list[float]:
    server.open("file:///quiet.txt", LINE * 100, QUIET)
    times = [ask(server, "file:///quiet.txt") for _ in range(count + count // 10)]
    return times[count // 10 :]


def edit_cost(server: Process, lines: int, batches: int) -> float:
    """Return the seconds that one edit (one message) takes in a document of this length."""
    uri = f"file:///{lines}-lines.txt"
    server.open(uri, LINE * lines, QUIET)
    versions = itertools.count(2)
    ask(server, uri)
    times = []
    for _ in range(batches):
        batch = b"".join(edit(uri, next(versions), lines // 2, 4, "x") for _ in range(200))
        began = time.perf_counter()
        server.write(batch)
        ask(server, uri)
        times.append((time.perf_counter() - began) / 200)
    return median(times)


def burst(server: Process, edits: int) -> tuple[list[float], float]:
    """Type at 200 edits a second in 100,000 lines; return round trips behind them, and the CPU."""
    uri = "file:///burst.txt"
    server.open(uri, LINE * 100_000, QUIET)
    ask(server, uri)
    times, cpu, began = [], server.cpu, time.perf_counter()
    for number in range(edits):
        time.sleep(max(0, began + number * BURST_PACE - time.perf_counter()))
        server.write(edit(uri, number + 2, 50_000, 4 + number, "x"))
        if number % 5 == 4:
            times.append(ask(server, uri, 50_000, 4))
    return times, (server.cpu - cpu) / (time.perf_counter() - began)


class Completions:
    """Suggestions from the stub, each in a document of its own: none can serve the next."""

    def __init__(self, server: Spoken, stamps: Iterable[dict], root: str = "file://") -> None:
        self._server, self._stamps, self._root = server, iter(stamps), root
        self._documents = 0

    def _ask(self, text: str) -> int:
        self._documents += 1
        uri = f"{self._root}/typed_{self._documents}.py"
        self._server.open(uri, f"scale = 2\n{text}\n" + LINE.lstrip() * 50, "python")
        params = {
            "textDocument": {"uri": uri},
            "position": {"line": 1, "character": len(text)},
            "context": {"triggerKind": 1},
        }
        return self._server.send("textDocument/inlineCompletion", params)

    def added(self, count: int) -> list[float]:
        """Return what the server added to the backend's own time for each suggestion."""
        times = []
        for number in range(count):
            began = time.monotonic()
            answer = self._server.answer(self._ask(f"result_{number} = {number} + "))
            whole = time.monotonic() - began
            assert answer["result"]["items"], "the stub's answer has to arrive"
            stamp = next(self._stamps)
            times.append(whole - (stamp["sent"] - stamp["begun"]))
        return times

    def cancelled(self, count: int) -> list[float]:
        """Return the time from `$/cancelRequest` to the backend seeing the disconnect."""
        times = []
        for number in range(count):
            msg_id = self._ask(f"{HOLD.decode()}_{number} = {number} + ")
            assert "begun" in next(self._stamps)
            began = time.monotonic()
            self._server.notify("$/cancelRequest", {"id": msg_id})
            self._server.answer(msg_id)
            times.append(next(self._stamps)["closed"] - began)
        return times


def growth(server: Process, edits: int, requests: int) -> float:
    """Return the memory that edits and requests leave behind."""
    uri = "file:///growing.txt"
    server.open(uri, LINE * 1000, QUIET)
    versions = itertools.count(2)

    def work(edits: int, requests: int) -> None:
        for _ in range(0, edits, 1000):
            pairs = ((next(versions), next(versions)) for _ in range(500))
            server.write(
                b"".join(
                    edit(uri, one, 500, 4, "x") + edit(uri, two, 500, 4, "", end=5)
                    for one, two in pairs
                )
            )
            for _ in range(requests * 1000 // edits):
                ask(server, uri)

    work(5000, 500)
    before = server.memory
    work(edits, requests)
    return server.memory - before


def large(server: Spoken, documents: int, megabytes: int, edits: int) -> tuple[float, list[float]]:
    """Return the seconds a MB that opening takes, and edits with a round trip behind each."""
    for number in range(documents):
        server.open(f"file:///{number}.txt", LINE * 100, QUIET)
    ask(server, "file:///0.txt")
    opened = []
    for number in range(3):
        uri = f"file:///big{number}.txt"
        message = opening(uri, LINE * (megabytes * 1_000_000 // len(LINE)), QUIET)
        began = time.perf_counter()
        server.write(message)
        ask(server, uri)
        opened.append((time.perf_counter() - began) / megabytes)
    wide = "value + " * (megabytes * 1_000_000 // 5 // 8)
    server.open("file:///wide.txt", wide, QUIET)
    server.open("file:///accents.txt", wide.replace("e", "é"), QUIET)
    ask(server, "file:///accents.txt")
    places = random.Random(0)
    times = []
    for version in range(2, edits + 2):
        for uri, line, width in (
            ("file:///big0.txt", megabytes * 1_000_000 // len(LINE), len(LINE)),
            ("file:///wide.txt", 1, len(wide)),
            ("file:///accents.txt", 1, len(wide)),
        ):
            began = time.perf_counter()
            server.write(edit(uri, version, places.randrange(line), places.randrange(width), "x"))
            ask(server, uri)
            times.append(time.perf_counter() - began)
    return median(opened), times


def blocked(argv: list[str], env: dict[str, str], megabytes: int) -> float:
    """Return the longest that a client's request takes while another client opens a document."""
    with Process([*argv, "--tcp", "127.0.0.1:0"], env, stderr=subprocess.PIPE) as server:
        address = server.process.stderr.readline().decode().split()[-1]
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        with socket.create_connection(place) as one, socket.create_connection(place) as other:
            typist, opener = (Spoken(each.fileno(), each.fileno()) for each in (one, other))
            for client in (typist, opener):
                client.initialize()
                client.initialized()
            round_trips(typist, 100)
            message = opening("file:///big.txt", LINE * (megabytes * 1_000_000 // len(LINE)), QUIET)
            at_work = threading.Thread(
                target=lambda: (opener.write(message), ask(opener, "file:///big.txt"))
            )
            at_work.start()
            times = []
            while at_work.is_alive():
                times.append(ask(typist, "file:///quiet.txt"))
            return max(times)


@contextmanager
def running(argv: list[str], env: dict[str, str]):
    """Yield a server that is initialized and warm."""
    with Process(argv, env) as server:
        server.initialize()
        server.initialized()
        yield server
