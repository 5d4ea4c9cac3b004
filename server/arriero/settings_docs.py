"""The settings as other files tell of them: the README's table, the manifest for VS Code."""

from __future__ import annotations

import json
from typing import Any

from arriero.settings import ROWS, Row
from arriero.settings_kinds import Secret

WORKSPACE = "anyone"
PERSON = "you alone"
NO_EDITOR = "you, outside the editor"


def table() -> list[tuple[str, str, str, str, str]]:
    """Return name, environment variable, default, who may set it, and description of each."""
    return [
        (
            row.path,
            row.env,
            json.dumps(_plain(row.default)) if row.default else "",
            _who(row),
            row.about.description,
        )
        for row in ROWS
    ]


def _who(row: Row) -> str:
    if row.about.workspace:
        return WORKSPACE
    return PERSON if row.about.editor else NO_EDITOR


def as_markdown() -> str:
    """Return the table for the README, without a line end after its last row."""
    head = ("setting", "environment variable", "default", "set by", "what it does")
    lines = [head, ("---",) * len(head)]
    for path, env, default, who, description in table():
        lines.append((f"`{path}`", f"`{env}`", f"`{default}`" if default else "", who, description))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_vscode_properties() -> dict[str, dict[str, Any]]:
    """Return `contributes.configuration.properties` of the extension's manifest.

    What a workspace may not set has the scope "machine": VS Code then ignores it in a folder's
    own settings, which come from anyone as well, and does not sync it.
    """
    return {f"arriero.{row.path}": _property(row) for row in ROWS if row.about.editor}


def _property(row: Row) -> dict[str, Any]:
    schema = dict(row.about.kind.schema)
    default = _plain(row.default)
    if default is None and schema["type"] == "string":
        default = ""  # VS Code edits a text in its settings page, but not a text or null
    elif default is None:
        schema["type"] = [schema["type"], "null"]
    return schema | {
        "default": default,
        "scope": "resource" if row.about.workspace else "machine",
        "markdownDescription": row.about.description,
    }


def _plain(default: object) -> object:
    """Return a default as JSON has it."""
    if isinstance(default, Secret):
        return default.reveal()
    return list(default) if isinstance(default, tuple) else default
