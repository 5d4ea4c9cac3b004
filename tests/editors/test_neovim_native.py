"""The plug-in where Neovim 0.12 draws the suggestions itself, and the table without the plug-in."""

from __future__ import annotations

import shutil

import pytest

from e2e.truth import BEHIND_WIDE_LETTERS, CURSOR, REST_OF_LINE, without
from editors.hands import SERVER, control
from editors.hands.neovim import PLUGIN, Neovim12
from editors.sitting import before_a_model, line_of

pytestmark = [pytest.mark.editor, pytest.mark.neovim_012]

Native = Neovim12.told("vim.lsp.inline_completion.enable()")
FIRST_WORD = "distance"


@pytest.mark.parametrize("missing", [REST_OF_LINE, BEHIND_WIDE_LETTERS], ids=["plain", "wide"])
def test_what_neovim_shows_is_accepted(project, missing):
    marked = without(missing)
    with before_a_model(Native, project, marked) as (hands, _):
        before = marked.partition(CURSOR)[0]
        hands.type_behind(line_of(marked))
        hands.terminal.wait_for(before.split("\n")[-1] + missing[:6])
        at = hands.column
        hands.accept()
        hands.terminal.wait_until(lambda: hands.column > at, "it to be text")
        hands.save()
        hands.terminal.wait_until(
            lambda: hands.file.read_text("utf-8").startswith(before + missing[:6]), "the file"
        )


def test_a_word_of_it_is_accepted(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Native, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.terminal.wait_for(f"sum({FIRST_WORD}")
        hands.accept_word()
        hands.terminal.wait_until(
            lambda: hands.column == len(f"    return sum({FIRST_WORD}"), "the word"
        )
        hands.saved(marked.replace(CURSOR, FIRST_WORD))


def test_what_was_typed_since_is_not_put_in_twice(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Native, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.terminal.wait_for(f"sum({FIRST_WORD}")
        hands.terminal.press("dis", control("l"))
        hands.terminal.wait_until(lambda: hands.column > len("    return sum(dis"), "the rest")
        hands.save()
        hands.terminal.wait_until(
            lambda: f"sum({FIRST_WORD}" in hands.file.read_text("utf-8"), "the file"
        )
        assert "disdis" not in hands.file.read_text("utf-8")


class TableAlone(Neovim12):
    """Neovim 0.12 with lsp/arriero.lua where people put such tables."""

    @classmethod
    def furnish(cls, home):
        tables = home / "nvim" / "lsp"
        tables.mkdir(parents=True)
        shutil.copy(PLUGIN / "lsp" / "arriero.lua", tables)
        command = ", ".join(f'"{word}"' for word in SERVER)
        (home / "nvim" / "init.lua").write_text(
            f'vim.lsp.config("arriero", {{ cmd = {{ {command} }} }})\n'
            'vim.lsp.enable("arriero")\n'
            "vim.lsp.inline_completion.enable()\n"
            'vim.api.nvim_create_autocmd("LspAttach", { command = "set statusline=attached" })\n'
            'vim.keymap.set("i", "<C-l>", function() vim.lsp.inline_completion.get() end)\n'
        )

    def attached(self):
        self.terminal.wait_for("attached")


def test_the_table_alone_is_enough(project):
    marked = without(REST_OF_LINE)
    with before_a_model(TableAlone, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.terminal.wait_for(f"sum({FIRST_WORD}")
        hands.accept()
        hands.terminal.wait_until(lambda: hands.column > len("    return sum("), "the suggestion")
        hands.save()
        hands.terminal.wait_until(
            lambda: f"sum({FIRST_WORD}" in hands.file.read_text("utf-8"), "the file"
        )
