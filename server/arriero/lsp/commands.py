"""workspace/executeCommand: one action, from the choice to the edit.

The one path for every client: progress that can be cancelled, the model, then an edit that the
client applies. It works where nothing is ever resolved (eglot 1.9) and where resolving freezes the
editor (Helix).
"""

from __future__ import annotations

from lsprotocol import types

from arriero.core import checks
from arriero.core.actions import BY_ID, Action
from arriero.core.rewriting import Rewriting
from arriero.errors import ArrieroError, DocumentChanged, NotPossible
from arriero.lsp import excerpts, possible
from arriero.lsp.applying import Seen, apply
from arriero.lsp.capabilities import ACT
from arriero.lsp.code_action import Ticket
from arriero.lsp.documents import Document
from arriero.lsp.progress import progress
from arriero.lsp.server import Server
from arriero.settings_kinds import one_of


def register(server: Server) -> None:
    server.command(ACT)(act)


async def act(ls: Server, ticket: Ticket) -> dict[str, object]:
    """Carry out an action; the result says `applied`, and the `text` or the `reason`.

    A failure is shown to the person here, once and in words; it is no error of the protocol, which
    editors show in their own, poorer ways. Only a document that moved on is one too.
    """
    try:
        return await _acted(ls, _known(ticket.action), ticket)
    except DocumentChanged as error:
        ls.tell(error, asked=True)
        raise
    except ArrieroError as error:
        ls.tell(error, asked=True)
        return {"applied": False, "reason": str(error)}


def _known(id: str) -> Action:
    if action := BY_ID.get(id):
        return action
    raise NotPossible(f"There is no action {id!r}; it has to be {one_of(id, BY_ID)}.")


async def _acted(ls: Server, action: Action, ticket: Ticket) -> dict[str, object]:
    ls.check_may_send(ticket.uri)
    document = _unmoved(ls, ticket)
    possible.check(action, document, ticket.start, ticket.stop, ls.client)
    with ls.work.on(document.uri, ticket.start, ticket.stop):
        return await _answered(ls, action, ticket, document)


def _unmoved(ls: Server, ticket: Ticket) -> Document:
    document = ls.documents[ticket.uri]
    if document.version != ticket.version:
        raise DocumentChanged(
            "The document changed after the action was offered, so nothing was asked of the "
            "model. Choose the action again."
        )
    return document


async def _answered(
    ls: Server, action: Action, ticket: Ticket, document: Document
) -> dict[str, object]:
    seen = Seen.of(document, ticket.start, ticket.stop)
    root = ls.root_of(document.uri)
    excerpt = excerpts.of(document, ticket.start, ticket.stop, root)
    language, syntax = document.language_id, ls.assistant.syntax
    title = action.title.partition(":")[0]
    async with progress(ls, f"{title} ({excerpt.path})") as report:
        outcome = await ls.assistant.act(
            action,
            excerpt,
            ticket.problems,
            lambda tokens: report(f"{tokens} tokens"),
            lambda new: checks.broken(syntax, language, seen.lines, seen.region, new),
        )
    if outcome.prose:
        if not ls.client.extension.get("explanations"):  # else it shows the result itself
            ls.say(types.MessageType.Info, outcome.text)
        return {"applied": False, "text": outcome.text}
    return await apply(ls, seen, Rewriting(outcome.text, outcome.imports), title)
