"""What each side can do: the client's abilities as it announces them, and ours as we offer them.

All in plain JSON: both are needed before the classes of the protocol are there (reception.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arriero.lsp.positions import DEFAULT, Encoding, negotiated

# The command behind every code action, and those that people call by name.
ACT = "arriero.act"
PAUSE = "arriero.pause"
RESUME = "arriero.resume"
PRIVACY = "arriero.privacy"
DOCTOR = "arriero.doctor"
FETCH = "arriero.fetch"
CANCEL = "arriero.cancel"
# What editors run when a suggestion is accepted.
ACCEPTED = "arriero.accepted"
COMMANDS = (ACCEPTED, ACT, CANCEL, PAUSE, RESUME, PRIVACY, DOCTOR, FETCH)

# Of the documents that are ours: explanations.
SCHEME = "arriero"


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities that change what we send. The defaults are the poorest client's."""

    inline_completion: bool = False
    notebooks: bool = False
    progress: bool = False  # it answers window/workDoneProgress/create
    apply_edit: bool = False
    document_changes: bool = False  # edits that name the document's version
    creates_files: bool = False
    change_annotations: bool = False
    confirmation: bool = False  # it asks people where an annotation needs confirmation
    show_document: bool = False
    text_document_content: bool = False  # it asks for documents of our own
    configuration: bool = False  # it answers workspace/configuration
    watches_files: bool = False  # it tells which files change, once it is asked to
    code_action_tags: frozenset[int] = frozenset()  # values of CodeActionTag
    position_encoding: Encoding = DEFAULT
    extension: Mapping[str, Any] = field(default_factory=dict)  # experimental.arriero

    @classmethod
    def of(cls, announced: object) -> Client:
        """Read the abilities that matter here from ClientCapabilities, whatever else is in them."""

        def has(path: str) -> bool:
            return _at(announced, path) is True

        def given(path: str) -> bool:
            return _at(announced, path) is not None

        annotations = given("workspace.workspaceEdit.changeAnnotationSupport")
        honoured = has("textDocument.codeAction.honorsChangeAnnotations")
        operations = _at(announced, "workspace.workspaceEdit.resourceOperations")
        tags = _at(announced, "textDocument.codeAction.tagSupport.valueSet")
        extension = _at(announced, "experimental.arriero")
        return cls(
            inline_completion=given("textDocument.inlineCompletion"),
            notebooks=given("notebookDocument"),
            progress=has("window.workDoneProgress"),
            apply_edit=has("workspace.applyEdit"),
            document_changes=has("workspace.workspaceEdit.documentChanges"),
            creates_files="create" in (operations if isinstance(operations, list) else ()),
            change_annotations=annotations,
            confirmation=annotations and honoured,
            show_document=has("window.showDocument.support"),
            text_document_content=given("workspace.textDocumentContent"),
            configuration=has("workspace.configuration"),
            watches_files=has("workspace.didChangeWatchedFiles.dynamicRegistration"),
            code_action_tags=frozenset(
                tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, int)
            ),
            position_encoding=negotiated(_at(announced, "general.positionEncodings")),
            extension=extension if isinstance(extension, dict) else {},
        )


def offered(client: Client) -> dict[str, Any]:
    """Return what the server can do for a client: ServerCapabilities."""
    offer: dict[str, Any] = {
        "positionEncoding": client.position_encoding,
        "textDocumentSync": {"openClose": True, "change": 2, "save": True},  # 2: incremental
        # A space or a line end asks for a list in no editor by itself, and these are where a
        # suggestion is most wanted.
        "completionProvider": {"triggerCharacters": [".", "(", " ", "=", ":", "\n"]},
        "inlineCompletionProvider": {},
        "codeActionProvider": {"codeActionKinds": ["quickfix", "refactor", "refactor.rewrite"]},
        "executeCommandProvider": {"commands": list(COMMANDS)},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if client.notebooks:
        # Every notebook: its cells are documents like any other.
        offer["notebookDocumentSync"] = {"notebookSelector": [{"notebook": "*"}]}
    if client.text_document_content:
        offer["workspace"]["textDocumentContent"] = {"schemes": [SCHEME]}
    return offer


def _at(announced: object, path: str) -> object:
    for name in path.split("."):
        announced = announced.get(name) if isinstance(announced, dict) else None
    return announced
