"""textDocument/inlineCompletion: text to insert at the cursor, shown as ghost text."""

from __future__ import annotations

import logging

from lsprotocol import types

from arriero.errors import ArrieroError
from arriero.lsp import excerpts
from arriero.lsp.documents import Document
from arriero.lsp.server import Server

INVOKED = types.InlineCompletionTriggerKind.Invoked

logger = logging.getLogger(__name__)


def register(server: Server) -> None:
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)(suggest)


async def suggest(ls: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """Answer with one suggestion or none. What fails is told to those who asked, or once."""
    document = ls.documents[params.text_document.uri]
    explicit = params.context.trigger_kind == INVOKED
    try:
        text = await _text(ls, document, params.position, explicit=explicit)
    except ArrieroError as error:
        logger.info("No suggestion: %s", error)
        ls.tell(error, asked=explicit)
        text = None
    return types.InlineCompletionList([item(document, params.position, text)] if text else [])


async def _text(
    ls: Server, document: Document, position: types.Position, *, explicit: bool
) -> str | None:
    if not (explicit or ls.assistant.suggests(document.language_id)):
        return None
    ls.check_may_send(document.uri)
    excerpt = excerpts.at(document, position, ls.root_of(document.uri))
    return await ls.assistant.suggest(document.uri, excerpt, explicit=explicit)


def item(document: Document, position: types.Position, text: str) -> types.InlineCompletionItem:
    """Return the suggestion with the document's line ends, as an insertion at the cursor."""
    here = types.Range(position, position)
    return types.InlineCompletionItem(text.replace("\n", document.eol), range=here)
