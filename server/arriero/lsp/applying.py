"""From new text to an edit that the client applies, also where the lines moved meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from arriero.core import checks, edits
from arriero.core.edits import Hunk
from arriero.core.rewriting import Rewriting
from arriero.errors import DocumentChanged
from arriero.lsp.documents import Document
from arriero.lsp.server import Server

ANNOTATION = "arriero"


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as the model was asked about it: its lines, and those of the region."""

    uri: str
    language: str
    lines: list[str]
    revision: int
    region: Hunk

    @classmethod
    def of(cls, document: Document, start: int, stop: int) -> Seen:
        """Return the document as it is now, with the region `start` to `stop`."""
        lines = document.lines(0, document.line_count)
        region = Hunk(start, stop, ())
        return cls(document.uri, document.language_id, lines, document.revision, region)


@dataclass(frozen=True, slots=True)
class Target:
    """A document that the client has not opened; `create`: there is no such file yet."""

    document: Document
    create: bool


async def apply(
    ls: Server, seen: Seen, new: Rewriting, title: str, target: Target | None = None
) -> dict[str, object]:
    """Let the client make the change; return `applied`, and the `reason` if it did not.

    Without a target the document is open. Raises DocumentChanged where somebody typed into the
    lines.
    """
    async with ls.applying:
        while True:
            document = target.document if target else ls.documents[seen.uri]
            revision = document.revision
            lines, region = seen.lines, seen.region
            if revision != seen.revision:
                lines = document.lines(0, document.line_count)
                region = _moved(seen, lines)
            hunks = checks.hunks(lines, region, new, seen.language)
            text_edits = [_text_edit(document, hunk) for hunk in hunks]
            result = await sent(ls, edit_of(ls, document, text_edits, title, target), title)
            # A key that was struck while the edit was on its way makes the client refuse it.
            if result["applied"] or target or ls.documents[seen.uri].revision == revision:
                return result


async def sent(ls: Server, edit: types.WorkspaceEdit, title: str) -> dict[str, object]:
    """Send an edit; return `applied`, and the `reason` if the client did not."""
    answer = await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label=title))
    if answer.applied:
        return {"applied": True}
    reason = answer.failure_reason or "the editor gave no reason"
    return {"applied": False, "reason": f"The editor did not apply the edit: {reason}."}


def changed_meanwhile() -> DocumentChanged:
    """Return the error for an answer to a text that is gone."""
    return DocumentChanged(
        "These lines changed while the model answered, so its answer was dropped. "
        "Choose the action again."
    )


def _moved(seen: Seen, lines: list[str]) -> Hunk:
    region = seen.region
    start = edits.moved(region.start, region.stop, seen.lines, lines)
    if start is None:
        raise changed_meanwhile()
    return Hunk(start, start + region.stop - region.start, ())


def edit_of(
    ls: Server,
    document: Document,
    text_edits: list[types.TextEdit],
    title: str,
    target: Target | None = None,
) -> types.WorkspaceEdit:
    """Return the edit in the best form that the client knows."""
    create = target is not None and target.create
    if not ls.client.document_changes and not create:
        return types.WorkspaceEdit(changes={document.uri: text_edits})
    version = None if target else document.version
    name = types.OptionalVersionedTextDocumentIdentifier(document.uri, version)
    changes: list[types.CreateFile | types.TextDocumentEdit] = []
    if create:
        changes.append(types.CreateFile(document.uri))
    if not ls.client.change_annotations:
        return types.WorkspaceEdit(
            document_changes=[*changes, types.TextDocumentEdit(name, text_edits)]
        )
    annotated = [types.AnnotatedTextEdit(ANNOTATION, e.range, e.new_text) for e in text_edits]
    return types.WorkspaceEdit(
        document_changes=[*changes, types.TextDocumentEdit(name, annotated)],
        change_annotations={ANNOTATION: _annotation(ls, title)},
    )


def _annotation(ls: Server, title: str) -> types.ChangeAnnotation:
    model = ls.assistant.status.model
    return types.ChangeAnnotation(
        title,
        needs_confirmation=ls.client.confirmation and ls.assistant.settings.actions.confirm,
        description=f"written by {model.info.id}" if model else None,
    )


def _text_edit(document: Document, hunk: Hunk) -> types.TextEdit:
    """Turn whole lines into positions; the last line of a document has no line end to replace."""
    eol = document.eol
    if hunk.stop < document.line_count:
        text = "".join(line + eol for line in hunk.lines)
        start, end = (hunk.start, 0), (hunk.stop, 0)
    elif hunk.start == 0:
        text = eol.join(hunk.lines)
        start, end = (0, 0), document.end
    else:
        text = "".join(eol + line for line in hunk.lines)
        start, end = (
            document.position(hunk.start - 1, len(document.line(hunk.start - 1))),
            document.end,
        )
    return types.TextEdit(types.Range(types.Position(*start), types.Position(*end)), text)
