"""textDocument/inlineCompletion: text to insert at the cursor, shown as ghost text.

Editors that run an item's command when it is accepted tell us so by `arriero.accepted`:

    {"command": "arriero.accepted", "arguments": [{"uri": "file:///a.py", "number": 12}]}
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from lsprotocol import types

from arriero.core.tally import Offer
from arriero.errors import ArrieroError
from arriero.lsp import excerpts
from arriero.lsp.capabilities import ACCEPTED
from arriero.lsp.documents import Document
from arriero.lsp.server import Server

INVOKED = types.InlineCompletionTriggerKind.Invoked

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """The suggestion that was accepted: its document, and its number (core/tally.py)."""

    uri: str
    number: int


def register(server: Server) -> None:
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)(suggest)
    server.command(ACCEPTED)(accepted)


async def suggest(ls: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """Answer with one suggestion or none, and with up to three where somebody asks by hand again.

    What fails is told to those who asked, or once.
    """
    document = ls.documents[params.text_document.uri]
    explicit = params.context.trigger_kind == INVOKED
    try:
        offer = await _offer(ls, document, params.position, explicit=explicit)
    except ArrieroError as error:
        logger.info("No suggestion: %s", error)
        ls.tell(error, asked=explicit)
        offer = None
    return types.InlineCompletionList(items(document, params.position, offer) if offer else [])


def accepted(ls: Server, taken: Taken) -> None:
    """Count a suggestion as accepted."""
    ls.assistant.completer.accepted(taken.uri, taken.number)


async def _offer(
    ls: Server, document: Document, position: types.Position, *, explicit: bool
) -> Offer | None:
    if not (explicit or ls.assistant.suggests(document.language_id)):
        return None
    ls.check_may_send(document.uri)
    excerpt = excerpts.at(document, position, ls.root_of(document.uri))
    return await ls.assistant.offer(document.uri, excerpt, explicit=explicit)


def items(
    document: Document, position: types.Position, offer: Offer
) -> list[types.InlineCompletionItem]:
    """Return the suggestions with the document's line ends, as insertions at the cursor."""
    here = types.Range(position, position)
    taken = {"uri": document.uri, "number": offer.number}
    command = types.Command("Count as accepted", ACCEPTED, arguments=[taken])
    return [
        types.InlineCompletionItem(text.replace("\n", document.eol), range=here, command=command)
        for text in offer.texts
    ]
