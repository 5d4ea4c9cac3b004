"""Parts of other files that may be worth showing, of each kind, the best first.

excerpt -> cells above, places of late, definitions, tests, outlines of what is open -> Snippets
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from arriero.assist.sources import Editor, Index, NoEditor, NoIndex, Open
from arriero.core import context, testing
from arriero.core.context import Kind, Needs, Snippet
from arriero.core.outline import Definition, Outline, family
from arriero.core.text import Excerpt
from arriero.core.trail import Trail

# Lines: who is so far from a place sees other code there.
FAR = 96

# Lines of a place that somebody edited, on each side.
AROUND = 8
MOST_RECENT = 4
MOST_OPEN = 4
MOST_SIMILAR = 2
OUTLINED = 24  # lines of a file that is shown by its outline
CELL_LINES = 40


@dataclass(slots=True)
class Gathering:
    """Where the parts come from."""

    index: Index = field(default_factory=NoIndex)
    editor: Editor = field(default_factory=NoEditor)
    trail: Trail = field(default_factory=Trail)

    def needs(self, excerpt: Excerpt) -> Needs:
        """Return what a place needs. Imports far above it are known from the file as saved."""
        folder = self.folder(excerpt)
        saved = self.index.outline(folder, excerpt.path) if folder else Outline()
        return context.needs(excerpt, saved.imports)

    def folder(self, excerpt: Excerpt) -> Path | None:
        """Return the folder of the workspace that a document lies in."""
        document = self.editor.document(excerpt.uri)
        return document.folder if document else None

    def definitions(
        self, excerpt: Excerpt, names: Collection[str]
    ) -> Iterator[tuple[str, Definition]]:
        """Yield what has one of the names, with its folder."""
        for folder, definition in self.index.definitions(names, family(excerpt.language)):
            yield folder.as_posix(), definition

    def is_alone(self, excerpt: Excerpt) -> bool:
        """Tell whether there is nothing but the file itself: then nobody has to look further."""
        if self.index.folders or self.editor.cells_above(excerpt.uri):
            return False
        return not any(stop.edited and stop.uri != excerpt.uri for stop in self.trail)

    def snippets(self, excerpt: Excerpt, place: Needs) -> Iterator[Snippet]:
        """Yield everything that is known at once."""
        yield from self._cells(excerpt)
        yield from self._recent(excerpt)
        yield from context.definitions(self.definitions(excerpt, place.names), place)
        yield from self._tests(excerpt)
        yield from self._open(excerpt)

    def similar(self, excerpt: Excerpt, folder: Path, names: Collection[str]) -> list[Snippet]:
        """Return code that has most of the names in common. It takes long: it is for a thread."""
        languages = family(excerpt.language)
        found = self.index.similar(folder, names, languages, MOST_SIMILAR + 1)
        others = [
            _from_index("similar", folder, path, line, text)
            for path, line, text in found
            if path != excerpt.path
        ]
        return others[:MOST_SIMILAR]

    def _cells(self, excerpt: Excerpt) -> Iterator[Snippet]:
        """Yield the cells above, the nearest first; in the prompt they stand in their order."""
        for number, uri in reversed([*enumerate(self.editor.cells_above(excerpt.uri))]):
            if cell := self.editor.document(uri):
                text = "\n".join(cell.lines(0, CELL_LINES)).rstrip()
                if text:
                    yield _from_editor("cells", cell, number, text)

    def _recent(self, excerpt: Excerpt) -> Iterator[Snippet]:
        """Yield the places that were edited last; those of this file only where they are far."""
        found = 0
        for stop in self.trail:
            here = stop.uri == excerpt.uri and abs(stop.line - excerpt.line) <= FAR
            if here or not stop.edited:
                continue
            document = self.editor.document(stop.uri)
            top = max(stop.line - AROUND, 0)
            lines = document.lines(top, stop.line + AROUND + 1) if document else []
            if document and any(line.strip() for line in lines):
                yield _from_editor("recent", document, top, "\n".join(lines).strip("\n"))
                found += 1
            if found == MOST_RECENT:
                return

    def _tests(self, excerpt: Excerpt) -> Iterator[Snippet]:
        """Yield the outline of the tests of this file, or of what this file tests."""
        folder = self.folder(excerpt)
        if folder is None:
            return
        called = testing.counterparts(excerpt.path)
        paths = self.index.files(folder, called, family(excerpt.language))
        if path := testing.nearest(paths, excerpt.path):
            yield from self._outlined("tests", folder, path)

    def _open(self, excerpt: Excerpt) -> Iterator[Snippet]:
        """Yield the outlines of the documents that were opened or edited last."""
        uris = dict.fromkeys(stop.uri for stop in self.trail if stop.uri != excerpt.uri)
        documents = filter(None, map(self.editor.document, uris))
        languages = family(excerpt.language)
        related = (each for each in documents if each.language in languages)
        for document in islice(related, MOST_OPEN):
            if document.folder:
                yield from self._outlined("open", document.folder, document.path)

    def _outlined(self, kind: Kind, folder: Path, path: str) -> Iterator[Snippet]:
        heads = [
            line
            for definition in self.index.outline(folder, path).definitions
            if not definition.member_of
            for line in definition.brief.split("\n")[:2]
        ]
        if heads:
            yield _from_index(kind, folder, path, 0, "\n".join(heads[:OUTLINED]))


def _from_index(kind: Kind, folder: Path, path: str, line: int, text: str) -> Snippet:
    origin = ((folder / path).as_posix(), folder.as_posix())
    return Snippet(kind, path, line, text, origin=origin)


def _from_editor(kind: Kind, document: Open, line: int, text: str) -> Snippet:
    folder = document.folder.as_posix() if document.folder else ""
    return Snippet(kind, document.path, line, text, origin=(document.file.as_posix(), folder))
