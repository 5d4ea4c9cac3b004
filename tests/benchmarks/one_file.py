"""An editor with one file of a workspace open, and the workspace's index, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arriero.assist.sources import Open
from arriero.core.outline import LANGUAGES
from arriero.indexer import Job, work
from arriero.workspace.index import Index


@dataclass(frozen=True, slots=True)
class OneFile:
    """The editor. Nobody asks for the lines of a file in which they are already."""

    uri: str
    file: Path
    folder: Path

    def document(self, uri: str) -> Open | None:
        if uri != self.uri:
            return None
        path = self.file.relative_to(self.folder).as_posix()
        language = LANGUAGES[self.file.suffix]
        return Open(uri, self.file, self.folder, path, language, lambda start, stop: [])

    def cells_above(self, uri: str) -> Sequence[str]:
        return ()


def indexed(folder: Path, place: Path) -> Index:
    """Return the index of a folder, with all its files read."""
    index = Index(place)
    for _ in work(Job(folder, index.database(folder), (), None)):
        pass
    index.know(folder)
    return index
