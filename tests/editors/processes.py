"""Which processes an editor has started (Linux)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def under(ancestor: int, command: str) -> list[int]:
    """Return the processes below another one whose command line is this."""
    return [process for process in _below(ancestor) if _command(process) == command]


def _below(ancestor: int) -> Iterator[int]:
    for task in Path(f"/proc/{ancestor}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _below(child)


def _command(process: int) -> str:
    words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    return b" ".join(words).decode().strip()
