"""The files of a folder, as far as somebody wrote them."""

from __future__ import annotations

import os
from pathlib import Path

MOST = 20_000  # files; more are no project that somebody wrote
SKIPPED = frozenset({"node_modules", "__pycache__", "target", "build", "dist", "venv", "vendor"})


def listed(folder: Path) -> list[str]:
    """Return the paths of the files below a folder, with forward slashes, in order.

    What begins with a dot, and what tools make, is left out.
    """
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each[0] != "." and each not in SKIPPED)
        here = Path(place).relative_to(folder)
        found += [(here / name).as_posix() for name in sorted(names) if name[0] != "."]
        if len(found) >= MOST:
            break
    return found[:MOST]
