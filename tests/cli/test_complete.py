"""`arriero complete`: a suggestion on the command line, by the real server."""

from __future__ import annotations

import json
from math import inf

import pytest

from e2e.house import NO_MODEL
from e2e.truth import BEHIND_WIDE_LETTERS, CURSOR, REST_OF_LINE, TRUTH, without, write

MODEL = "codellama/CodeLlama-70b-Instruct-hf"


def at_cursor(folder, marked: str, name: str = "paths.py") -> str:
    """Write the marked text into a file; return the cursor as people type it."""
    file = write(folder, marked)
    file = file.rename(file.with_name(name))
    before = marked.partition(CURSOR)[0]
    return f"{file}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


async def check_fails(arriero, place: str, says: str) -> None:
    """See one sentence on stderr and nothing on stdout, with --json and without."""
    for arguments in (("complete", place), ("complete", place, "--json")):
        ended = await arriero(*arguments)
        assert (ended.code, ended.out, ended.err) == (1, "", f"arriero: {says}\n")


@pytest.mark.parametrize("missing", [REST_OF_LINE, BEHIND_WIDE_LETTERS])
async def test_rest_of_a_line(missing, arriero, model, tmp_path):
    ended = await arriero("complete", at_cursor(tmp_path / "project", without(missing)))
    assert (ended.code, ended.out, ended.err) == (0, f"{missing}\n", "")


async def test_several_lines(arriero, model, tmp_path):
    missing = "pairs = zip(points, points[1:])\n    return sum(distance(a, b) for a, b in pairs)"
    ended = await arriero("complete", at_cursor(tmp_path / "project", without(missing)))
    assert (ended.code, ended.out) == (0, f"{missing}\n")


async def test_relative_path(arriero, model, tmp_path, monkeypatch):
    at_cursor(tmp_path / "project", without(REST_OF_LINE))
    monkeypatch.chdir(tmp_path)
    ended = await arriero("complete", "project/paths.py:14:16")
    assert (ended.code, ended.out) == (0, f"{REST_OF_LINE}\n")


@pytest.mark.parametrize("speed", [inf, 50.0], ids=["at once", "shown before its end"])
async def test_json_tells_how_it_came_about(speed, arriero, model, tmp_path):
    model.order(speed=speed)
    place = at_cursor(tmp_path / "project", without(REST_OF_LINE))
    ended = await arriero("complete", place, "--json")
    told = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert told.pop("ttft_s") > 0
    assert told.pop("tokens") > 1
    assert told.pop("tokens_per_s") > 0
    assert told == {
        "text": REST_OF_LINE,
        "backend": "simulated",
        "model": MODEL,
        "dialect": "source_destination",
    }


async def test_nothing_to_suggest(arriero, model, tmp_path):
    model.order(refuse=True)
    place = at_cursor(tmp_path / "project", without(REST_OF_LINE))
    ended = await arriero("complete", place)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("arriero: The model declined to suggest anything here.")
    model.order()
    end = at_cursor(tmp_path / "project", TRUTH + CURSOR)
    ended = await arriero("complete", end)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == "arriero: the model has no suggestion for this place.\n"
    ended = await arriero("complete", end, "--json")
    assert ended.code == 3
    assert json.loads(ended.out)["text"] == ""


async def test_what_the_server_says_by_the_way_goes_to_stderr(arriero, model, tmp_path):
    place = at_cursor(tmp_path / "project", without(REST_OF_LINE))
    (tmp_path / "project" / "arriero.toml").write_text('url = "http://evil.example"\n')
    ended = await arriero("complete", place)
    assert (ended.code, ended.out) == (0, f"{REST_OF_LINE}\n")
    assert ended.err.startswith("arriero: url in ")
    assert "is refused: a file in a workspace can come from anyone." in ended.err
    assert (await arriero("complete", place, "--json")).err == ended.err


# What is wrong with the place ---------------------------------------------------------------------


async def test_column_that_the_line_has_not_got(arriero, model, tmp_path):
    file = write(tmp_path / "project", "größer = 1\n")
    says = f"Line 1 of {file} has 10 characters, so the last column for a cursor is 11."
    await check_fails(arriero, f"{file}:1:12", says)


async def test_line_that_the_file_has_not_got(arriero, model, tmp_path):
    file = write(tmp_path / "project")
    lines = TRUTH.count("\n") + 1
    await check_fails(arriero, f"{file}:99:1", f"{file} has {lines} lines, not 99.")


async def test_file_that_is_no_text(arriero, model, tmp_path):
    file = tmp_path / "paths.py"
    file.write_bytes(b"x = '\xff'\n")
    says = (
        f"{file} cannot be read as UTF-8 text ('utf-8' codec can't decode byte 0xff in position 5: "
        "invalid start byte)."
    )
    await check_fails(arriero, f"{file}:1:1", says)


async def test_secret_file_is_not_sent(arriero, model, tmp_path):
    place = at_cursor(tmp_path / "project", f"KEY={CURSOR}\n", ".env")
    says = '.env is sent to no model: files like "*.env" hold secrets.'
    await check_fails(arriero, place, says)
    assert model.prompts == []


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("missing.py:1:1", "'missing.py' does not exist"),
        ("a.py:1", "'a.py:1' has to be FILE:LINE:COL, both from 1"),
    ],
)
async def test_what_is_no_place_is_a_wrong_command(place, says, arriero):
    ended = await arriero("complete", place)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(f"arriero complete: error: argument FILE:LINE:COL: {says}\n")


# What is wrong with the model server --------------------------------------------------------------


async def test_model_server_that_gives_up(arriero, model, tmp_path):
    model.order(drop_at=3)
    says = (
        f"{model.url} closed the connection before its answer was complete. The model server may "
        "have stopped: look into its log, and try again."
    )
    await check_fails(arriero, at_cursor(tmp_path / "project", without(REST_OF_LINE)), says)


async def test_no_model_at_all(arriero, tmp_path, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    await check_fails(arriero, at_cursor(tmp_path / "project", without(REST_OF_LINE)), NO_MODEL)
