"""What people do with arriero, in each real editor: its keys on one side, the backend on the other.

    make e2e-neovim e2e-emacs e2e-helix e2e-neovim-012

PICTURES=folder keeps what the screens look like.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from e2e.truth import (
    BEHIND_WIDE_LETTERS,
    CURSOR,
    DOCUMENTATION,
    LENGTH,
    REST_OF_LINE,
    TRUTH,
    without,
    write,
)
from editors.hands import SERVER
from editors.hands.emacs import Emacs
from editors.hands.helix import Helix
from editors.hands.neovim import Neovim, Neovim12
from editors.processes import under
from editors.sitting import at, before_a_model, line_of, picture

pytestmark = pytest.mark.editor

LENGTH_LINE = LENGTH + 1  # editors count from 1


EDITORS = [
    pytest.param(Neovim, marks=pytest.mark.neovim, id="neovim"),
    pytest.param(Neovim12, marks=pytest.mark.neovim_012, id="neovim-0.12"),
    pytest.param(Emacs, marks=pytest.mark.emacs, id="emacs"),
    pytest.param(Helix, marks=pytest.mark.helix, id="helix"),
]


@pytest.fixture(params=EDITORS)
def editor(request):
    return request.param


# Suggestions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [REST_OF_LINE, BEHIND_WIDE_LETTERS], ids=["plain", "wide"])
def test_a_suggestion_is_shown_and_accepted(editor, project, tmp_path, missing):
    marked = without(missing)
    with before_a_model(editor, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(missing)
        picture(hands, tmp_path, "suggestion")
        hands.accept()
        hands.saved(TRUTH)


@pytest.mark.parametrize("editor", [each for each in EDITORS if each.values[0].accepts_words])
def test_a_word_of_a_suggestion_is_accepted(editor, project):
    marked = without(REST_OF_LINE)
    with before_a_model(editor, project, marked) as (hands, _):
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.accept_word()
        hands.saved(marked.replace(CURSOR, "distance"))


# Actions ----------------------------------------------------------------------------------------


def test_an_action_is_carried_out_with_progress_and_undone(editor, project, tmp_path):
    marked = without(DOCUMENTATION)
    with before_a_model(editor, project, marked, "--speed", "15") as (hands, _):
        hands.open_menu(LENGTH_LINE)
        picture(hands, tmp_path, "menu")
        hands.choose("Write documentation")
        hands.progress()
        picture(hands, tmp_path, "progress")
        hands.confirm()
        hands.terminal.wait_for(DOCUMENTATION.strip())
        hands.saved(TRUTH)
        hands.undo()
        hands.saved(marked.replace(CURSOR, ""))


def test_cancelling_an_action_closes_its_stream(editor, project):
    marked = without(DOCUMENTATION)
    with before_a_model(editor, project, marked, "--stall-at", "3") as (hands, server):
        hands.open_menu(LENGTH_LINE)
        hands.choose("Write documentation")
        server.wait_for(["running"])
        hands.progress()
        hands.cancel()
        server.wait_for(["aborted"])
        hands.saved(marked.replace(CURSOR, ""))


def test_an_explanation_is_shown(editor, project, tmp_path):
    with before_a_model(editor, project, TRUTH) as (hands, _):
        hands.open_menu(LENGTH_LINE)
        hands.choose("Explain")
        shown = hands.terminal.wait_for("The code shown is `length`.")
        picture(hands, tmp_path, "explanation")
        assert "written by a machine" in shown


# What goes wrong --------------------------------------------------------------------------------


def test_a_killed_server_is_started_again(editor, project):
    marked = without(REST_OF_LINE)
    with before_a_model(editor, project, marked) as (hands, _):
        [server] = under(hands.terminal.process, " ".join(SERVER))
        os.kill(server, signal.SIGKILL)
        hands.start_again()
        hands.type_behind(line_of(marked))
        hands.suggestion(REST_OF_LINE)
        hands.accept()
        hands.saved(TRUTH)


def test_without_a_model_one_message_says_what_to_do(editor, project, tmp_path):
    marked, message = without(REST_OF_LINE), "No model server is set"
    with at(editor, project, marked) as hands:
        hands.terminal.wait_for(message)
        picture(hands, tmp_path, "no-model")
        assert "ARRIERO_URL" in unfolded(hands.read(message))
        hands.type_behind(line_of(marked))
        hands.terminal.press("x")
        hands.saved(marked.replace(CURSOR, "x"))
        assert message not in hands.terminal.shown


def unfolded(shown):
    """Join what Emacs breaks off at the edge of the screen."""
    return shown.replace("\\\n", "")


# No simulation ----------------------------------------------------------------------------------


@pytest.mark.local
def test_the_local_model_completes_as_on_the_command_line(editor, project):
    marked = without(REST_OF_LINE)
    line = line_of(marked)
    file = write(project, marked)
    place = f"{file.name}:{line}:{len(marked.partition(CURSOR)[0].splitlines()[-1]) + 1}"
    command = [sys.executable, "-m", "arriero", "complete", place, "--json"]
    said = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    suggestion = json.loads(said.stdout)["text"]
    assert suggestion
    with editor.on(file, project.parent / "home", {}) as hands:
        hands.read("demo model")
        hands.complete_here(line, suggestion)
        hands.saved(marked.replace(CURSOR, suggestion))
