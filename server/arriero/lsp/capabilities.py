"""What the client can do, read once from the capabilities that it announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from arriero.lsp.positions import DEFAULT, Encoding, negotiated


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities that change what we send. The defaults are the poorest client's."""

    inline_completion: bool = False
    progress: bool = False  # it answers window/workDoneProgress/create
    apply_edit: bool = False
    document_changes: bool = False  # edits that name the document's version
    change_annotations: bool = False
    confirmation: bool = False  # it asks people where an annotation needs confirmation
    show_document: bool = False
    configuration: bool = False  # it answers workspace/configuration
    code_action_tags: frozenset[int] = frozenset()  # values of CodeActionTag
    position_encoding: Encoding = DEFAULT
    extension: Mapping[str, Any] = field(default_factory=dict)  # experimental.arriero

    @classmethod
    def of(cls, announced: types.ClientCapabilities) -> Client:
        """Read the abilities that matter here from what the client announced."""

        def has(path: str) -> bool:
            return bool(get_capability(announced, path, False))

        def given(path: str) -> bool:
            return get_capability(announced, path) is not None

        annotations = given("workspace.workspace_edit.change_annotation_support")
        honoured = has("text_document.code_action.honors_change_annotations")
        tags = get_capability(announced, "text_document.code_action.tag_support.value_set", ())
        return cls(
            inline_completion=given("text_document.inline_completion"),
            progress=has("window.work_done_progress"),
            apply_edit=has("workspace.apply_edit"),
            document_changes=has("workspace.workspace_edit.document_changes"),
            change_annotations=annotations,
            confirmation=annotations and honoured,
            show_document=has("window.show_document.support"),
            configuration=has("workspace.configuration"),
            code_action_tags=frozenset(tags or ()),
            position_encoding=negotiated(get_capability(announced, "general.position_encodings")),
            extension=_extension(announced.experimental),
        )


def _extension(experimental: object) -> Mapping[str, Any]:
    own = experimental.get("arriero") if isinstance(experimental, dict) else None
    return own if isinstance(own, dict) else {}
