"""`arriero act`: an action on the command line, as a diff, as prose, or written into the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arriero.cli.act import MACHINE_MADE, diff
from arriero.core.models import CODELLAMA_70B_INSTRUCT
from arriero_backend import contract
from arriero_backend.engine import Facts
from e2e.house import NO_MODEL
from e2e.truth import CURSOR, DOCUMENTATION, LENGTH, REST_OF_LINE, TRUTH, without, write
from engines import END, ScriptedEngine, on_loopback

UNDOCUMENTED = without(DOCUMENTATION).replace(CURSOR, "")
BROKEN = without(REST_OF_LINE).replace(CURSOR, "")
TESTS = "def test_length():\n    assert length([(0, 0), (3, 4)]) == 5\n"
MEANING = "The code shown is `length`. Return the length of the path through the points."


@pytest.fixture
def project(tmp_path):
    return tmp_path / "project"


def changes(file: Path, *lines: str) -> str:
    """Return the head of a diff, and these lines."""
    name = file.as_posix().lstrip("/")
    return "".join(f"{line}\n" for line in (f"--- a/{name}", f"+++ b/{name}", *lines))


async def test_lines_are_fixed(arriero, model, project):
    file = write(project, BROKEN)
    ended = await arriero("act", "fix", f"{file}:14-14", "--message", "'(' was never closed")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == changes(
        file,
        "@@ -11,7 +11,7 @@",
        " def length(points):",
        '     """Return the length of the path through the points."""',
        "     pairs = zip(points, points[1:])",
        "-    return sum(",
        "+    return sum(distance(a, b) for a, b in pairs)",
        " ",
        " ",
        " def announce(points):",
    )
    assert "was never closed" in model.prompts[0]


async def test_one_line_stands_for_the_definition_around_it(arriero, model, project):
    file = write(project, UNDOCUMENTED)
    ended = await arriero("act", "document", f"{file}:{LENGTH + 3}")
    assert ended.code == 0
    assert f"\n+{DOCUMENTATION}" in ended.out


async def test_file_is_left_as_it_is(arriero, model, project):
    file = write(project, UNDOCUMENTED)
    await arriero("act", "document", f"{file}:{LENGTH + 1}")
    assert file.read_bytes() == UNDOCUMENTED.encode()


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
async def test_written_file_keeps_its_line_ends(eol, arriero, model, project):
    file = write(project, UNDOCUMENTED.replace("\n", eol))
    ended = await arriero("act", "document", f"{file}:{LENGTH + 1}", "--write")
    assert (ended.code, ended.err) == (0, "")
    assert file.read_bytes() == TRUTH.replace("\n", eol).encode()


async def test_explanation_is_printed(arriero, model, project):
    file = write(project)
    ended = await arriero("act", "explain", f"{file}:{LENGTH + 1}", "--write")
    assert (ended.code, ended.out) == (0, f"{MEANING}\n")
    assert ended.err == f"arriero: {MACHINE_MADE}\n"
    assert file.read_bytes() == TRUTH.encode()


async def test_an_instruction_is_followed(arriero, model, project):
    file = write(project, BROKEN)
    ended = await arriero("act", "edit", f"{file}:11-14", "--instruction", "Sum the distances.")
    assert (ended.code, ended.err) == (0, "")
    assert "\n+    return sum(distance(a, b) for a, b in pairs)\n" in ended.out
    assert "change nothing else:\nSum the distances." in model.prompts[0]


async def test_columns_say_where_a_suggestion_stands(arriero, model, project):
    file = write(project, BROKEN)
    ended = await arriero("act", "complete", f"{file}:14:16", "--write")
    assert ended.code == 0
    assert file.read_bytes() == TRUTH.encode()


async def test_tests_are_written_into_a_file_of_their_own(arriero, project, monkeypatch):
    file = write(project)
    facts = Facts(CODELLAMA_70B_INSTRUCT, 3584, 4096, 8, "scripted", None, "text-generation")
    engine = ScriptedEngine((f"from paths import length\n\n\n{TESTS}```", END), facts)
    async with on_loopback(contract.app(engine)) as model:
        monkeypatch.setenv("ARRIERO_URL", str(model.base_url).rstrip("/"))
        shown = await arriero("act", "tests", f"{file}:{LENGTH + 1}")
        assert not (project / "tests").exists()
        written = await arriero("act", "tests", f"{file}:{LENGTH + 1}", "--write")
    assert (written.code, written.err, written.out) == (0, "", shown.out)
    assert (
        project / "tests" / "test_paths.py"
    ).read_text() == f"from paths import length\n\n\n{TESTS}"
    assert file.read_bytes() == TRUTH.encode()
    assert "+from paths import length\n" in shown.out


async def test_action_of_the_settings(arriero, model, project):
    file = write(project)
    (project / "arriero.toml").write_text(
        '[actions.own.meaning]\ntitle = "Say it"\ninstruction = "Say it."\nanswer = "show"\n'
    )
    ended = await arriero("act", "meaning", f"{file}:{LENGTH + 1}")
    assert (ended.code, ended.out) == (0, f"{MEANING}\n")


async def test_json(arriero, model, project):
    file = write(project, UNDOCUMENTED)
    told = json.loads((await arriero("act", "document", f"{file}:{LENGTH + 1}", "--json")).out)
    assert told.pop("ttft_s") > 0
    assert told.pop("tokens") > 1
    assert told.pop("tokens_per_s") > 0
    assert f"\n+{DOCUMENTATION}" in told.pop("diff")
    assert told == {
        "action": "document",
        "applied": True,
        "backend": "simulated",
        "model": "codellama/CodeLlama-70b-Instruct-hf",
        "dialect": "source_destination",
    }


# Nothing came of it -------------------------------------------------------------------------------


async def check_nothing(arriero, file, action: str, says: str, code: int) -> None:
    """See the reason, in a sentence and as JSON, and the file as it was."""
    before = file.read_bytes()
    place = f"{file}:{LENGTH + 1}"
    ended = await arriero("act", action, place, "--write")
    assert (ended.code, ended.out, ended.err) == (code, "", f"arriero: {says}\n")
    ended = await arriero("act", action, place, "--write", "--json")
    told = json.loads(ended.out)
    assert (ended.code, ended.err) == (code, "")
    assert (told["applied"], told["diff"], told["reason"]) == (False, "", says)
    assert file.read_bytes() == before


async def test_answer_that_cannot_be_used(arriero, model, project):
    model.order(refuse=True)
    says = "The model declined to answer, so nothing was changed. Asking about less code may help."
    await check_nothing(arriero, write(project), "simplify", says, code=3)


async def test_nothing_to_do(arriero, model, project):
    says = "This code is documented already; nothing was asked of the model."
    await check_nothing(arriero, write(project), "document", says, code=3)
    assert model.prompts == []


async def test_model_server_that_fails(arriero, model, project):
    model.order(drop_at=3)
    says = (
        f"{model.url} closed the connection before its answer was complete. The model server may "
        "have stopped: look into its log, and try again."
    )
    await check_nothing(arriero, write(project), "simplify", says, code=1)


async def test_no_model_at_all(arriero, project, tmp_path, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    await check_nothing(arriero, write(project), "explain", NO_MODEL, code=1)


async def test_secret_file_is_not_sent(arriero, model, project):
    file = write(project, "KEY=1\n").rename(project / ".env")
    ended = await arriero("act", "explain", f"{file}:1")
    says = 'arriero: .env is sent to no model: files like "*.env" hold secrets.\n'
    assert (ended.code, ended.out, ended.err) == (1, "", says)
    assert model.prompts == []


async def test_line_that_the_file_has_not_got(arriero, model, project):
    file = write(project, "x = 1\n")
    ended = await arriero("act", "explain", f"{file}:1-9")
    assert (ended.code, ended.err) == (1, f"arriero: {file} has 2 lines, not 9.\n")


# The command line was wrong -----------------------------------------------------------------------


async def test_fix_has_to_know_what_is_wrong(arriero, project):
    ended = await arriero("act", "fix", f"{write(project)}:14")
    assert ended.code == 2
    assert ended.err.endswith("fix needs to know what is wrong: --message TEXT\n")


async def test_word_that_is_no_action(arriero, project):
    ended = await arriero("act", "improve", f"{write(project)}:14")
    assert ended.code == 2
    assert "there is no action 'improve'; it has to be one of fix, " in ended.err


async def test_edit_has_to_know_what_to_do(arriero, project):
    ended = await arriero("act", "edit", f"{write(project)}:14")
    assert ended.code == 2
    assert ended.err.endswith("edit needs to know what to do: --instruction TEXT\n")


async def test_a_change_is_either_shown_or_written(arriero, project):
    ended = await arriero("act", "simplify", f"{write(project)}:14", "--diff", "--write")
    assert ended.code == 2


# The diff -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("a\n", "b\n", ["@@ -1 +1 @@", "-a", "+b"]),
        ("a", "b", ["@@ -1 +1 @@", "-a", NO_END := "\\ No newline at end of file", "+b", NO_END]),
        ("a", "a\n", ["@@ -1 +1 @@", "-a", NO_END, "+a"]),
        ("a\x0cb\nc\n", "a\x0cb\nd\n", ["@@ -1,2 +1,2 @@", " a\x0cb", "-c", "+d"]),
        ("a\r\n", "b\r\n", ["@@ -1 +1 @@", "-a\r", "+b\r"]),
    ],
)
def test_diff_is_one_that_patch_reads(before, after, lines):
    file = Path("a.py")
    assert diff(file, before, after) == changes(file, *lines)


def test_nothing_changed_is_no_diff():
    assert diff(Path("a.py"), "a\n", "a\n") == ""
