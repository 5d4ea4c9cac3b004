"""arriero in a real Neovim, by the table alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.truth import (
    BEHIND_WIDE_LETTERS,
    CURSOR,
    DOCUMENTATION,
    LENGTH,
    REST_OF_LINE,
    TRUTH,
    without,
)
from editors.simulated import simulated
from editors.table import Neovim, Record

pytestmark = [pytest.mark.editor, pytest.mark.neovim]


def neovim(project, marked, *steps, url="") -> Neovim:
    # Without an address there must be nothing: the model of this computer has its own test.
    backend = {"ARRIERO_URL": url, "ARRIERO_LOCAL_ENABLED": "false"}
    return Neovim(
        project / "paths.py",
        marked,
        list(steps),
        home=project.parent / "home",
        environment=backend,
    )


def check(project, marked, *steps, shows) -> Record:
    """Open the marked text, take the steps, and see what the last of them shows."""
    with (
        simulated(project.parent / "truth") as server,
        neovim(project, marked, *steps, url=server.url) as editor,
    ):
        record = editor.finish()
    assert record.steps[-1] == shows
    assert record.exit == {"code": 0, "signal": 0}
    return record


# Suggestions ------------------------------------------------------------------------------------


def test_rest_of_a_line_is_suggested(project):
    marked = without(REST_OF_LINE)
    record = check(project, marked, ("suggestion",), shows=TRUTH)
    assert record.command == ["arriero", "serve"]
    assert Path(record.root).samefile(project)


def test_suggestion_stands_at_the_cursor_behind_letters_of_several_bytes(project):
    record = check(project, without(BEHIND_WIDE_LETTERS), ("suggestion",), shows=TRUTH)
    assert record.encoding == "utf-8"


# Actions ----------------------------------------------------------------------------------------


def test_action_is_carried_out_with_progress(project):
    record = check(
        project,
        without(DOCUMENTATION),
        ("action", "Write documentation", LENGTH + 1, LENGTH + 1),
        ("wait_for_change",),
        ("wait_for_progress", "end"),
        shows=TRUTH,
    )
    kinds = [progress["kind"] for progress in record.progress]
    assert [kinds[0], kinds[-1]] == ["begin", "end"]
    assert set(kinds[1:-1]) == {"report"}
    assert record.progress[0]["cancellable"]
    assert "Write documentation" in record.progress[0]["title"]
    assert record.messages == []


WRONG_SUM = TRUTH.replace("distance(a, b) for", "0 for")
SUM_LINES = (11, 14)  # from 1: those of `length`, which has the wrong sum


def test_edit_asks_what_to_do_and_does_it(project):
    check(
        project,
        WRONG_SUM,
        ("answer_with", "Sum the distances."),
        ("action", "Edit as told", *SUM_LINES),
        ("wait_for_change",),
        shows=TRUTH,
    )


def test_edit_that_is_told_nothing_does_nothing(project):
    check(
        project,
        WRONG_SUM,
        ("answer_with", None),
        ("action", "Edit as told", *SUM_LINES),
        ("wait_for_question",),
        ("text",),
        shows=WRONG_SUM,
    )


# Cancelling: the model server is asked what it saw while Neovim and its server still run ----------


def check_cancelled(project, marked, start, cancel) -> Record:
    """Cancel while the model generates; its stream is closed, and nothing is changed."""
    running, closed = project.parent / "running", project.parent / "closed"
    steps = (*start, ("wait_for_file", str(running)), *cancel, ("wait_for_file", str(closed)))
    with (
        simulated(project.parent / "truth", "--stall-at", "3") as server,
        neovim(project, marked, *steps, ("text",), url=server.url) as editor,
    ):
        server.wait_for(["running"])
        running.touch()
        server.wait_for(["aborted"])
        closed.touch()
        record = editor.finish()
    assert record.steps[-1] == marked.replace(CURSOR, "")
    assert record.exit == {"code": 0, "signal": 0}
    return record


def test_cancelling_an_action_closes_its_stream(project):
    record = check_cancelled(
        project,
        without(DOCUMENTATION),
        start=[
            ("action", "Write documentation", LENGTH + 1, LENGTH + 1),
            ("wait_for_progress", "report"),
        ],
        cancel=[("cancel_progress",), ("wait_for_progress", "end")],
    )
    assert record.messages == []


def test_an_explanation_opens_beside_the_file(project):
    with (
        simulated(project.parent / "truth") as server,
        neovim(
            project,
            TRUTH,
            ("action", "Explain", LENGTH + 1, LENGTH + 1),
            ("wait_for_document", "explanation-"),
            url=server.url,
        ) as editor,
    ):
        record = editor.finish()
    heading, note, *_, text = filter(None, record.steps[-1].split("\n"))
    assert heading.startswith("# Explain: paths.py, lines ")
    assert "written by a machine" in note
    assert "Return the length of the path through the points." in text


def test_an_action_is_cancelled_chosen_again_and_undone(project):
    before = without(DOCUMENTATION)
    running, closed = project.parent / "running", project.parent / "closed"
    choose = ("action", "Write documentation", LENGTH + 1, LENGTH + 1)
    steps = [
        choose,
        ("wait_for_progress", "report"),
        ("wait_for_file", str(running)),
        ("cancel_progress",),
        ("wait_for_file", str(closed)),
        ("text",),
        choose,
        ("wait_for_change",),
        ("undo",),
    ]
    with (
        simulated(project.parent / "truth", "--speed", "10") as server,
        neovim(project, before, *steps, url=server.url) as editor,
    ):
        server.wait_for(["running"])
        running.touch()
        server.wait_for(["aborted"])
        closed.touch()
        record = editor.finish()
        assert [server.states()[0], len(server.states())] == ["aborted", 2]
    *_, untouched, _, applied, undone = record.steps
    assert [untouched, applied, undone] == [
        before.replace(CURSOR, ""),
        TRUTH,
        before.replace(CURSOR, ""),
    ]
    assert record.messages == []


def test_cancelling_a_suggestion_closes_its_stream(project):
    check_cancelled(
        project,
        without(REST_OF_LINE),
        start=[("start_request",)],
        cancel=[("cancel_request",)],
    )


# No simulation ----------------------------------------------------------------------------------


def test_without_a_model_one_message_says_what_to_do(project):
    typing = ("suggestion", "automatic")
    with neovim(project, TRUTH, ("wait_for_message",), typing, typing) as editor:
        record = editor.finish()
    assert len(record.messages) == 1
    assert record.steps[-1] == TRUTH
    assert "ARRIERO_URL" in record.messages[0]


@pytest.mark.local
def test_embedded_model_suggests_what_it_suggests_on_the_command_line(project):
    marked = without(REST_OF_LINE)
    home = project.parent / "home"
    with Neovim(project / "paths.py", marked, [("suggestion",)], home=home) as editor:
        record = editor.finish()
    written = marked.partition(CURSOR)[0].split("\n")
    place = f"paths.py:{len(written)}:{len(written[-1]) + 1}"
    command = [sys.executable, "-m", "arriero", "complete", place, "--json"]
    said = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    suggestion = json.loads(said.stdout)["text"]
    assert suggestion
    assert record.steps[-1] == marked.replace(CURSOR, suggestion)
