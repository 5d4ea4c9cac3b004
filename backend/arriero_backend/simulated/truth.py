"""The true files, and the places in them that a request can mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 1_000_000  # bytes; what is larger is no source code
SKIPPED = frozenset({"node_modules", "__pycache__", "target", "build", "dist"})
FILES_READ = 5_000
FIRST_LINES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a true file: the answer begins at `end`, what the request has at `start`."""

    path: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gap:
    """True lines between others, without the blank lines at their ends."""

    before: str
    code: str
    after: str


def load(root: Path) -> dict[str, str]:
    """Read the text files under a directory (or one file), by their path with forward slashes."""
    if root.is_file():
        return {root.name: _text(root) or ""}
    files: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in SKIPPED)
        for name in sorted(names):
            path = Path(folder, name)
            if len(files) < FILES_READ and (text := _text(path)) is not None:
                files[path.relative_to(root).as_posix()] = text
    return files


def named(files: Mapping[str, str], prose: str) -> dict[str, str]:
    """Return the files that the words name, by the longest end of their paths; all if none."""
    lengths = {path: _named_parts(path, prose) for path in files}
    most = max(lengths.values(), default=0)
    return {path: text for path, text in files.items() if lengths[path] == most}


def _named_parts(path: str, prose: str) -> int:
    parts = path.split("/")
    for first in range(len(parts)):
        end = "/".join(parts[first:])
        if end in prose and re.search(rf"(?<![\w-]){re.escape(end)}(?![\w-])", prose):
            return len(parts) - first
    return 0


def places(files: Mapping[str, str], code: str) -> Iterator[Place]:
    """Find where the true files have this code, beginning with a line."""
    for path, text in files.items():
        start = text.find(code)
        while start >= 0:
            if start == 0 or text[start - 1] == "\n":
                yield Place(path, text, start, start + len(code))
            start = text.find(code, start + 1)


def between(files: Mapping[str, str], blocks: Sequence[str]) -> Gap | None:
    """Return what truly stands between code that is shown before and after it, or None.

    One block alone has to begin or to end a file; which of the two says whether it is before.
    """
    shown = [block.strip("\n") for block in blocks if block.strip()]
    ways = {1: [(*shown, ""), ("", *shown)], 2: [tuple(shown)]}.get(len(shown), [])
    gaps = (_gap(text, before, after) for text in files.values() for before, after in ways)
    return next((gap for gap in gaps if gap), None)


def _gap(text: str, before: str, after: str) -> Gap | None:
    lines = "\n" + text.strip("\n") + "\n"
    start, stop = 0, len(lines)
    if before:
        start = lines.find(f"\n{before}\n")
        if start < 0 or (start > 0 and not after):
            return None
        start += len(before) + 1
    if after:
        stop = lines.find(f"\n{after}\n", start)
        if stop < 0 or (stop + len(after) + 2 < len(lines) and not before):
            return None
    code = lines[start:stop].strip("\n")
    return Gap(before, code, after) if code.strip() else None


def next_line(text: str, block: str, start: int) -> int | None:
    """Return where a block's lines begin in the text at or after `start`, or None.

    Its first lines will do: what is shown may be cut short, or be older than the truth.
    """
    lines = block.strip("\n").split("\n")
    if not "".join(lines).strip():
        return None
    for shown in (lines, lines[:FIRST_LINES]):
        pattern = re.compile(rf"^{re.escape(chr(10).join(shown))}$", re.MULTILINE)
        if found := pattern.search(text, start):
            return found.start()
    return None


def _text(path: Path) -> str | None:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return None
        return path.read_text("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
