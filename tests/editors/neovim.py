"""A real Neovim, driven by neovim.lua."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from e2e.truth import CURSOR

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "editors" / "neovim"

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
        configuration: str = "",
    ) -> None:
        text = marked.replace(CURSOR, "")
        before = marked.partition(CURSOR)[0]
        file.write_text(text, encoding="utf-8", newline="\n")
        home.mkdir(exist_ok=True)
        self.record = home / "record.json"
        self.record.unlink(missing_ok=True)
        job = home / "job.json"
        job.write_text(
            json.dumps(
                {
                    "runtime": str(PLUGIN),
                    "command": [sys.executable, "-m", "arriero", "serve"],
                    "configuration": configuration,
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
            [str(executable()), "--clean", "--headless", "-l", str(HERE / "neovim.lua"), str(job)],
            cwd=file.parent,
            env={**os.environ, **at_home(home), **environment},
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


def executable() -> Path:
    """Find the nvim that was installed beside this Python."""
    return Path(sysconfig.get_path("scripts")) / ("nvim.exe" if os.name == "nt" else "nvim")


def at_home(home: Path) -> dict[str, str]:
    """Keep Neovim and the server out of the files of whoever runs the tests."""
    settings = home / "arriero.toml"
    settings.touch()
    folders = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
    return {name: str(home) for name in folders} | {"ARRIERO_CONFIG": str(settings)}
