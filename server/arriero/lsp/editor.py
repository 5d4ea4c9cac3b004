"""What is open in the editor, in the form that the work wants to know it: assist/sources.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types

from arriero.assist.sources import Open
from arriero.lsp import excerpts
from arriero.lsp.server import Server


class Desk:
    """The open documents of a server's client."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls

    def document(self, uri: str) -> Open | None:
        """Return an open document."""
        document = self._ls.documents.get(uri)
        if document is None:
            return None
        folder = self._ls.root_of(uri)
        return Open(
            uri,
            excerpts.place_of(uri),
            folder,
            excerpts.shown_path(uri, folder),
            document.language_id,
            document.lines,
        )

    def cells_above(self, uri: str) -> Sequence[str]:
        """Return the cells of code that stand above one in its notebook, in order."""
        notebook = self._ls.workspace.get_notebook_document(cell_uri=uri)
        if notebook is None:
            return ()
        cells = [cell for cell in notebook.cells if cell.kind == types.NotebookCellKind.Code]
        uris = [cell.document for cell in cells]
        return uris[: uris.index(uri)] if uri in uris else ()


def files(uris: Iterable[str]) -> list[Path]:
    """Return the files that these documents are, where they are files."""
    return [path for path in map(excerpts.path_of, uris) if path]
