"""The README's tables, made from what they tell of. `python tests/readme.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from arriero.core.actions import ACTIONS
from arriero.settings_docs import as_markdown

README = Path(__file__).parent.parent / "README.md"
FOR = {
    "code": "selected code, or the definition around the cursor",
    "diagnostic": "a problem that another server reports",
}


def actions() -> str:
    rows = [("id", "title", "kind", "offered for"), ("---",) * 4]
    for each in ACTIONS:
        title = each.title.partition(":")[0]
        rows.append((f"`{each.id}`", title, each.kind, FOR[each.needs]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


TABLES = {"actions": actions, "settings": as_markdown}


def with_tables(text: str) -> str:
    for name, table in TABLES.items():
        marks = (f"<!-- {name} -->\n", f"\n<!-- end of {name} -->")
        between = f"(?<={re.escape(marks[0])}).*?(?={re.escape(marks[1])})"
        text, found = re.subn(between, lambda _, table=table: table(), text, flags=re.DOTALL)
        assert found == 1, name
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
