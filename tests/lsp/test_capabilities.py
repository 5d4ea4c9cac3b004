import pytest
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from arriero import app
from arriero.core.actions import ACTIONS
from arriero.lsp.capabilities import Client, offered
from arriero.lsp.tolerance import tolerant_converter

NEOVIM = {
    "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
    "textDocument": {
        "inlineCompletion": {"dynamicRegistration": False},
        "codeAction": {"honorsChangeAnnotations": True},
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceEdit": {"changeAnnotationSupport": {"groupsOnLabel": True}},
    },
}
OLD_EGLOT = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}}


@pytest.mark.parametrize(
    ("announced", "client"),
    [
        ({}, Client()),
        ({"window": None, "workspace": {}, "experimental": None}, Client()),
        (OLD_EGLOT, Client(apply_edit=True, document_changes=True)),
        (
            NEOVIM,
            Client(
                inline_completion=True,
                progress=True,
                apply_edit=True,
                change_annotations=True,
                confirmation=True,
                show_document=True,
                configuration=True,
                position_encoding="utf-8",
            ),
        ),
        (
            {"workspace": {"workspaceEdit": {"changeAnnotationSupport": {}}}},
            Client(change_annotations=True),
        ),
        (
            {"textDocument": {"codeAction": {"tagSupport": {"valueSet": [1, 99]}}}},
            Client(code_action_tags=frozenset({types.CodeActionTag.LlmGenerated, 99})),
        ),
        ({"textDocument": {"codeAction": {"tagSupport": {"valueSet": 7}}}}, Client()),
        ({"notebookDocument": {"synchronization": {}}}, Client(notebooks=True)),
        (
            {"experimental": {"arriero": {"status": True}, "other": 1}},
            Client(extension={"status": True}),
        ),
        ({"window": {"workDoneProgress": False}, "workspace": {"applyEdit": False}}, Client()),
        ({"experimental": {"arriero": True}}, Client()),
        ({"experimental": [1]}, Client()),
    ],
)
def test_abilities_are_read_from_what_is_announced(announced, client):
    assert Client.of(announced) == client


def test_no_announcement_is_too_strange_to_be_read():
    for strange in ({"window": 7, "general": [], "textDocument": "all"}, {"window": {"x": []}}):
        assert Client.of(strange) == Client()


@pytest.mark.parametrize("client", [Client(), Client(notebooks=True, position_encoding="utf-8")])
def test_what_is_offered_is_what_lsprotocol_would_write(client):
    converter = tolerant_converter()
    typed = converter.structure(offered(client), types.ServerCapabilities)
    assert converter.unstructure(typed) == offered(client)


def test_what_is_offered_is_what_there_are_handlers_for():
    features = app.server().protocol.fm
    built = ServerCapabilitiesBuilder(
        types.ClientCapabilities(),
        {*features.features, *features.builtin_features},
        {types.TEXT_DOCUMENT_INLINE_COMPLETION: types.InlineCompletionOptions()},
        list(features.commands),
        types.TextDocumentSyncKind.Incremental,
    ).build()
    theirs, ours = tolerant_converter().unstructure(built), offered(Client())
    assert theirs.keys() == ours.keys()
    assert theirs["executeCommandProvider"] == ours["executeCommandProvider"]
    kinds = ours["codeActionProvider"]["codeActionKinds"]
    assert kinds == sorted({action.kind for action in ACTIONS})
