"""Where parts of other files come from: the index of the workspace, and what is open in the editor.

The work in this room knows only these interfaces; workspace/index.py and lsp/editor.py are them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from arriero.core.outline import Definition, Outline


class Index(Protocol):
    """What is known of the workspace's files; see workspace/index.py."""

    news: int

    @property
    def folders(self) -> Sequence[Path]: ...

    @property
    def reading(self) -> bool: ...

    def watch(self, folders: Iterable[Path], ignore: Sequence[str]) -> None: ...

    def changed(self, paths: Iterable[Path]) -> None: ...

    async def close(self) -> None: ...

    def definitions(
        self, names: Collection[str], languages: Collection[str]
    ) -> Iterator[tuple[Path, Definition]]: ...

    def outline(self, folder: Path, path: str) -> Outline: ...

    def files(
        self, folder: Path, stems: Collection[str], languages: Collection[str]
    ) -> list[str]: ...

    def similar(
        self, folder: Path, names: Collection[str], languages: Collection[str], most: int
    ) -> list[tuple[str, int, str]]: ...


class NoIndex:
    """Nothing is known of any file that is not open."""

    news = 0
    reading = False
    folders: Sequence[Path] = ()

    def watch(self, folders: Iterable[Path], ignore: Sequence[str]) -> None:
        """Watch nothing."""

    def changed(self, paths: Iterable[Path]) -> None:
        """Read nothing."""

    async def close(self) -> None:
        """Hold nothing."""

    def definitions(
        self, names: Collection[str], languages: Collection[str]
    ) -> Iterator[tuple[Path, Definition]]:
        """Yield nothing."""
        return iter(())

    def outline(self, folder: Path, path: str) -> Outline:
        """Return an empty outline."""
        return Outline()

    def files(self, folder: Path, stems: Collection[str], languages: Collection[str]) -> list[str]:
        """Return none."""
        return []

    def similar(
        self, folder: Path, names: Collection[str], languages: Collection[str], most: int
    ) -> list[tuple[str, int, str]]:
        """Return none."""
        return []


@dataclass(frozen=True, slots=True)
class Open:
    """An open document: its file, or where that would be, and how people call it."""

    uri: str
    file: Path
    folder: Path | None
    path: str
    language: str
    lines: Callable[[int, int], list[str]]


class Editor(Protocol):
    """What is open in the editor."""

    def document(self, uri: str) -> Open | None:
        """Return an open document."""
        ...

    def cells_above(self, uri: str) -> Sequence[str]:
        """Return the cells of code that stand above one in its notebook, in order."""
        ...


class NoEditor:
    """Nothing is open."""

    def document(self, uri: str) -> None:
        """Return None."""

    def cells_above(self, uri: str) -> Sequence[str]:
        """Return none."""
        return ()
