"""Reading parameters from clients that are older or newer than we are.

lsprotocol refuses every number and word that its enums do not list, and with it the whole request,
even `initialize`. What we do not know cannot matter to us, so it stays what it was: a plain value.
"""

from __future__ import annotations

import enum
from typing import Any

from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.protocol import default_converter

# vscode-languageclient 9 sends VS Code's own numbers, Invoked = 0 and Automatic = 1, where LSP 3.18
# has 1 and 2. Its 1 cannot be told from the specification's; its 0 can.
_OLD_INVOKED = 0


def tolerant_converter() -> Converter:
    """Return pygls's converter, with unknown enum values let through."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook_func(_is_enum, _structure_enum)
    return converter


def explain(error: Exception) -> str:
    """Say which field of the parameters is wrong, and why, in one line."""
    try:
        reasons = transform_error(error, path="params")
    except Exception:
        reasons = []
    return reasons[0] if reasons else "they do not have the form that the protocol asks for"


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (int, str)) and issubclass(kind, enum.Enum)


def _structure_enum(value: Any, kind: Any) -> Any:
    if kind is types.InlineCompletionTriggerKind and value == _OLD_INVOKED:
        return types.InlineCompletionTriggerKind.Invoked
    try:
        return kind(value)
    except ValueError:
        primitive = int if issubclass(kind, int) else str
        if isinstance(value, primitive) and not isinstance(value, bool):
            return value
        raise
