"""arriero in a real VS Code, from the .vsix on: `make e2e-vscode` runs this.

One person's window serves all tests; each has a file, and a model server that knows it, of its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from e2e.truth import (
    BEHIND_WIDE_LETTERS,
    DOCUMENTATION,
    REST_OF_LINE,
    TRUTH,
    without,
    write,
)
from editors.code_server import CodeServer, code_server
from editors.processes import under
from editors.simulated import simulated
from editors.vscode import VSCode
from editors.waiting import until

VSIX = Path(__file__).parents[2] / "editors" / "vscode" / "arriero.vsix"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIZE = {"width": 960, "height": 600}
WIDE = {"width": 1280, "height": 720}  # where first steps stand beside their pictures
FILE = "paths.py"

# Without an address there must be nothing: the model of this computer has its own test.
NO_LOCAL = {"local.enabled": False}
AT_ONCE = {**NO_LOCAL, "actions.confirm": False}


@pytest.fixture(scope="session")
def browser():
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            chromium_sandbox=os.getuid() != 0,  # Chromium has none for root
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def editor(home):
    (home / "config.toml").touch()
    with code_server(home, VSIX, {"ARRIERO_CONFIG": str(home / "config.toml")}) as running:
        running.choose(**NO_LOCAL)
        yield running


@pytest.fixture(scope="session")
def window(browser, editor, home):
    """A window in which somebody who just installed the extension says yes."""
    window = opened(browser, editor, home / "project")
    window.wait_for_message("Shall this extension make a Python environment")
    window.picture("setup", window.message_box)
    window.answer("Set it up")
    window.wait_for_message("Setting up arriero's server")
    window.wait_for_message("No model server is set", patience=180)
    window.trust()
    return window


def opened(browser, editor: CodeServer, folder: Path) -> VSCode:
    (folder / ".git").mkdir(parents=True)
    page = browser.new_page(viewport=SIZE)
    page.goto(f"{editor.url}/?folder={folder}")
    window = VSCode(page, folder)
    window.status.wait_for()
    window.command("View: Toggle Primary Side Bar Visibility")
    return window


@dataclass(frozen=True, slots=True)
class Case:
    """The window, its editor, and where the truth is about the file."""

    window: VSCode
    editor: CodeServer
    truth: Path

    @contextmanager
    def served(self, *orders: str, **settings: object):
        """Run a model server, and let the window use it."""
        with simulated(self.truth, *orders) as server:
            self.editor.choose(**AT_ONCE | settings, url=server.url)
            self.window.wait_for_status(server.url)
            yield server

    def open(self, marked: str) -> Path:
        return self.window.open(FILE, marked)


@pytest.fixture
def case(window, editor, tmp_path):
    write(tmp_path)
    yield Case(window, editor, tmp_path)
    window.put_all_away()
    (window.folder / FILE).unlink(missing_ok=True)


def serving(editor: CodeServer) -> str:
    """Return the command line of the server that the extension set up."""
    [environment] = (editor.profile / "User/globalStorage/arriero.arriero").glob("server-*")
    return f"{environment}/bin/python -I -m arriero serve"


# Setting up -------------------------------------------------------------------------------------


def test_server_comes_from_the_extension_and_from_no_index(window, editor):
    [environment] = (editor.profile / "User/globalStorage/arriero.arriero").glob("server-*")
    [about] = environment.glob("lib/*/site-packages/arriero-*.dist-info/direct_url.json")
    url = json.loads(about.read_text())["url"]
    assert re.fullmatch(r"file://.*/extensions/arriero\.arriero-[^/]*/server/[^/]*\.whl", url)
    assert under(editor.process.pid, serving(editor))


# Suggestions ------------------------------------------------------------------------------------


def test_rest_of_a_line_is_suggested_while_typing_and_accepted(case):
    window = case.window
    with case.served():
        file = case.open(without(REST_OF_LINE))
        window.ask_until("Backspace", "(")
        window.accept_until(file, TRUTH)
        accepted = window.menu_row("Pause suggestions")
        expect(accepted).to_contain_text(re.compile(r"\b[1-9]\d* accepted"))
        window.press("Escape")


def test_a_suggestion_is_accepted_word_by_word(case):
    window = case.window
    with case.served():
        file = case.open(without(REST_OF_LINE))
        window.suggest()
        window.wait_for_ghost(REST_OF_LINE)
        window.press("Control+ArrowRight")
        window.wait_for_text(file, TRUTH.replace(REST_OF_LINE, "distance"))
        window.wait_for_ghost(REST_OF_LINE.removeprefix("distance"))


def test_a_suggestion_is_accepted_line_by_line(case):
    window = case.window
    body = TRUTH.partition("def length(points):\n")[2].partition("\n\n\n")[0]
    with case.served():
        file = case.open(without(body))
        window.suggest()
        window.wait_for_ghost(body.split("\n")[0])
        window.press("Alt+Enter")
        first = body.split("\n")[0]
        until(lambda: first in file.read_text(encoding="utf-8"), "its first line is there")
        assert "pairs = " not in file.read_text(encoding="utf-8")
        window.accept_until(file, TRUTH)


def test_suggestion_stands_behind_letters_of_several_units(case):
    window = case.window
    with case.served():
        file = case.open(without(BEHIND_WIDE_LETTERS))
        window.suggest()
        window.wait_for_ghost(BEHIND_WIDE_LETTERS)
        window.picture("suggestion")
        window.press("Tab")
        window.wait_for_text(file, TRUTH)


# Actions ----------------------------------------------------------------------------------------


def test_action_shows_its_progress_and_its_edit_is_looked_at_applied_and_undone(case):
    window = case.window
    with case.served("--speed", "5", **{"actions.confirm": True}):
        before = without(DOCUMENTATION)
        file = case.open(before)
        window.open_actions()
        window.picture("actions")
        window.choose_action("Write documentation")
        window.wait_for_progress("Write documentation")
        window.picture("progress")
        window.wait_for_preview()
        window.picture("preview")
        window.apply_preview()
        window.wait_for_text(file, TRUTH)
        window.focus()
        window.press("Control+z")
        window.wait_for_text(file, before.replace("‸", ""))
        assert window.messages == []


def test_cancelling_an_action_closes_its_stream(case):
    window = case.window
    with case.served("--stall-at", "3") as server:
        before = without(DOCUMENTATION)
        file = case.open(before)
        window.act("Write documentation")
        window.wait_for_progress("Write documentation")
        server.wait_for(["running"])
        window.cancel("Write documentation")
        server.wait_for(["aborted"])
        window.wait_for_status("arriero is ready.")
        assert window.messages == []
        assert file.read_text(encoding="utf-8") == before.replace("‸", "")


def test_edit_asks_what_to_do_and_does_it(case):
    window = case.window
    wrong = TRUTH.replace("distance(a, b) for", "0 for")
    with case.served():
        file = case.open(wrong.replace("return sum", "‸return sum"))
        window.act("Edit as told")
        window.enter("Sum the distances.")
        window.wait_for_text(file, TRUTH)


def test_explanation_opens_beside_the_code_and_typing_goes_on(case):
    window = case.window
    with case.served():
        file = case.open(TRUTH.replace("pairs = zip", "‸pairs = zip"))
        window.act("Explain")
        page = window.wait_for_page("Return the length of the path through the points.")
        assert "written by a machine" in page
        window.wait_for_status("arriero is ready.")
        window.picture("explanation")
        window.type("x")
        window.wait_for_text(file, TRUTH.replace("pairs = zip", "xpairs = zip"))


# When things fail -------------------------------------------------------------------------------


def test_server_that_is_killed_comes_back(case):
    window, editor = case.window, case.editor
    with case.served():
        file = case.open(without(REST_OF_LINE))
        command = serving(editor)
        [server] = under(editor.process.pid, command)
        os.kill(server, signal.SIGKILL)
        until(lambda: set(under(editor.process.pid, command)) - {server}, "another server runs")
        window.ask_until("Alt+\\")
        window.accept_until(file, TRUTH)
        assert window.messages == []


def test_without_a_model_one_message_says_what_to_do(case):
    window = case.window
    case.editor.choose(**NO_LOCAL)
    said = window.wait_for_message("No model server is set")
    assert "ARRIERO_URL" in said
    case.open(without(REST_OF_LINE).replace("sum(", "sum"))
    window.type("(")
    window.type("a")
    window.wait_for_status("No model server is set")
    assert window.messages == [said]
    window.answer("Switch the model server")
    window.choose("Another address")
    with simulated(case.truth) as server:
        window.enter(server.url)
        window.wait_for_status(server.url)


def test_model_server_that_is_gone_is_told_with_its_address(case):
    window = case.window
    with case.served() as server:
        case.open(without(REST_OF_LINE))
        server.kill()
        window.suggest()
        window.wait_for_status(f"Nothing answers at {server.url}")
        assert "Start the model server" in window.wait_for_message(server.url)


# The status bar ---------------------------------------------------------------------------------


def test_suggestions_pause_and_resume_from_the_menu(case):
    window = case.window
    with case.served() as server:
        file = case.open(without(REST_OF_LINE).replace("sum(", "sum"))
        window.menu_row("Check the model server").wait_for()
        window.picture("menu")
        window.choose("Pause suggestions")
        window.wait_for_status("paused")
        window.focus()
        window.type("(")
        window.wait_for_text(file, without(REST_OF_LINE).replace("‸", ")"))
        assert server.states() == []
        window.menu_row("Resume suggestions").click()
        window.wait_for_status("arriero is ready.")
        window.focus()
        window.suggest()
        window.wait_for_ghost(REST_OF_LINE.removesuffix(")"))


def test_doctor_writes_a_page(case):
    window = case.window
    with case.served() as server:
        case.open(TRUTH)
        window.command("arriero: Check the model server")
        address = server.url.removeprefix("http://")
        assert address in window.wait_for_page("CodeLlama-70b-Instruct")


def test_first_steps_have_pictures(case):
    window = case.window
    window.command("Welcome: Open Walkthrough...")
    window.choose("First steps with arriero")
    window.page.set_viewport_size(WIDE)
    expect(window.page.locator(".getting-started-media img")).to_be_visible()
    window.picture("walkthrough")
    window.page.set_viewport_size(SIZE)


# Trust ------------------------------------------------------------------------------------------


def test_settings_of_a_folder_count_only_when_it_is_trusted(browser, window, editor, tmp_path):
    folder = tmp_path / "from-anyone"
    (folder / ".vscode").mkdir(parents=True)
    theirs = {"arriero.actions.enabled": ["explain"], "arriero.url": "http://127.0.0.1:1"}
    (folder / ".vscode" / "settings.json").write_text(json.dumps(theirs))
    with simulated(tmp_path) as server:
        editor.choose(**AT_ONCE, url=server.url)
        other = opened(browser, editor, folder)
        other.wait_for_status(server.url)
        other.open("paths.py", TRUTH.replace("pairs = zip", "‸pairs = zip"))
        other.open_actions()
        assert "Write documentation" in other.actions
        other.press("Escape")
        other.trust()

        def only_explain() -> bool:
            other.open_actions()
            actions = other.actions
            other.press("Escape")
            return actions == ["Explain"]

        until(only_explain, "the folder's setting counts")
        other.wait_for_status(server.url)
        other.page.close()


# No simulation ----------------------------------------------------------------------------------


def test_model_of_this_computer_suggests(case):
    window = case.window
    case.editor.choose(**{"local.enabled": True})
    window.wait_for_status("SmolLM2-135M-Instruct")
    case.open(without(REST_OF_LINE))
    window.suggest()
    until(lambda: window.ghost, "the model suggests something")
