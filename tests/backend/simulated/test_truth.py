"""Which files are true: text under a directory, or one file, and never the rest."""

from __future__ import annotations

import pytest

from arriero_backend.simulated.truth import between, load, named, next_line


def test_text_files_are_read_with_plain_line_ends(tmp_path):
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_bytes(b"x\r\ny\n")
    (tmp_path / "b.txt").write_text("b")
    assert load(tmp_path) == {"b.txt": "b", "pkg/a.py": "x\ny\n"}
    assert load(tmp_path / "b.txt") == {"b.txt": "b"}


def test_other_files_are_left_out(tmp_path):
    for folder in (".git", "node_modules", "src"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").write_text("a")
    (tmp_path / "src" / "picture.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / "src" / "large.json").write_text("1" * 1_000_001)
    assert load(tmp_path) == {"src/a.py": "a"}


FILES = dict.fromkeys(["pkg/a.py", "pkg/sub/a.py", "b.py"], "")


@pytest.mark.parametrize(
    ("prose", "paths"),
    [
        ("about pkg/a.py", ["pkg/a.py"]),
        ("about `pkg/sub/a.py`.", ["pkg/sub/a.py"]),
        ("about /home/me/pkg/a.py, then", ["pkg/a.py"]),
        ("about a.py", ["pkg/a.py", "pkg/sub/a.py"]),
        ("about nothing", ["pkg/a.py", "pkg/sub/a.py", "b.py"]),
        ("about ab.py or b.pyc", ["pkg/a.py", "pkg/sub/a.py", "b.py"]),
    ],
)
def test_files_are_named_by_the_end_of_their_path(prose, paths):
    assert list(named(FILES, prose)) == paths


@pytest.mark.parametrize(
    ("block", "place"),
    [
        ("b\nc", 2),
        ("\nb\nc\n", 2),
        ("b", 2),
        ("b\nc\nd\nolder than the truth", 2),
        ("a", None),  # before the place
        ("bc", None),
        ("", None),
        ("  ", None),
    ],
)
def test_shown_code_is_found_by_whole_lines(block, place):
    assert next_line("a\nb\nc\nd\n", block, 1) == place


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        (["a\n", "\nd"], "b\nc"),
        (["a"], "b\nc\nd"),
        (["c\nd\n"], "a\nb"),
        (["c"], None),  # neither the file's beginning nor its end
        (["a\nb", "c\nd"], None),  # nothing between
        (["d", "a"], None),
        ([], None),
    ],
)
def test_what_is_shown_around_code_tells_where_it_is(blocks, code):
    gap = between({"x": "a\nb\nc\nd\n"}, blocks)
    assert (gap and gap.code) == code
