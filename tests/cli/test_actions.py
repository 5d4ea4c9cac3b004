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


async def test_those_of_the_settings_stand_below(arriero, tmp_path, monkeypatch):
    (tmp_path / "arriero.toml").write_text(
        'colour = "red"\n[actions.own.log]\ntitle = "Log it"\ninstruction = "Log."\n'
    )
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    ended = await arriero("actions")
    assert ended.out.splitlines()[-1].split("  ")[0] == "log"
    assert len(ended.out.splitlines()) == 1 + len(ACTIONS) + 1
    assert '"colour"' in ended.err
    row = {"id": "log", "title": "Log it", "kind": "refactor", "needs": "code"}
    assert json.loads((await arriero("actions", "--json")).out)[-1] == row


async def test_json(arriero):
    rows = json.loads((await arriero("actions", "--json")).out)
    assert [row["id"] for row in rows] == [action.id for action in ACTIONS]
    assert rows[0] == {"id": "fix", "title": "Fix", "kind": "quickfix", "needs": "diagnostic"}
