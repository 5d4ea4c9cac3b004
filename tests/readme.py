"""The READMEs' tables, made from what they tell of. `python tests/readme.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from arriero.core.actions import ACTIONS
from arriero.core.models import CODE_LLAMAS
from arriero.settings_docs import as_markdown
from arriero_backend.models import named
from arriero_backend.plan.gpus import given
from arriero_backend.plan.model import known
from arriero_backend.plan.quantisation import BY_NAME
from arriero_backend.plan.sizing import Setting, options

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
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


def gpus() -> str:
    model = known(named("CodeLlama-70b-Instruct-hf"), None, None)
    stored = [BY_NAME[name] for name in ("bf16", "eetq", "gptq")]
    names = [f"{each.name}, {each.bits:g} bits" for each in stored]
    rows = [("GPUs", *names), ("---", *("---:" for _ in stored))]
    for machine in MACHINES:
        machines = given(machine)
        found = options(Setting(model, machines, "tgi", quantisations=stored))
        whole = [each for each in found if each.shards == machines.count]
        cells = [f"{each.tokens:,}" if each.fits else "no" for each in whole]
        rows.append((str(machines), *cells))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


MACHINES = ("1x80", "1x141", "2x48", "4x24", "2x80", "4x40", "4x48", "8x24", "4x80")
TABLES = {
    README: {"actions": actions, "models": models, "settings": as_markdown},
    ROOT / "backend" / "README.md": {"gpus": gpus},
}


def with_tables(document: Path) -> str:
    text = document.read_text("utf-8")
    for name, table in TABLES[document].items():
        marks = (f"<!-- {name} -->\n", f"\n<!-- end of {name} -->")
        between = f"(?<={re.escape(marks[0])}).*?(?={re.escape(marks[1])})"
        text, found = re.subn(between, lambda _, table=table: table(), text, flags=re.DOTALL)
        assert found == 1, name
    return text


if __name__ == "__main__":
    for each in TABLES:
        each.write_text(with_tables(each), "utf-8")
