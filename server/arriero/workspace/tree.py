"""The source files of a folder that an index may hold, the shallow ones first.

Left out is what git ignores, what tools make, what is kept from every model, what leads elsewhere
(links), what is too large to have been written by somebody, and more files than anyone can use.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from arriero.workspace.files import MOST, SKIPPED
from arriero.workspace.ignore import IGNORE_FILE, reason_not_to_send
from arriero.workspace.rules import ignored

# Larger ones are data, or made by tools; and their trees would take a second to make.
LARGEST = 300_000  # bytes

# Entries looked at; a tree with more is walked no further, so that the walk ends.
ENTRIES = 1_000_000

# Where these change, any file may have come or gone.
RULES = frozenset({".gitignore", IGNORE_FILE})

Rules = tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file, and what changes when it is written: its time (ns) and size (bytes)."""

    path: Path
    stamp: tuple[int, int]


def source_files(
    root: Path, endings: Collection[str], patterns: Sequence[str] = ()
) -> Iterator[File]:
    """Yield the source files below a folder. `patterns` are the setting `ignore`."""
    left: deque[tuple[Path, Rules]] = deque([(root, _rules_above(root))])
    found = seen = 0
    while left and seen < ENTRIES:
        folder, rules = left.popleft()
        rules = _with_own(folder, rules)
        for entry in _entries(folder):
            seen += 1
            path = folder / entry.name
            if entry.name[0] == "." or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and not _git_ignores(path, rules, folder=True):
                    left.append((path, rules))
            elif path.suffix in endings and not _git_ignores(path, rules):
                file = _file(entry, path)
                if file and not reason_not_to_send(path, root, patterns):
                    yield file
                    found += 1
                    if found == MOST:
                        return


def source_file(
    path: Path, root: Path, endings: Collection[str], patterns: Sequence[str] = ()
) -> File | None:
    """Return one file as `source_files` would yield it; None where it would not."""
    folders = [folder for folder in path.parents if folder.is_relative_to(root)]
    below = [folder.name for folder in folders if folder != root]
    hidden = any(map(_is_left_out, (*below, path.name)))
    if root not in folders or hidden or path.suffix not in endings:
        return None
    rules = _rules_above(root)
    for folder in reversed(folders):
        if folder != root and (folder.is_symlink() or _git_ignores(folder, rules, folder=True)):
            return None
        rules = _with_own(folder, rules)
    if path.is_symlink() or _git_ignores(path, rules):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if status.st_size > LARGEST or reason_not_to_send(path, root, patterns):
        return None
    return File(path, (status.st_mtime_ns, status.st_size))


def matters(path: PurePath, endings: Collection[str]) -> bool:
    """Tell by its path below a folder whether a change can matter to what is found there.

    Builds and version control write all the time. What has no ending may be a folder.
    """
    if any(map(_is_left_out, path.parts[:-1])):
        return False
    if path.name in RULES:
        return True
    return not _is_left_out(path.name) and (not path.suffix or path.suffix in endings)


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []  # one that cannot be read, or is gone, has nothing to show


def _file(entry: os.DirEntry[str], path: Path) -> File | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return File(path, (status.st_mtime_ns, status.st_size)) if status.st_size <= LARGEST else None


def _rules_above(root: Path) -> Rules:
    """Return git's rules in the folders above: a workspace can be a part of a repository."""
    rules: Rules = ()
    above = [*root.parents]
    tops = [number for number, folder in enumerate(above) if (folder / ".git").exists()]
    if not (root / ".git").exists() and tops:
        for folder in reversed(above[: tops[0] + 1]):
            rules = _with_own(folder, rules)
    # Who opens a folder that git ignores means the files in it.
    return () if _git_ignores(root, rules, folder=True) else rules


def _with_own(folder: Path, rules: Rules) -> Rules:
    for name in (".git/info/exclude", ".gitignore"):
        try:
            text = (folder / name).read_text("utf-8", errors="replace")
        except OSError:
            continue  # most folders have none
        rules = (*rules, (folder, text))
    return rules


def _git_ignores(path: Path, rules: Rules, *, folder: bool = False) -> bool:
    """Tell whether git would ignore a path: the deepest file of rules that knows it decides."""
    for base, text in reversed(rules):
        decided = ignored(text, path.relative_to(base).as_posix() + ("/" if folder else ""))
        if decided is not None:
            return decided
    return False
