"""`arriero actions`: the table, for people and for programs."""

from __future__ import annotations

import json

from arriero.core.actions import ACTIONS


async def test_table_has_a_row_for_each(arriero):
    ended = await arriero("actions")
    head, *rows = ended.out.splitlines()
    assert ended.code == 0
    assert head.split() == ["ID", "TITLE", "KIND", "NEEDS"]
    assert [row.split()[0] for row in rows] == [action.id for action in ACTIONS]
    assert "document         Write documentation     refactor.rewrite    code" in rows


async def test_json(arriero):
    rows = json.loads((await arriero("actions", "--json")).out)
    assert [row["id"] for row in rows] == [action.id for action in ACTIONS]
    assert rows[0] == {"id": "fix", "title": "Fix", "kind": "quickfix", "needs": "diagnostic"}
