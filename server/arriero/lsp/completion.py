"""textDocument/completion: the same suggestions in the ordinary list.

For clients without inline completion. A trigger kind proves nothing here: editors send `Invoked`
for every word character that is typed. So every request counts as automatic and is answered at
once, from what is known by then; the list is incomplete while an answer is being made.
"""

from __future__ import annotations

import logging

from lsprotocol import types

from arriero.core.text import held_back
from arriero.errors import ArrieroError
from arriero.lsp import excerpts
from arriero.lsp.documents import Document
from arriero.lsp.server import Server

LABEL_LENGTH = 60  # characters; a longer line does not fit into any editor's pop-up

logger = logging.getLogger(__name__)


def register(server: Server) -> None:
    server.feature(types.TEXT_DOCUMENT_COMPLETION)(complete)


async def complete(ls: Server, params: types.CompletionParams) -> types.CompletionList:
    """Answer within an instant; clients that know inline completion get nothing here."""
    document = ls.documents[params.text_document.uri]
    if ls.client.inline_completion:
        return types.CompletionList(is_incomplete=False, items=[])
    text = await _text(ls, document, params.position)
    items = [item(document, params.position, text)] if text else []
    return types.CompletionList(is_incomplete=not items, items=items)


async def _text(ls: Server, document: Document, position: types.Position) -> str | None:
    if not ls.assistant.suggests(document.language_id) or ls.reason_not_to_send(document.uri):
        return None

    def failed(error: ArrieroError) -> None:
        logger.info("No suggestion: %s", error)
        ls.tell(error, asked=False)

    excerpt = excerpts.at(document, position, ls.root_of(document.uri))
    return await ls.assistant.glance(document.uri, excerpt, failed)


def item(document: Document, position: types.Position, text: str) -> types.CompletionItem:
    """Return the suggestion as a list entry that replaces the word being typed."""
    line, index = document.index(position)
    word = held_back(document.line(line)[:index]).strip()
    start = document.position(line, index - len(word))
    first = (word + text).strip().partition("\n")[0]
    return types.CompletionItem(
        label=first if len(first) <= LABEL_LENGTH else first[: LABEL_LENGTH - 1] + "…",
        kind=types.CompletionItemKind.Text,
        detail="arriero",
        filter_text=word or None,
        sort_text="~",  # behind what the language's own server knows for certain
        text_edit=types.TextEdit(
            types.Range(types.Position(*start), position),
            word + text.replace("\n", document.eol),
        ),
    )
