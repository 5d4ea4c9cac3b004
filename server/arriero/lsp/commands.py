"""workspace/executeCommand: one action, from the choice to the edit, and the way to stop it.

The one path for every client: progress that can be cancelled, the model, then an edit that the
client applies. It works where nothing is ever resolved (eglot 1.9) and where resolving freezes the
editor (Helix). `arriero.cancel` stops the actions that run, for editors whose progress has no
button for that; the result says by `cancelled` how many those were.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from arriero.core.actions import Action, Answer
from arriero.errors import AnswerError, ArrieroError, DocumentChanged
from arriero.lsp import acting, possible
from arriero.lsp.acting import Deed, Result
from arriero.lsp.capabilities import ACT, CANCEL
from arriero.lsp.code_action import Ticket, known
from arriero.lsp.documents import Document
from arriero.lsp.server import Server

_DO: dict[Answer, Callable[[Deed], Awaitable[Result]]] = {
    "rewrite": acting.rewritten,
    "documentation": acting.rewritten,
    "below": acting.rewritten,
    "insert": acting.inserted,
    "tests": acting.tested,
    "show": acting.explained,
}


def register(server: Server) -> None:
    server.command(ACT)(act)
    server.command(CANCEL)(cancel)


async def act(ls: Server, raw: Any) -> Result:
    """Carry out an action; the result says `applied`, and the `text` or the `reason`.

    `refused` tells a reason that lies in the model's answer. `raw` is a Ticket as JSON.

    A failure is shown to the person here, once and in words; it is no error of the protocol, which
    editors show in their own, poorer ways. Only a document that moved on is one too.
    """
    ticket = ls.structured(raw, Ticket)
    try:
        return await _acted(ls, known(ls, ticket.action), ticket)
    except DocumentChanged as error:
        ls.tell(error, asked=True)
        raise
    except ArrieroError as error:
        ls.tell(error, asked=True)
        refused = isinstance(error, AnswerError)
        return {"applied": False, "reason": str(error), **({"refused": True} if refused else {})}


def cancel(ls: Server) -> Result:
    return {"cancelled": ls.work.cancel()}


async def _acted(ls: Server, action: Action, ticket: Ticket) -> Result:
    ls.check_may_send(ticket.uri)
    document = _unmoved(ls, ticket)
    possible.check(action, document, ticket, ls.client)
    with ls.work.on(document.uri, ticket.start, ticket.stop):
        return await _DO[action.answer](Deed(ls, action, ticket, document))


def _unmoved(ls: Server, ticket: Ticket) -> Document:
    document = ls.documents[ticket.uri]
    if document.version != ticket.version:
        raise DocumentChanged(
            "The document changed after the action was offered, so nothing was asked of the "
            "model. Choose the action again."
        )
    return document
