"""initialize, initialized, changes of settings and folders, didClose: the server's own life.

`initialize` was answered before (reception.py). Then the settings are read and the model is met in
the background, so that the first suggestion finds it ready.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from arriero import log
from arriero.core import actions, dialects
from arriero.core.models import ModelInfo
from arriero.errors import BackendError, NoBackend
from arriero.lsp import excerpts, watching
from arriero.lsp.editor import Desk
from arriero.lsp.greeting import Greeting
from arriero.lsp.server import Server
from arriero.settings_sources import load_all

SECTION = "arriero"
NAMES = {
    "dialect": dialects.BY_NAME.keys(),
    "typing.dialect": dialects.BY_NAME.keys(),
    "actions.enabled": actions.BY_ID.keys(),
}
DEMO = (
    "arriero runs its built-in demo model, {model}: it continues text and follows no instructions. "
    "For real work set ARRIERO_URL, or `url` in your settings, to your model server."
)

logger = logging.getLogger(__name__)


def register(server: Server) -> None:
    server.feature(types.INITIALIZE)(initialize)
    server.feature(types.INITIALIZED)(initialized)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(changed)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(folders_changed)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(closed)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)(cells_changed)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)(cells_closed)


def initialize(ls: Server, greeting: Greeting) -> None:
    """Put in force what is known without asking: the next message may be a request already."""
    ls.options = greeting.options
    ls.folders = _paths(greeting.folders)
    ls.loaded = load_all(ls.folders, ls.options, names=NAMES)
    ls.assistant.settings = ls.loaded.settings


async def initialized(ls: Server, params: types.InitializedParams) -> None:
    for problem in ls.loaded.problems:
        ls.say(types.MessageType.Warning, problem)
    log.set_up(ls.loaded.settings)
    ls.assistant.context.gathering.editor = Desk(ls)
    if ls.client.configuration:
        await _configure(ls, await _asked(ls))
    else:
        watching.watch(ls)
    await _meet(ls)
    await watching.ask(ls)


async def changed(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """Read the settings anew. Some clients send them along, others want to be asked."""
    pushed = _table(params.settings)
    await _reconfigure(ls, await _asked(ls) or _table(pushed.get(SECTION, pushed)))


async def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Take folders in and out. Each may have settings, which count now or no longer."""
    gone = _paths(each.uri for each in params.event.removed)
    new = _paths(each.uri for each in params.event.added)
    ls.folders = [folder for folder in ls.folders if folder not in [*gone, *new]] + new
    await _reconfigure(ls, await _asked(ls) or ls.configuration)


def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.assistant.forget(params.text_document.uri)


def cells_changed(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    structure = params.change.cells and params.change.cells.structure
    for cell in (structure and structure.did_close) or ():
        ls.assistant.forget(cell.uri)


def cells_closed(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        ls.assistant.forget(cell.uri)


async def _configure(ls: Server, configuration: Mapping[str, Any]) -> None:
    """Put the settings in force, and say what is wrong with them but was not told already."""
    ls.configuration, told = configuration, ls.loaded.problems
    ls.loaded = load_all(ls.folders, ls.options, configuration, names=NAMES)
    for problem in ls.loaded.problems:
        if problem not in told:
            ls.say(types.MessageType.Warning, problem)
    log.set_up(ls.loaded.settings)
    if ls.loaded.settings != ls.assistant.settings:
        await ls.assistant.configure(ls.loaded.settings)
    watching.watch(ls)


async def _reconfigure(ls: Server, configuration: Mapping[str, Any]) -> None:
    """Put new settings in force, and meet the model that they name."""
    before, known = ls.assistant.settings, ls.assistant.status.model
    await _configure(ls, configuration)
    if ls.assistant.settings != before:
        await _meet(ls, known.info if known else None)


async def _meet(ls: Server, known: ModelInfo | None = None) -> None:
    """Meet the model before it is needed; say what the person has to know, once.

    `known` is the model that they had until now.
    """
    try:
        _, info, _ = await ls.assistant.meet()
    except (NoBackend, BackendError) as error:
        ls.tell(error, asked=False)
    else:
        logger.info("The model is %s, by %s at %s", info.id, info.backend, info.url)
        new = known is None or not known.demo
        if info.demo and new and not ls.loaded.problems:  # else they say already what to set
            ls.say(types.MessageType.Info, DEMO.format(model=info.id))


async def _asked(ls: Server) -> Mapping[str, Any]:
    """Ask the editor for its settings, if it can be asked."""
    if not ls.client.configuration:
        return {}
    asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    try:
        answers = await ls.workspace_configuration_async(asked)
    except Exception as error:  # whatever a client makes of it, we have other sources
        logger.warning("The editor did not tell its settings: %s", error)
        return {}
    return _table(answers[0] if answers else None)


def _paths(uris: Iterable[str]) -> list[Path]:
    return [path for uri in uris if (path := excerpts.path_of(uri))]


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
