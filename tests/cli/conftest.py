"""The command as a person meets it: what it is given, what it says, how it ends."""

from __future__ import annotations

import asyncio
import io
import sys
from dataclasses import dataclass

import pytest

from arriero.cli import main
from e2e.house import backend
from e2e.truth import write


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it and the server that it started wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def arriero(capfd):
    """Run `arriero` with these arguments."""

    def in_a_thread(*arguments: str) -> int:
        try:
            return main(arguments)
        except SystemExit as ended:  # argparse's
            return int(ended.code or 0)

    async def run(*arguments: str) -> Ended:
        # Beside the test's event loop, in which the model server runs.
        code = await asyncio.to_thread(in_a_thread, *arguments)
        return Ended(code, *capfd.readouterr())

    return run


@pytest.fixture
async def model(tmp_path, monkeypatch):
    """Run a model server that knows the true files, and point the command at it."""
    write(tmp_path / "truth")
    async with backend(tmp_path / "truth") as model:
        monkeypatch.setenv("ARRIERO_URL", model.url)
        yield model


@pytest.fixture
def prompt(arriero, monkeypatch):
    """Run `arriero prompt` with this on stdin."""

    async def run(given: str | bytes, *arguments: str):
        data = given if isinstance(given, bytes) else given.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "ascii"))
        return await arriero("prompt", *arguments)

    return run


@pytest.fixture
def gap(prompt, tmp_path):
    """Run `arriero prompt` for a gap between two texts."""

    async def run(prefix: str, suffix: str, *arguments: str, model="codellama/CodeLlama-7b-hf"):
        (tmp_path / "prefix").write_text(prefix, "utf-8", newline="")
        (tmp_path / "suffix").write_text(suffix, "utf-8", newline="")
        files = ("--prefix", str(tmp_path / "prefix"), "--suffix", str(tmp_path / "suffix"))
        return await prompt("", "--model", model, *files, *arguments)

    return run
