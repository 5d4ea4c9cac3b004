"""Reading parameters from clients that are older or newer than we are.

lsprotocol refuses every number and word that its enums do not list, and with it the whole request,
even `initialize`. What we do not know cannot matter to us, so it stays what it was: a plain value.
"""

from __future__ import annotations

import enum
import re
from typing import Any

from cattrs import Converter, transform_error
from cattrs.v import format_exception
from lsprotocol import types
from pygls.protocol import default_converter

# vscode-languageclient 9 sends VS Code's own numbers, Invoked = 0 and Automatic = 1, where LSP 3.18
# has 1 and 2. Its 1 cannot be told from the specification's; its 0 can.
_OLD_INVOKED = 0


def tolerant_converter() -> Converter:
    """Return pygls's converter, with unknown enum values let through."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    # cattrs makes a text of anything and a number of a text: no uri of null, no line "0".
    converter.register_structure_hook(str, _structure_text)
    converter.register_structure_hook(int, _structure_whole)
    converter.register_structure_hook(bool, lambda value, _: bool(value))  # by itself, an int
    for kind in vars(types).values():
        if isinstance(kind, enum.EnumMeta) and issubclass(kind, (int, str)):
            # Class by class: cattrs would take a rule for all of them after the one for `int`.
            converter.register_structure_hook(kind, _structure_enum)
    return converter


def explain(error: Exception) -> str:
    """Say which field of the parameters is wrong, and why, in one line."""
    reason, _, field = transform_error(error, "params", _reason)[0].rpartition(" @ ")
    # lsprotocol names fields as Python does, the protocol in camel case.
    return f"{reason} @ {re.sub('_([a-z])', lambda found: found[1].upper(), field)}"


def _reason(error: BaseException, kind: type | None) -> str:
    # lsprotocol's own checks say it best: "Position.line should be in range [0:2147483647], ..."
    own = isinstance(error, ValueError) and kind is None and error.args
    return str(error.args[0]) if own else format_exception(error, kind)


def _structure_text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a text is needed, not {value!r:.40}")
    return value


def _structure_whole(value: Any, _: Any) -> int:
    # Lua's JSON may write 1 as 1.0.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError(f"a whole number is needed, not {value!r:.40}")
    return int(value)


def _structure_enum(value: Any, kind: Any) -> Any:
    if kind is types.InlineCompletionTriggerKind and value == _OLD_INVOKED:
        return types.InlineCompletionTriggerKind.Invoked
    try:
        return kind(value)
    except ValueError:
        primitive = int if issubclass(kind, int) else str
        if isinstance(value, primitive):
            return value
        raise
