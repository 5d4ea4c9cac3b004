"""What the plug-in for Neovim does beyond the journey that all editors go."""

from __future__ import annotations

import re
import subprocess

import pytest

from e2e.truth import CURSOR, LENGTH, REST_OF_LINE, TRUTH, without
from editors.hands import ENTER, ESCAPE, TAB, control
from editors.hands.neovim import PLUGIN, Neovim, executable
from editors.sitting import before_a_model, line_of

pytestmark = [pytest.mark.editor, pytest.mark.neovim]

BODY = """\
pairs = zip(points, points[1:])
    return sum(distance(a, b) for a, b in pairs)"""
FIRST, SECOND = BODY.split("\n")
WRONG_SUM = TRUTH.replace("distance(a, b) for", "0 for")


def sum_in(shown):
    """Return what stands behind `sum(` on the screen."""
    [line] = [line for line in shown.split("\n") if "sum(" in line]
    return line.partition("sum(")[2]


# Suggestions ------------------------------------------------------------------------------------


def test_lines_stand_below_one_another_and_are_accepted_one_by_one(project):
    marked = without(BODY)
    with before_a_model(Neovim, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(SECOND)
        assert f"    {FIRST}\n{SECOND}\n" in hands.terminal.shown
        hands.accept_line()
        hands.accept_line()
        hands.saved(TRUTH)


def test_what_is_typed_through_stays(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.terminal.press("dist")
        hands.terminal.wait_for(lambda shown: hands.column == len("    return sum(dist"))
        assert sum_in(hands.terminal.shown).startswith("distance(a, b) for a")
        hands.accept()
        hands.saved(TRUTH)


def test_another_key_takes_the_suggestion_away_and_closes_its_stream(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked, "--stall-at", "3") as (hands, server):
        hands.type_behind(line_of(marked))
        server.wait_for(["running"])
        hands.terminal.press("Z")
        hands.terminal.wait_for("sum(Z")
        server.wait_until(lambda states: states[0] == "aborted")


def test_leaving_insert_mode_closes_the_stream_that_nobody_waits_for(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked, "--stall-at", "1") as (hands, server):
        hands.type_behind(line_of(marked))
        server.wait_for(["running"])
        hands.terminal.press(ESCAPE)
        server.wait_for(["aborted"])


def test_leaving_insert_mode_takes_the_suggestion_away(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.terminal.press(ESCAPE)
        hands.terminal.wait_for(lambda shown: sum_in(shown) == "")


def test_several_are_gone_through(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked) as (hands, server):
        hands.type_behind(line_of(marked))
        server.wait_for(["finished"])
        hands.terminal.wait_for("sum(distance")
        hands.terminal.press(ESCAPE + "n")  # all that is known of it, or already another one
        hands.terminal.wait_for(lambda shown: "for a" in sum_in(shown))
        if "1/2" not in hands.terminal.shown:
            hands.terminal.press(ESCAPE + "n")
        hands.terminal.wait_for("1/2")
        first = sum_in(hands.terminal.shown)
        hands.terminal.press(ESCAPE + "n")
        hands.terminal.wait_for("2/2")
        assert sum_in(hands.terminal.shown).split()[:-1] != first.split()[:-1]
        hands.terminal.press(ESCAPE + "p")
        hands.terminal.wait_for("1/2")
        assert sum_in(hands.terminal.shown) == first


def test_an_accepted_suggestion_is_counted(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.accept()
        hands.saved(TRUTH)
        hands.run("status")
        shown = hands.terminal.wait_for("suggestions:")
        assert "1 accepted, 0 partly, 0 rejected" in shown
        assert "codellama/CodeLlama-70b-Instruct-hf at http://127.0.0.1:" in shown


def test_the_ends_of_lines_stay_those_of_the_file(project):
    marked = without(BODY)
    editor = Neovim.told("vim.cmd('autocmd BufReadPre * set fileformats=dos')")
    with before_a_model(editor, project, marked.replace("\n", "\r\n")) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(SECOND)
        assert "^M" not in hands.terminal.shown
        hands.accept()
        hands.saved_bytes(TRUTH.replace("\n", "\r\n").encode())


def test_nothing_comes_unasked_while_paused(project):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim, project, marked) as (hands, server):
        hands.run("pause")
        hands.terminal.wait_for("arriero: paused")
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        assert len(server.states()) == 1  # the one by hand
        hands.terminal.press(ESCAPE)
        hands.run("resume")
        hands.terminal.wait_for("arriero: ready")


# Keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "key", "comes_of_it"),
    [
        ("vim.g.arriero_keys = { accept = '<Tab>' }", TAB, REST_OF_LINE),
        ("vim.g.arriero_keys = { accept = '<Tab>' }", control("l"), control("l")),
        ("vim.g.arriero_keys = { accept = false }", control("l"), control("l")),
        ("vim.keymap.set('i', '<C-l>', 'mine')", control("l"), "mine"),
        ("", control("l"), REST_OF_LINE),
    ],
)
def test_a_key_accepts_where_it_was_told_to_and_free(project, told, key, comes_of_it):
    marked = without(REST_OF_LINE)
    with before_a_model(Neovim.told(told), project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.terminal.press(key)
        hands.saved(marked.replace(CURSOR, comes_of_it))


def test_without_a_suggestion_a_key_does_what_it_did_before(project):
    told = "vim.g.arriero_keys = { accept = '<Tab>' } vim.o.expandtab = false"
    with before_a_model(Neovim.told(told), project, TRUTH) as (hands, _):
        hands.run("pause")
        hands.terminal.wait_for("arriero: paused")
        hands.type_behind(1)
        hands.terminal.press(TAB, "x")
        first, rest = TRUTH.split("\n", 1)
        hands.terminal.wait_for("x")
        hands.save()
        hands.terminal.wait_until(
            lambda: re.fullmatch(re.escape(first) + r"\s+x", hands.file.read_text().split("\n")[0]),
            "a tab",
        )
        assert hands.file.read_text().endswith(rest)


@pytest.mark.parametrize(
    "mapping",
    [
        "inoremap <Tab> went<Right>on",
        "inoremap <expr> <Tab> 'went' .. \"\\<Right>\" .. 'on'",
        "imap <Tab> <F5>",
        "imap <Tab> <Tab>went on",
    ],
    ids=["keys", "expression", "mapped again", "itself"],
)
def test_without_a_suggestion_a_mapping_stays_what_it_was(project, mapping):
    told = f"""
    vim.g.arriero_keys = {{ accept = '<Tab>' }}
    vim.o.expandtab = false
    vim.cmd([[{mapping}]])
    vim.cmd('inoremap <F5> wenton')
    """
    with before_a_model(Neovim.told(told), project, TRUTH) as (hands, _):
        hands.run("pause")
        hands.terminal.wait_for("arriero: paused")
        hands.type_behind(1)
        hands.terminal.press(TAB)
        hands.terminal.wait_for(re.compile("went ?on").search)


# Commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["told", "asked"])
def test_an_edit_does_what_it_is_told(project, how):
    with before_a_model(Neovim, project, WRONG_SUM) as (hands, _):
        hands.terminal.press(f":{LENGTH + 1}{ENTER}")
        if how == "told":
            hands.run("edit Sum the distances.")
        else:
            hands.run("edit")
            hands.terminal.wait_for("What to do with this code:")
            hands.terminal.press(f"Sum the distances.{ENTER}")
        hands.terminal.wait_for("distance(a, b) for")
        hands.saved(TRUTH)


def test_a_problem_that_another_server_found_is_fixed(project):
    wrong = TRUTH.replace("a, b in pairs", "a in pairs")
    line = wrong[: wrong.index("a in pairs")].count("\n")
    told = f"""
    vim.api.nvim_create_autocmd("LspAttach", {{ callback = function()
      vim.diagnostic.set(vim.api.nvim_create_namespace("another"), 0,
        {{ {{ lnum = {line}, col = 0, message = 'Undefined name "b"' }} }})
    end }})
    """
    with before_a_model(Neovim.told(told), project, wrong) as (hands, _):
        hands.terminal.press(f":{line + 1}{ENTER}")
        hands.run("fix")
        hands.terminal.wait_for("a, b in pairs")
        hands.saved(TRUTH)


def test_what_can_be_done_is_completed(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.terminal.press(f":{LENGTH + 1}{ENTER}", f":Arriero simp{TAB}")
        hands.terminal.wait_for(":Arriero simplify")


def test_what_cannot_be_done_is_said(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.run("nonsense")
        hands.terminal.wait_for('arriero has no action "nonsense" for this place.')


def test_an_explanation_is_closed_with_a_key(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.terminal.press(f":{LENGTH + 1}{ENTER}")
        hands.run("explain")
        hands.terminal.wait_for("The code shown is `length`.")
        hands.terminal.press(control("w"), "k", "q")
        hands.terminal.wait_for(lambda shown: "The code shown" not in shown)


def test_an_explanation_breaks_its_own_lines_and_nobody_else_s(project):
    with before_a_model(Neovim.told("vim.o.wrap = false"), project, TRUTH) as (hands, _):
        hands.terminal.press(f":{LENGTH + 1}{ENTER}")
        hands.run("explain")
        hands.terminal.wait_for("The code shown is `length`.")
        hands.terminal.press(control("w"), "k", f":enew{ENTER}", f":set wrap?{ENTER}")
        hands.terminal.wait_for("nowrap")


def test_the_doctor_shows_what_it_finds(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.run("doctor")
        hands.terminal.wait_for("What arriero's doctor finds")


def test_what_would_be_sent_is_shown(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.terminal.press(f":{LENGTH + 1}{ENTER}")
        hands.run("privacy")
        hands.terminal.wait_for("privacy.md")


# Its documents ----------------------------------------------------------------------------------


def test_health_says_how_things_are(project):
    with before_a_model(Neovim, project, TRUTH) as (hands, _):
        hands.terminal.press(f":checkhealth arriero{ENTER}")
        hands.terminal.wait_for("No key is asked for.")  # the end of the doctor's report
        hands.terminal.press("gg")
        shown = hands.terminal.wait_for("previous")
    for said in ("Neovim 0.1", "The server is", "It is switched on", "for 1 open file"):
        assert said in shown
    assert "ERROR" not in shown


def test_help_has_every_key_and_command(tmp_path):
    (tmp_path / "doc").mkdir()
    text = (PLUGIN / "doc" / "arriero.txt").read_text("utf-8")
    (tmp_path / "doc" / "arriero.txt").write_text(text, "utf-8")
    argv = [executable(), "--clean", "--headless", f"+helptags {tmp_path}/doc", "+qa"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert said.stderr == ""
    tags = (tmp_path / "doc" / "tags").read_text()
    assert {"arriero", ":Arriero", "g:arriero_keys", "arriero.accept()"} <= {
        line.split("\t")[0] for line in tags.splitlines()
    }
    lua = PLUGIN / "lua" / "arriero"
    keys = re.findall(r'^  (\w+) = "(<.*?>)"', (lua / "keys.lua").read_text(), re.MULTILINE)
    assert len(keys) == 5
    for name, key in keys:
        assert re.search(rf"{key}\s+{name}\b", text)
    commands = re.findall(
        r"^  (\w+) = (?:function|status)", (lua / "commands.lua").read_text(), re.M
    )
    assert len(commands) == 8
    for command in commands:
        assert f":Arriero {command}" in text
    assert max(map(len, text.splitlines())) <= 78
