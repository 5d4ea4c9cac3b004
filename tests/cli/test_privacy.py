"""`arriero privacy`: what would be sent, by the real server."""

import json

import pytest

from lsp.test_secrets import FILE, KEY

CODE = f"{FILE}def head(name):\n    return name\n"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "project" / "a.py"
    file.parent.mkdir()
    file.write_text(CODE, "utf-8")
    return file


@pytest.mark.parametrize(
    ("place", "line", "shown"),
    [
        ("", 6, "return name"),
        (":4", 4, "def head(name):"),
        (":4:5", 4, "def"),
        (":2", 2, 'API_TOKEN = "REDACTED_'),
    ],
)
async def test_the_place_may_be_a_file_a_line_or_a_column(arriero, model, file, place, line, shown):
    ended = await arriero("privacy", f"{file}{place}", "--json")
    told = json.loads(ended.out)
    assert (ended.code, ended.err, told["line"]) == (0, "", line)
    assert told["parts"][-1]["text"].split("\n")[-1].strip().startswith(shown)
    assert KEY not in ended.out


async def test_people_read_it_as_markdown(arriero, model, file):
    (file.parent / ".env").write_text("A=1\n")
    ended = await arriero("privacy", str(file))
    assert ended.out.startswith("# What arriero would send for a suggestion in a.py, line 6\n")
    assert f"tokens, to codellama/CodeLlama-70b-Instruct-hf at {model.url}." in ended.out
    assert ".env is sent to no model" in ended.out
    assert "`: Secret value, line 1\n" in ended.out
    assert "\n## Code before the cursor (" in ended.out or "\n## The reply so far" in ended.out


async def test_it_says_why_nothing_is_sent(arriero, model, file):
    secret = file.rename(file.with_name("secrets.json"))
    ended = await arriero("privacy", str(secret))
    assert ended.code == 0
    assert 'Nothing. secrets.json is sent to no model: files like "secrets.json"' in ended.out


async def test_a_place_that_is_not_there_is_told(arriero, model, file):
    ended = await arriero("privacy", f"{file}:9")
    assert (ended.code, ended.err) == (1, f"arriero: {file} has 6 lines, not 9.\n")
