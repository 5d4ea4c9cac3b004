"""pygls's workspace, with our documents in place of its own.

pygls rewrites the whole text at every edit, counts form feeds and U+2028 as line ends, and so goes
out of step with the editor (pygls#538 for the cost). Folders and notebooks stay its business; the
cells of notebooks are documents like any other.
"""

from __future__ import annotations

from urllib.parse import unquote

from lsprotocol import types
from pygls import workspace

from arriero.lsp.documents import Documents


class Workspace(workspace.Workspace):
    """Keeps text in `documents`; its own `get_text_document` knows nothing and is not for use."""

    def __init__(self, documents: Documents) -> None:
        super().__init__(None)
        self._ours = documents

    def put_text_document(
        self, text_document: types.TextDocumentItem, notebook_uri: str | None = None
    ) -> None:
        """Open a cell of a notebook."""
        item = text_document
        if notebook_uri:
            self._cell_in_notebook[unquote(item.uri)] = unquote(notebook_uri)
        self._ours.open(item.uri, language_of(item), item.version, item.text)

    def update_text_document(
        self,
        text_doc: types.VersionedTextDocumentIdentifier,
        change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """Apply one change; raises NotOpen."""
        self._ours.change(text_doc.uri, text_doc.version, [change])

    def remove_text_document(self, doc_uri: str) -> None:
        """Close a document."""
        self._cell_in_notebook.pop(unquote(doc_uri), None)
        self._ours.close(doc_uri)


def language_of(item: types.TextDocumentItem) -> str:
    """Return a document's language id, be it one that lsprotocol lists or not."""
    return str(getattr(item.language_id, "value", item.language_id))
