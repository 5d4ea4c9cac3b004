"""Documents that tell people of something, where the editor can show them."""

from __future__ import annotations

from lsprotocol import types

from arriero.lsp.server import Server


async def show(ls: Server, name: str, text: str) -> None:
    """Show a document, or a message where the editor shows none."""
    if ls.client.show_document:
        uri = ls.explanations.write(name, text)
        answer = await ls.window_show_document_async(types.ShowDocumentParams(uri))
        if answer.success:
            return
    ls.say(types.MessageType.Info, text)
