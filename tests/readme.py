"""The README's tables, made from what they tell of. `python tests/readme.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from arriero.core.actions import ACTIONS
from arriero.core.models import CODE_LLAMAS
from arriero.settings_docs import as_markdown

README = Path(__file__).parent.parent / "README.md"
FOR = {
    "code": "selected code, or the definition around the cursor",
    "gap": "code with a stub or a TODO in it",
    "instruction": "the same, where the editor or the command line says what to do",
    "cursor": "a cursor, without a selection",
    "diagnostics": "several problems that other servers report",
    "diagnostic": "a problem that another server reports",
}


def actions() -> str:
    rows = [("id", "title", "kind", "offered for"), ("---",) * 4]
    for each in ACTIONS:
        title = each.title.partition(":")[0]
        rows.append((f"`{each.id}`", title, each.kind, FOR[each.needs]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def models() -> str:
    rows = [("model", "context", "suggestions", "actions"), ("---", "---:", "---", "---")]
    for each in CODE_LLAMAS:
        does = "in a chat, from a prefilled reply" if each.chats else "goes on with the text"
        if each.infills:
            does = "fills the gap at the cursor"
        acts = "answers in a chat" if each.chats else "goes on with the text"
        formats = each.formats
        rows.append(
            (
                f"`{each.id.removeprefix('codellama/')}`",
                str(each.context),
                f"{does} (`{formats.completion}`)",
                f"{acts} (`{formats.conversation}`)",
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


TABLES = {"actions": actions, "models": models, "settings": as_markdown}


def with_tables(text: str) -> str:
    for name, table in TABLES.items():
        marks = (f"<!-- {name} -->\n", f"\n<!-- end of {name} -->")
        between = f"(?<={re.escape(marks[0])}).*?(?={re.escape(marks[1])})"
        text, found = re.subn(between, lambda _, table=table: table(), text, flags=re.DOTALL)
        assert found == 1, name
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
