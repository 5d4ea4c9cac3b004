"""What the editor tells of the workspace: files that change, and where the person is in it.

workspace/didChangeWatchedFiles, for the clients that watch files for us; for the others
textDocument/didSave. textDocument/didChange says where the person edits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from lsprotocol import types

from arriero.lsp.editor import files
from arriero.lsp.server import Server

WATCHED = "arriero-files"

logger = logging.getLogger(__name__)


def register(server: Server) -> None:
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(changed)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(saved)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(opened)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(edited)


def watch(ls: Server) -> None:
    """Know the files of the workspace's folders, by the settings in force."""
    ls.assistant.watch(ls.folders)


async def ask(ls: Server) -> None:
    """Ask the client to tell from now on which files change."""
    if not ls.client.watches_files:
        return
    watcher = types.FileSystemWatcher(glob_pattern="**/*")
    options = types.DidChangeWatchedFilesRegistrationOptions([watcher])
    registration = types.Registration(WATCHED, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    try:
        await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except Exception as error:  # whatever a client makes of it, it still tells what is saved
        logger.warning("The editor does not watch files: %s", error)


def changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    _changed(ls, (change.uri for change in params.changes))


def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    _changed(ls, [params.text_document.uri])


def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.assistant.context.gathering.trail.note(params.text_document.uri, 0, edited=False)


def edited(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    for change in params.content_changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            line = change.range.start.line
            ls.assistant.context.gathering.trail.note(params.text_document.uri, line, edited=True)


def _changed(ls: Server, uris: Iterable[str]) -> None:
    ls.assistant.context.gathering.index.changed(files(uris))
