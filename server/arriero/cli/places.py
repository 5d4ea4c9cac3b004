"""Places in files as people write them: FILE:LINE:COL and FILE:LINE[-LINE], counted from 1."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

# The language identifiers are those of the LSP specification, where it has one.
LANGUAGES = {
    ".c": "c",
    ".cc": "cpp",
    ".clj": "clojure",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".css": "css",
    ".dart": "dart",
    ".ex": "elixir",
    ".exs": "elixir",
    ".go": "go",
    ".h": "c",
    ".hpp": "cpp",
    ".hs": "haskell",
    ".html": "html",
    ".java": "java",
    ".jl": "julia",
    ".js": "javascript",
    ".json": "json",
    ".jsx": "javascriptreact",
    ".kt": "kotlin",
    ".lua": "lua",
    ".md": "markdown",
    ".mjs": "javascript",
    ".php": "php",
    ".pl": "perl",
    ".py": "python",
    ".pyi": "python",
    ".r": "r",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "shellscript",
    ".sql": "sql",
    ".swift": "swift",
    ".toml": "toml",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".vue": "vue",
    ".xml": "xml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".zig": "zig",
}

# A folder with one of these is the workspace of the files below it.
MARKERS = (".git", "arriero.toml", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two characters; line and column from 1."""

    file: Path
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place of which the column, or the line too, was not named: the end of the line or file."""

    file: Path
    line: int | None
    column: int | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a file, from 1; `last` is None where one line alone was named.

    The columns, from 1, say where in these lines; None where they were not.
    """

    file: Path
    first: int
    last: int | None
    first_column: int | None = None
    last_column: int | None = None


def cursor(text: str) -> Cursor:
    """Read FILE:LINE:COL, for argparse."""
    match = re.fullmatch(r"(.+):(\d+):(\d+)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} has to be FILE:LINE:COL, both from 1")
    return Cursor(_file(match[1]), _from_1(match[2], text), _from_1(match[3], text))


def place(text: str) -> Place:
    """Read FILE[:LINE[:COL]], for argparse."""
    match = re.fullmatch(r"(.+?)(?::(\d+)(?::(\d+))?)?", text)
    assert match is not None
    line, column = (
        None if digits is None else _from_1(digits, text) for digits in match.groups()[1:]
    )
    return Place(_file(match[1]), line, column)


def lines(text: str) -> Lines:
    """Read FILE:LINE[:COL][-LINE[:COL]], for argparse."""
    match = re.fullmatch(r"(.+?):(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?", text)
    if not match:
        raise argparse.ArgumentTypeError(
            f"{text!r} has to be FILE:LINE, FILE:LINE:COL or FILE:LINE-LINE, from 1"
        )
    first, column, last, end = (
        None if digits is None else _from_1(digits, text) for digits in match.groups()[1:]
    )
    assert first is not None
    if last is not None and (last, end or column or 1) < (first, column or 1):
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins")
    return Lines(_file(match[1]), first, last, column, end)


def language_of(file: Path) -> str:
    """Return the LSP language identifier that a file's name suggests."""
    return LANGUAGES.get(file.suffix.lower(), "plaintext")


def root_of(file: Path) -> Path:
    """Return the workspace that a file belongs to: the nearest folder with a marker, or its own."""
    return workspace_of(file.resolve().parent)


def workspace_of(folder: Path) -> Path:
    """Return the workspace that a folder belongs to: itself, where no folder has a marker."""
    marked = (each for each in (folder, *folder.parents) if _is_marked(each))
    return next(marked, folder)


def _is_marked(folder: Path) -> bool:
    return any((folder / marker).exists() for marker in MARKERS)


def _file(name: str) -> Path:
    file = Path(name)
    if not file.is_file():
        what = "is no file" if file.exists() else "does not exist"
        raise argparse.ArgumentTypeError(f"{name!r} {what}")
    return file


def _from_1(digits: str, text: str) -> int:
    number = int(digits)
    if number < 1:
        raise argparse.ArgumentTypeError(f"in {text!r}, lines and columns are counted from 1")
    return number
