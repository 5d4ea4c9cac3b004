"""The simulated model server as a process of its own, watched from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds, for a server that never does what is waited for


@dataclass(frozen=True, slots=True)
class Simulated:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a crash does, with whatever it is in the middle of."""
        self.process.kill()
        self.process.wait()

    def states(self) -> list[str]:
        """Return how each generation stands, the oldest first."""
        with urllib.request.urlopen(f"{self.url}/simulated", timeout=PATIENCE) as answer:
            return [each["state"] for each in json.load(answer)["generations"]]

    def wait_for(self, states: list[str]) -> None:
        """Wait until the generations stand so."""
        self.wait_until(lambda seen: seen == states)

    def wait_until(self, so: Callable[[list[str]], bool]) -> None:
        """Wait until the states of the generations are as wanted."""
        deadline = time.monotonic() + PATIENCE
        while not so(seen := self.states()):
            assert time.monotonic() < deadline, f"waited in vain, last saw {seen}"
            time.sleep(0.01)


@contextmanager
def simulated(truth: Path, *orders: str) -> Iterator[Simulated]:
    """Run a server that knows the files under `truth`; see `arriero backend simulate --help`."""
    command = [sys.executable, "-m", "arriero_backend.simulated", "--until-stdin-closes"]
    process = subprocess.Popen(
        [*command, "--truth", str(truth), "--port", "0", *orders],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the simulated server ended before it was ready"
        yield Simulated(json.loads(line)["url"], process)
        process.communicate()  # closes its stdin, which ends it
