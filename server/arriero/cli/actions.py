"""`arriero actions`: the code actions there are, those of the settings too."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from arriero.cli.output import emit, emit_json, note
from arriero.cli.places import workspace_of
from arriero.core.actions import ACTIONS
from arriero.settings_sources import load_all


def main(argv: Sequence[str]) -> int:
    """Print the table of actions."""
    parser = argparse.ArgumentParser(
        prog="arriero actions",
        description="List the code actions, in the order of the editor's menu.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    args = parser.parse_args(argv)
    found = load_all([workspace_of(Path.cwd())])
    for problem in found.problems:
        note(problem)
    rows = [{"id": a.id, "title": a.name, "kind": a.kind, "needs": a.needs} for a in ACTIONS]
    rows += [
        {"id": id, "title": own.title, "kind": own.kind, "needs": "code"}
        for id, own in found.settings.actions.own.items()
    ]
    if args.json:
        emit_json(rows)
    else:
        line = "{id:<16} {title:<23} {kind:<19} {needs}\n".format
        head = {"id": "ID", "title": "TITLE", "kind": "KIND", "needs": "NEEDS"}
        emit("".join(line(**row) for row in (head, *rows)))
    return 0
