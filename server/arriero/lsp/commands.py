"""workspace/executeCommand: one action, from the choice to the edit.

The one path for every client: progress that can be cancelled, the model, then an edit that the
client applies. It works where nothing is ever resolved (eglot 1.9) and where resolving freezes the
editor (Helix).
"""

from __future__ import annotations

from lsprotocol import types

from arriero.assist.actor import Outcome
from arriero.core import checks, edits
from arriero.core.actions import BY_ID, Action
from arriero.core.edits import Hunk
from arriero.core.rewriting import Rewriting
from arriero.errors import ArrieroError, DocumentChanged
from arriero.lsp import excerpts
from arriero.lsp.capabilities import ACT
from arriero.lsp.code_action import Ticket
from arriero.lsp.documents import Document
from arriero.lsp.progress import progress
from arriero.lsp.server import Server

ANNOTATION = "arriero"


def register(server: Server) -> None:
    server.command(ACT)(act)


async def act(ls: Server, ticket: Ticket) -> dict[str, object]:
    """Carry out an action; the result says `applied`, and the `text` or the `reason`.

    A failure is shown to the person here, once and in words; it is no error of the protocol, which
    editors show in their own, poorer ways. Only a document that moved on is one too.
    """
    action = BY_ID[ticket.action]
    try:
        return await _acted(ls, action, ticket)
    except DocumentChanged as error:
        ls.tell(error, asked=True)
        raise
    except ArrieroError as error:
        ls.tell(error, asked=True)
        return {"applied": False, "reason": str(error)}


async def _acted(ls: Server, action: Action, ticket: Ticket) -> dict[str, object]:
    ls.check_may_send(ticket.uri)
    document = _unmoved(ls, ticket)
    seen = document.lines(0, document.line_count)
    revision = document.revision
    region = Hunk(ticket.start, ticket.stop, ())
    excerpt = excerpts.of(document, ticket.start, ticket.stop, ls.root)
    title = action.title.partition(":")[0]
    async with progress(ls, f"{title} ({excerpt.path})") as report:
        outcome = await ls.assistant.act(
            action,
            excerpt,
            ticket.problems,
            lambda tokens: report(f"{tokens} tokens"),
            lambda new: checks.broken(ls.assistant.syntax, document.language_id, seen, region, new),
        )
    if outcome.prose:
        if not ls.client.extension.get("explanations"):  # else it shows the result itself
            ls.say(types.MessageType.Info, outcome.text)
        return {"applied": False, "text": outcome.text}
    new = Rewriting(outcome.text, outcome.imports)
    hunks = checks.hunks(seen, region, new, document.language_id)
    document = ls.documents[ticket.uri]
    if document.revision != revision:
        hunks = _rebased(region, hunks, seen, document)
    return await _apply(ls, document, hunks, title, outcome)


def _unmoved(ls: Server, ticket: Ticket) -> Document:
    document = ls.documents[ticket.uri]
    if document.version != ticket.version:
        raise DocumentChanged(
            "The document changed after the action was offered, so nothing was asked of the "
            "model. Choose the action again."
        )
    return document


def _rebased(
    region: Hunk, hunks: tuple[Hunk, ...], seen: list[str], document: Document
) -> tuple[Hunk, ...]:
    """Move the edit over what was typed meanwhile; raises DocumentChanged where they touch."""
    change = edits.difference(seen, document.lines(0, document.line_count))
    if edits.rebased(region, change) is None:
        raise DocumentChanged(
            "These lines changed while the model answered, so its answer was dropped. "
            "Choose the action again."
        )
    return tuple(moved for hunk in hunks if (moved := edits.rebased(hunk, change)))


async def _apply(
    ls: Server, document: Document, hunks: tuple[Hunk, ...], title: str, outcome: Outcome
) -> dict[str, object]:
    text_edits = [_text_edit(document, hunk) for hunk in hunks]
    edit = _workspace_edit(ls, document, text_edits, title)
    answer = await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label=title))
    if answer.applied:
        return {"applied": True}
    reason = answer.failure_reason or "the editor gave no reason"
    return {"applied": False, "reason": f"The editor did not apply the edit: {reason}."}


def _workspace_edit(
    ls: Server, document: Document, text_edits: list[types.TextEdit], title: str
) -> types.WorkspaceEdit:
    """Return the edit in the best form that the client knows."""
    if not ls.client.document_changes:
        return types.WorkspaceEdit(changes={document.uri: text_edits})
    name = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    if not ls.client.change_annotations:
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(name, text_edits)])
    info = ls.assistant.status.info
    annotation = types.ChangeAnnotation(
        title,
        needs_confirmation=ls.client.confirmation,
        description=f"written by {info.id}" if info else None,
    )
    annotated = [types.AnnotatedTextEdit(ANNOTATION, e.range, e.new_text) for e in text_edits]
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(name, annotated)],
        change_annotations={ANNOTATION: annotation},
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
