"""Settings in files: those of the person and those of a workspace."""

from pathlib import Path

import pytest

from arriero.settings import Settings
from arriero.settings_sources import load, load_all


def check_files(folder: Path, *, problems: tuple[str, ...] = (), environ=None, **files: str):
    """Write the files into a workspace, whose settings are then returned."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_bytes(text.encode())
    environ = {"ARRIERO_CONFIG": str(folder / "own.toml")} | (environ or {})
    if "own" not in files:
        (folder / "own.toml").touch()
    loaded = load_all([folder], environ=environ)
    assert loaded.problems == tuple(problem.format(folder=folder) for problem in problems)
    return loaded.settings


def test_the_persons_file_and_both_files_of_a_workspace_are_read(tmp_path):
    settings = check_files(
        tmp_path,
        own='url = "http://gpu:8080"\nmax_new_tokens = 1\n[completion]\npace = 1\n',
        pyproject="[tool.arriero]\nmax_new_tokens = 2\ncompletion.pace = 2\n",
        arriero="max_new_tokens = 3\n",
    )
    assert (settings.url, settings.max_new_tokens) == ("http://gpu:8080", 3)
    assert settings.completion.pace == 2


def test_of_several_folders_the_first_one_counts_and_all_ignore_lines(tmp_path):
    texts = {"one": 'max_new_tokens = 1\nignore = ["a"]\n', "two": "max_new_tokens = 2\n"}
    texts["two"] += 'completion.pace = 2\nignore = ["b"]\n'
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "arriero.toml").write_text(text)
    settings = load_all([tmp_path / "one", tmp_path / "two"], environ={}).settings
    assert (settings.max_new_tokens, settings.completion.pace) == (1, 2)
    assert sorted(settings.ignore) == ["a", "b"]


@pytest.mark.parametrize(
    "said",
    [
        {"environ": {"ARRIERO_TRUSTED": "false"}},
        {"options": {"trusted": False}},
        {"configuration": {"trusted": False}},
    ],
)
def test_of_a_workspace_that_is_not_trusted_only_what_keeps_files_back_is_read(tmp_path, said):
    (tmp_path / "arriero.toml").write_text(
        'ignore = ["*.sql"]\nmax_new_tokens = 5\nurl = "http://elsewhere"\n'
        '[actions.own.x]\ntitle = "Fix"\ninstruction = "Send it."\n'
    )
    loaded = load_all([tmp_path], **{"environ": {}, **said})
    assert loaded.settings == Settings(ignore=("*.sql",), trusted=False)
    assert loaded.problems == ()


def test_a_workspace_cannot_say_that_it_is_trusted(tmp_path):
    (tmp_path / "arriero.toml").write_text("trusted = true\nmax_new_tokens = 5\n")
    loaded = load_all([tmp_path], {"trusted": False}, environ={})
    assert loaded.settings == Settings(trusted=False)


def test_a_pyproject_without_a_word_for_us_is_none_of_our_business(tmp_path):
    assert check_files(tmp_path, pyproject="[tool.ruff]\nline-length = 100\n") == Settings()


def test_a_file_as_windows_writes_it_is_read(tmp_path):
    assert check_files(tmp_path, arriero="\ufeffmax_new_tokens = 3\r\n").max_new_tokens == 3


def test_files_of_a_workspace_are_refused_by_name(tmp_path):
    elsewhere = (
        "is refused: a file in a workspace can come from anyone. Set it in your own configuration "
        "file or as ARRIERO_API_KEY."
    )
    check_files(
        tmp_path,
        pyproject='tool.arriero.api_key = "x"',
        arriero='api_key = "x"',
        problems=(
            f"api_key in [tool.arriero] of {tmp_path / 'pyproject.toml'} {elsewhere}",
            f"api_key in {tmp_path / 'arriero.toml'} {elsewhere}",
        ),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("url = ", "is no valid TOML (Invalid value (at end of document))"),
        ("x = " + "[" * 5000, "is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, text, problem):
    file = tmp_path / "arriero.toml"
    check_files(tmp_path, arriero=text, problems=(f"{file} {problem}; its settings are left out.",))


def test_a_file_that_is_no_text_is_told(tmp_path):
    file = tmp_path / "arriero.toml"
    file.write_bytes(b"\xff\xfe")
    told = f"{file} is not written in UTF-8; its settings are left out."
    check_files(tmp_path, problems=(told,))


def test_a_file_made_to_fill_the_memory_is_not_read(tmp_path):
    file = tmp_path / "arriero.toml"
    check_files(
        tmp_path,
        arriero="#" * 2_000_000,
        problems=(f"{file} is far too large for settings; it is left out.",),
    )


def test_a_tool_table_that_is_none_is_told(tmp_path):
    file = tmp_path / "pyproject.toml"
    check_files(
        tmp_path,
        pyproject="tool.arriero = 3",
        problems=(f"[tool.arriero] of {file} has to be a table; it is left out.",),
    )


def test_a_missing_file_is_told_only_to_those_who_named_it(tmp_path):
    named = tmp_path / "gone.toml"
    told = f"{named}, which ARRIERO_CONFIG names, is no file; its settings are left out."
    check_files(tmp_path, environ={"ARRIERO_CONFIG": str(named)}, problems=(told,))


def test_without_a_workspace_nothing_of_one_is_read(tmp_path):
    (tmp_path / "own.toml").touch()
    loaded = load_all(environ={"ARRIERO_CONFIG": str(tmp_path / "own.toml")})
    assert loaded == load()
