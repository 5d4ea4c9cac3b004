"""Places as people write them, on every system."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from arriero.cli.places import Cursor, Lines, cursor, language_of, lines, root_of

LINES = "has to be FILE:LINE, FILE:LINE:COL or FILE:LINE-LINE, from 1"


@pytest.fixture
def every_file_exists(monkeypatch):
    monkeypatch.setattr(Path, "is_file", lambda file: True)


@pytest.mark.parametrize(
    ("written", "file", "line", "column"),
    [
        ("a.py:3:7", "a.py", 3, 7),
        ("src/a b.py:1:1", "src/a b.py", 1, 1),
        (r"C:\src\a.py:12:5", r"C:\src\a.py", 12, 5),
        ("C:/src/a.py:12:5", "C:/src/a.py", 12, 5),
        ("notes:2:3:4", "notes:2", 3, 4),
        ("größer 😀.py:10:200", "größer 😀.py", 10, 200),
    ],
)
def test_cursor(written, file, line, column, every_file_exists):
    assert cursor(written) == Cursor(Path(file), line, column)


@pytest.mark.parametrize(
    ("written", "file", "first", "last"),
    [
        ("a.py:3", "a.py", 3, None),
        ("a.py:3-3", "a.py", 3, 3),
        ("a-2.py:3-14", "a-2.py", 3, 14),
        (r"C:\src\a.py:12", r"C:\src\a.py", 12, None),
        (r"C:\src\a.py:12-20", r"C:\src\a.py", 12, 20),
    ],
)
def test_lines(written, file, first, last, every_file_exists):
    assert lines(written) == Lines(Path(file), first, last)


@pytest.mark.parametrize(
    ("written", "columns"),
    [
        ("a.py:3:7", (3, None, 7, None)),
        ("a.py:3:7-4", (3, 4, 7, None)),
        ("a.py:3-4:2", (3, 4, None, 2)),
        (r"C:\a.py:3:7-4:2", (3, 4, 7, 2)),
    ],
)
def test_lines_with_columns(written, columns, every_file_exists):
    found = lines(written)
    assert (found.first, found.last, found.first_column, found.last_column) == columns


@pytest.mark.parametrize(
    ("read", "written", "said"),
    [
        (cursor, "a.py", "'a.py' has to be FILE:LINE:COL, both from 1"),
        (cursor, "a.py:3", "'a.py:3' has to be FILE:LINE:COL, both from 1"),
        (cursor, "a.py:3:x", "'a.py:3:x' has to be FILE:LINE:COL, both from 1"),
        (cursor, ":3:4", "':3:4' has to be FILE:LINE:COL, both from 1"),
        (cursor, "a.py:3:-1", "'a.py:3:-1' has to be FILE:LINE:COL, both from 1"),
        (cursor, "a.py:0:1", "in 'a.py:0:1', lines and columns are counted from 1"),
        (cursor, "a.py:1:0", "in 'a.py:1:0', lines and columns are counted from 1"),
        (lines, "a.py", "'a.py' has to be FILE:LINE, FILE:LINE:COL or FILE:LINE-LINE, from 1"),
        (
            lines,
            "a.py:3-",
            "'a.py:3-' has to be FILE:LINE, FILE:LINE:COL or FILE:LINE-LINE, from 1",
        ),
        (lines, "a.py:0", "in 'a.py:0', lines and columns are counted from 1"),
        (lines, "a.py:4-3", "'a.py:4-3' ends before it begins"),
        (lines, "a.py:4:5-4:2", "'a.py:4:5-4:2' ends before it begins"),
        (lines, "a.py:4:0", "in 'a.py:4:0', lines and columns are counted from 1"),
    ],
)
def test_what_is_no_place(read, written, said, every_file_exists):
    with pytest.raises(argparse.ArgumentTypeError) as raised:
        read(written)
    assert str(raised.value) == said


@pytest.mark.parametrize("read", [cursor, lines])
@pytest.mark.parametrize(("name", "says"), [("missing.py", "does not exist"), (".", "is no file")])
def test_file_that_is_not_there(read, name, says):
    with pytest.raises(argparse.ArgumentTypeError, match=rf"^'{name}' {says}$"):
        read(f"{name}:1:1" if read is cursor else f"{name}:1")


@pytest.mark.parametrize(
    ("name", "language"),
    [("a.py", "python"), ("A.PY", "python"), ("a.tsx", "typescriptreact"), ("a.xyz", "plaintext")],
)
def test_language(name, language):
    assert language_of(Path(name)) == language


def test_workspace_is_the_nearest_folder_that_looks_like_one(tmp_path):
    inner = tmp_path / "project" / "src" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "project" / "go.mod").touch()
    assert root_of(inner / "a.go") == (tmp_path / "project").resolve()
    (inner.parent / ".git").mkdir()
    assert root_of(inner / "a.go") == inner.parent.resolve()
