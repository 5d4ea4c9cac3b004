"""Whether a file may be sent to a model at all, be it open or shown beside another.

    secrets.py      what holds secrets by its nature; no setting lifts it
    settings        `ignore`, relative to the workspace
    .arrieroignore  in the file's folder or any above it, relative to it: a person may open a part
                    of a project alone, and its rules count there too

One rule that keeps a file back is enough: a `!` counts only among the rules it stands with.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from arriero.workspace.rules import as_text, keeping_back
from arriero.workspace.secrets import secret_rule

IGNORE_FILE = ".arrieroignore"


def reason_not_to_send(path: Path, root: Path | None, patterns: Sequence[str]) -> str | None:
    """Say in a sentence why a file is kept from every model; None where it is not.

    `path` is absolute, `root` the workspace's folder, `patterns` the setting `ignore`. A link is
    judged by its own name and by what it leads to.
    """
    try:
        real = _real(path), root and _real(root)
        return _reason(path, root, patterns) or (
            _reason(*real, patterns) if real != (path, root) else None
        )
    except OSError as error:
        why = f"the rules that may keep it back cannot be read ({error.strerror})"
    except ValueError as error:
        why = f"the rule {error}"
    return f"{path.name} is sent to no model: {why}."


def _real(path: Path) -> Path:
    # Path.resolve() raises for links that lead in a circle, but only before Python 3.13.
    return Path(os.path.realpath(path))


def _reason(path: Path, root: Path | None, patterns: Sequence[str]) -> str | None:
    if rule := secret_rule(path):
        return f'{path.name} is sent to no model: files like "{rule}" hold secrets.'
    if rule := keeping_back("\n".join(patterns), as_text(_within(path, root))):
        return f'{path.name} is sent to no model: "{rule}" in your `ignore` settings keeps it back.'
    for file in _ignore_files(path):
        if rule := keeping_back(_text(file), as_text(path.relative_to(file.parent))):
            return f'{path.name} is sent to no model: "{rule}" in {file} keeps it back.'
    return None


def _within(path: Path, root: Path | None) -> Path:
    return path.relative_to(root) if root and path.is_relative_to(root) else path


def _ignore_files(path: Path) -> Iterator[Path]:
    """Yield the ignore files above a path, the nearest first."""
    for folder in path.parents:
        if (file := folder / IGNORE_FILE).is_file():
            yield file


def _text(file: Path) -> str:
    # A rule in another encoding still works where it is ASCII.
    return file.read_text("utf-8-sig", errors="replace")
