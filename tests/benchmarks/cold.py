"""How long people wait while a workspace is read for the first time, in the real process.

The tree has 100,000 files, a tenth of them source code. Suggestions from a stub of a model server
are asked for one after the other, once where there is nothing to read and once while all is read;
what counts is what the server adds to the stub's own time.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).with_name("overhead")))

from measures import Completions
from setting import environment, tokenizer_file
from spoken import Process
from stub_backend import Stub

SERVE = [sys.executable, "-m", "arriero", "serve"]
FILES, SOURCES = 100_000, 10_000
OF_A_FOLDER = 100
ASKED = 400
WARM_UP = 20
SOURCE = '''\
"""Module {number}."""

from folder_{before}.module_{before} import work_{before}


class Thing{number}:
    """A thing that works."""

    def __init__(self, name: str, size: int = {number}) -> None:
        self.name = name
        self.size = size

    def run(self, factor: float) -> float:
        """Do the work of {number}."""
        return work_{before}(self.size) * factor


def work_{number}(amount: int) -> int:
    """Return what there is to do."""
    total = 0
    for step in range(amount):
        if step % 3:
            total += step
    return total
'''


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds that suggestions took beside the model's own; whether all was read by the end."""

    times: list[float]
    still_reading: bool

    @property
    def longest(self) -> float:
        return max(self.times)

    @property
    def median(self) -> float:
        return median(self.times)


def plant(root: Path, files: int, sources: int) -> None:
    """Write a tree of files."""
    for number in range(files):
        folder = root / f"folder_{number // OF_A_FOLDER}"
        if number % OF_A_FOLDER == 0:
            folder.mkdir(parents=True)
        if number * sources // files != (number + 1) * sources // files:
            text = SOURCE.format(number=number, before=max(number - OF_A_FOLDER, 0))
            (folder / f"module_{number}.py").write_text(text)
        else:
            (folder / f"data_{number}.txt").touch()


def waited(root: Path, env: dict[str, str], stub: Stub, asked: int) -> Waited:
    """Ask for suggestions in a workspace that was never read before."""
    with TemporaryDirectory() as cache, Process(SERVE, {**env, "ARRIERO_INDEX": cache}) as server:
        server.initialize(root.as_uri())
        server.notify("initialized", {})
        completions = Completions(server, stub.stamps(), root.as_uri())
        completions.added(WARM_UP)
        times = completions.added(asked)
        told = server.request("arriero/status", {})["result"]["workspace"]
    return Waited(times, told["reading"])


def measured(
    files: int = FILES, sources: int = SOURCES, asked: int = ASKED
) -> tuple[Waited, Waited]:
    """Return what was waited in an empty workspace, and while one of so many files is read."""
    with TemporaryDirectory() as folder, Stub() as stub:
        root = Path(folder)
        (root / "empty").mkdir()
        plant(root / "full", files, sources)
        env = environment(stub.port, tokenizer_file(root))
        return (
            waited(root / "empty", env, stub, asked),
            waited(root / "full", env, stub, asked),
        )


if __name__ == "__main__":
    began = time.monotonic()
    for name, found in zip(("nothing to read", "reading"), measured(), strict=True):
        print(f"{name:16} median {1e3 * found.median:.2f} ms, longest {1e3 * found.longest:.2f} ms")
    print(f"{time.monotonic() - began:.0f} s")
