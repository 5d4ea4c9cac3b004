"""What `make bench-fidelity` is about: files, lines in them, and what these lines are to become."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECONDS = 10  # for one program
MEMORY = 2 << 30  # bytes, for one program
RUN = {"python": ([sys.executable, "-I"], ".py"), "javascript": (["node"], ".js")}
LANGUAGES = {"js": "javascript"}
BEHIND = "\n\n\nx = 1;\n"


@dataclass(frozen=True)
class Case:
    """The lines `start` to `stop` of `text` are to become `new`; `test` runs the result."""

    name: str
    language: str
    text: str
    start: int
    stop: int
    new: str
    action: str
    test: str = ""
    problem: str = ""  # what somebody reports about the lines

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def truth(self) -> str:
        lines = self.lines
        return "\n".join([*lines[: self.start], *self.new.split("\n"), *lines[self.stop :]])

    @property
    def runs(self) -> bool:
        return bool(self.test) and self.language in RUN


def cases(data: Path) -> Iterator[Case]:
    """Yield the cases of all sets that lie under the folder."""
    for file in sorted((data / "humanevalfix").glob("*.jsonl.gz")):
        language = file.name.split(".")[0]
        for row in _rows(file):
            yield _fix(row, LANGUAGES.get(language, language))
    for file in sorted((data / "infilling").glob("*.jsonl.gz")):
        for row in _rows(file):
            yield _infilling(row)


def _rows(file: Path) -> Iterator[dict]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _fix(row: dict, language: str) -> Case:
    """A whole function is wrong: its lines, from the declaration's last on, are the region."""
    old = (row["prompt"] + row["buggy_solution"]).rstrip()
    new = (row["prompt"] + row["canonical_solution"]).rstrip()
    opening = next(line for line in row["declaration"].split("\n") if row["entry_point"] in line)
    start = old.split("\n").index(opening)
    stop = old.count("\n") + 1
    right = "\n".join(new.split("\n")[start:])
    return Case(
        row["task_id"], language, old + BEHIND, start, stop, right, "fix", row["test"], "It fails."
    )


def _infilling(row: dict) -> Case:
    """Some lines of a function are missing, and one that does nothing stands for them."""
    new = row["canonical_solution"].rstrip("\n")
    indent = min((len(x) - len(x.lstrip()) for x in new.split("\n") if x.strip()), default=0)
    text = row["prompt"] + " " * indent + "missing = True\n" + row["suffix"]
    start = row["prompt"].count("\n")
    return Case(row["task_id"], "python", text, start, start + 1, new, "simplify")


def failure(text: str, case: Case) -> str:
    """Run a text with the case's test, in a process with limits; return what fails, "" if nothing.

    The sets' programs are written by models: they see an empty folder, and no environment.
    """
    command, suffix = RUN[case.language]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / f"program{suffix}"
        program.write_text(text.removesuffix(BEHIND) + "\n\n" + case.test, "utf-8")
        try:
            done = subprocess.run(
                [*command, str(program)],
                cwd=folder,
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                text=True,
                preexec_fn=_limited if case.language == "python" else None,
            )
        except subprocess.TimeoutExpired:
            return f"The test does not end within {SECONDS} seconds."
    lines = [line for line in done.stderr.split("\n") if line.strip()]
    # A failed console.assert is only told.
    if failed := next((line for line in lines if "Assertion failed" in line), ""):
        return failed
    return (lines or ["The program fails."])[-1] if done.returncode else ""


def _limited() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
