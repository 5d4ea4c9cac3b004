import pytest
from lsprotocol import types

from arriero.lsp.capabilities import Client
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
        (
            {"experimental": {"arriero": {"status": True}, "other": 1}},
            Client(extension={"status": True}),
        ),
        ({"experimental": {"arriero": True}}, Client()),
        ({"experimental": [1]}, Client()),
    ],
)
def test_abilities_are_read_from_what_is_announced(announced, client):
    structured = tolerant_converter().structure(announced, types.ClientCapabilities)
    assert Client.of(structured) == client
