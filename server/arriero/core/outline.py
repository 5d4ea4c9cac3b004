"""What a file is to other files: the definitions in it, and what it imports. Plain values.

`syntax/` finds the definitions of a text, `imports.py` its imports; the index of a workspace keeps
both, and `context.py` chooses among them what a model is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d]\w*")

# LSP language identifiers by the endings of file names, for those that have a grammar in syntax/
# and definitions worth knowing.
LANGUAGES = {
    ".c": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".cts": "typescript",
    ".cxx": "cpp",
    ".go": "go",
    ".h": "c",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".java": "java",
    ".cjs": "javascript",
    ".js": "javascript",
    ".jsx": "javascriptreact",
    ".kt": "kotlin",
    ".lua": "lua",
    ".mjs": "javascript",
    ".mts": "typescript",
    ".php": "php",
    ".py": "python",
    ".pyi": "python",
    ".rb": "ruby",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "shellscript",
    ".swift": "swift",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".zig": "zig",
}

# Languages whose files import each other, and so belong together.
_FAMILIES = (
    {"c", "cpp"},
    {"javascript", "javascriptreact", "typescript", "typescriptreact"},
    {"java", "kotlin", "scala"},
)


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that other code can name.

    `path` is its file with forward slashes, `line` where it begins (from 0), `stop` the line behind
    it. `brief` says in a few lines how it is used; `more`, where there is more to say, its whole
    outline or text. `member_of` is the type that it belongs to.
    """

    name: str
    path: str
    line: int
    stop: int
    brief: str
    more: str = ""
    member_of: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file defines, in order, and the words of each of its imports."""

    definitions: tuple[Definition, ...] = ()
    imports: tuple[tuple[str, ...], ...] = ()


def words(text: str) -> list[str]:
    """Return the names and keywords of a text, in order."""
    return _WORD.findall(text)


def family(language: str) -> frozenset[str]:
    """Return the languages whose definitions code in a language can use."""
    found = next((each for each in _FAMILIES if language in each), {language})
    return frozenset(found)


def path_words(path: str) -> list[str]:
    """Return the words of a path from its end on: the file's name first, without its ending."""
    folders, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return [stem, *reversed(folders.split("/"))] if folders else [stem]


def nearness(imported: Sequence[str], path: str) -> int:
    """Return how well the words of an import name a file: 0 for not at all.

    What they say of the end of its path counts most, since imports often begin in mid-path. The
    file of a whole folder (`__init__.py`, `index.ts`, `mod.rs`) is named by the folder.
    """
    stem, *folders = path_words(path)
    named = set(imported)
    whole_folder = stem in {"__init__", "index", "mod"} and folders[:1]
    found = 2 * (stem in named) or int(bool(whole_folder) and folders[0] in named)
    return found + sum(folder in named for folder in folders)


def distance(one: str, other: str) -> int:
    """Return how many folders lie between two files."""
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            break
        shared += 1
    return len(mine) + len(theirs) - 2 * shared


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Yield names in the order in which they first come."""
    yield from dict.fromkeys(names)
