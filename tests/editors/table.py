"""A real Neovim with nothing but the table, driven by table.lua."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from e2e.truth import CURSOR
from editors.hands.neovim import PLUGIN, executable
from editors.homes import at_home

HERE = Path(__file__).parent

# Neovim gives up by itself before this, and then says what it waited for.
PATIENCE = 90.0  # seconds

Step = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What one Neovim saw.

    `command` is the one in the table; `steps` holds the answer of each step, `exit` how the server
    ended.
    """

    command: list[str] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    exit: dict[str, int] = field(default_factory=dict)
    encoding: str = ""
    root: str | None = None
    token: str | int | None = None
    question: str = ""
    problem: str | None = None


class Neovim:
    """Neovim with a file of a workspace open, at work on its steps. Its own, empty home."""

    def __init__(
        self,
        file: Path,
        marked: str,
        steps: list[Step],
        *,
        home: Path,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        text = marked.replace(CURSOR, "")
        before = marked.partition(CURSOR)[0]
        file.write_text(text, encoding="utf-8", newline="\n")
        environment = {**os.environ, **at_home(home), **environment}
        self.record = home / "record.json"
        self.record.unlink(missing_ok=True)
        alone = home / "runtime" / "lsp"
        alone.mkdir(parents=True)
        shutil.copy(PLUGIN / "lsp" / "arriero.lua", alone)
        job = home / "job.json"
        job.write_text(
            json.dumps(
                {
                    "runtime": str(alone.parent),
                    "command": [sys.executable, "-m", "arriero", "serve"],
                    "file": str(file),
                    "text": text,
                    "line": before.count("\n"),
                    "column": len(before) - before.rfind("\n") - 1,
                    "steps": steps,
                    "record": str(self.record),
                }
            ),
            encoding="utf-8",
        )
        self.process = subprocess.Popen(
            [str(executable()), "--clean", "--headless", "-l", str(HERE / "table.lua"), str(job)],
            cwd=file.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Neovim:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self) -> Record:
        """Wait for its end, and return what it saw."""
        output, _ = self.process.communicate(timeout=PATIENCE)
        assert self.record.exists(), f"Neovim ended before its time:\n{output}"
        record = Record(**json.loads(self.record.read_text(encoding="utf-8")))
        assert record.problem is None, f"{record.problem}\n\n{output}"
        assert self.process.returncode == 0, output
        return record
