"""`arriero actions`: the code actions there are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from arriero.cli.output import emit, emit_json
from arriero.core.actions import ACTIONS


def main(argv: Sequence[str]) -> int:
    """Print the table of actions."""
    parser = argparse.ArgumentParser(
        prog="arriero actions",
        description="List the code actions, in the order of the editor's menu.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    args = parser.parse_args(argv)
    rows = [
        {"id": a.id, "title": a.title.partition(":")[0], "kind": a.kind, "needs": a.needs}
        for a in ACTIONS
    ]
    if args.json:
        emit_json(rows)
    else:
        line = "{id:<17}{title:<24}{kind:<20}{needs}\n".format
        head = {"id": "ID", "title": "TITLE", "kind": "KIND", "needs": "NEEDS"}
        emit("".join(line(**row) for row in (head, *rows)))
    return 0
