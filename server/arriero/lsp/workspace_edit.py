"""Applying a WorkspaceEdit, plain JSON, to documents in memory: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from arriero.errors import ArrieroError
from arriero.lsp.documents import Document, Documents, Edit
from arriero.lsp.positions import Position, Range

_TextEdit = tuple[Range, str]


class NotApplied(ArrieroError):
    """The edit does not fit the documents; nothing was changed."""


def apply_workspace_edit(documents: Documents, edit: Mapping[str, Any]) -> list[Document]:
    """Apply text edits and return the documents changed. Raises NotApplied.

    A version in the edit has to be the document's own. Files that are not open are opened, and
    those that are created begin empty; nothing is written to the disk.
    """
    planned = [
        (_document(documents, uri, version, created=uri in _created(edit)), edits)
        for uri, version, edits in _parts(edit)
    ]
    for document, edits in planned:
        # All ranges are in the text as it was before: from the back, none moves another.
        # What is inserted at one place keeps its order, and stands before what is replaced there.
        ordered = sorted(edits, key=lambda edit: edit[0])[::-1]
        document.apply([Edit(*edit) for edit in ordered], document.version + 1)
    return [document for document, _ in planned]


def _parts(edit: Mapping[str, Any]) -> list[tuple[str, int | None, list[_TextEdit]]]:
    if (changes := edit.get("documentChanges")) is None:
        changes = [
            {"textDocument": {"uri": uri}, "edits": edits}
            for uri, edits in (edit.get("changes") or {}).items()
        ]
    parts = []
    for change in changes:
        if change.get("kind") == "create":
            continue
        if "kind" in change:
            raise NotApplied(f"This client changes text only, and cannot {change['kind']} files.")
        identifier = change["textDocument"]
        edits = [(read_range(item["range"]), item["newText"]) for item in change["edits"]]
        parts.append((identifier["uri"], identifier.get("version"), edits))
    return parts


def _created(edit: Mapping[str, Any]) -> set[str]:
    changes = edit.get("documentChanges") or ()
    return {change["uri"] for change in changes if change.get("kind") == "create"}


def _document(documents: Documents, uri: str, version: int | None, *, created: bool) -> Document:
    document = documents.get(uri)
    if document is None and (created or version is None):
        document = _opened(documents, uri, created=created)
    if document is None:
        raise NotApplied(f"{uri} is not open.")
    if version is not None and version != document.version:
        raise NotApplied(
            f"{uri} has version {document.version}; the edit is for version {version}."
        )
    return document


def _opened(documents: Documents, uri: str, *, created: bool) -> Document | None:
    file = Path(url2pathname(urlsplit(uri).path))
    if created and file.exists():
        raise NotApplied(f"{uri} is there already.")
    if not created and not file.is_file():
        return None
    text = "" if created else file.read_bytes().decode("utf-8", "replace")
    return documents.open(uri, "", 0, text)


def read_range(range_: Mapping[str, Any]) -> Range:
    """Return a range of the protocol as a value."""
    start, end = range_["start"], range_["end"]
    return Range(
        Position(start["line"], start["character"]), Position(end["line"], end["character"])
    )
