"""Which files of a folder an index may hold."""

import sys

import pytest

from arriero.workspace import tree
from arriero.workspace.tree import source_file, source_files

ENDINGS = {".py", ".ts"}


def write(root, *names: str, **texts: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(texts.get(name, "x = 1\n"))


def check(root, *found: str, patterns=()) -> None:
    """These files are found, by a walk and one by one."""
    walked = [
        each.path.relative_to(root).as_posix() for each in source_files(root, ENDINGS, patterns)
    ]
    assert sorted(walked) == sorted(found)
    every = [path for path in root.rglob("*") if path.is_file()]
    single = [path for path in every if source_file(path, root, ENDINGS, patterns)]
    assert sorted(path.relative_to(root).as_posix() for path in single) == sorted(found)


def test_source_files_in_all_folders_and_nothing_else(tmp_path):
    write(tmp_path, "a.py", "b/c.ts", "b/d/e.py", "readme.md", ".hidden.py", ".venv/f.py")
    write(tmp_path, "node_modules/g.ts", "build/h.py")
    check(tmp_path, "a.py", "b/c.ts", "b/d/e.py")


def test_what_git_ignores_is_left_out(tmp_path):
    write(tmp_path, "a.py", "made.py", "out/b.py", "lib/c.py", "lib/out/d.py", "lib/keep.py")
    (tmp_path / ".gitignore").write_text("made.py\n/out/\nkeep.py\n")
    (tmp_path / "lib" / ".gitignore").write_text("!keep.py\nc.py\n")
    check(tmp_path, "a.py", "lib/out/d.py", "lib/keep.py")


def test_the_rules_of_the_repository_around_count(tmp_path):
    write(tmp_path, "part/a.py", "part/made/b.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("made/\n")
    check(tmp_path / "part", "a.py")
    check(tmp_path / "part" / "made", "b.py")  # somebody opened just this folder


def test_a_rule_that_would_take_forever_ignores_nothing(tmp_path):
    write(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_text("*a*a*a*a*a*\nb.py\n")
    check(tmp_path, "a.py")


def test_what_is_kept_from_every_model_is_not_read_either(tmp_path):
    write(tmp_path, "a.py", "own.py", "deep/theirs.py", "credentials.py", "set.py")
    write(tmp_path, ".ssh/key.py")
    (tmp_path / ".arrieroignore").write_text("own.py\ndeep/\n")
    check(tmp_path, "a.py", "credentials.py", patterns=["set.py"])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_not_followed(tmp_path):
    write(tmp_path, "root/a.py", "elsewhere/b.py")
    (tmp_path / "root" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "root" / "b.py").symlink_to(tmp_path / "elsewhere" / "b.py")
    check(tmp_path / "root", "a.py")


def test_large_files_and_too_many_are_left_out(tmp_path, monkeypatch):
    write(tmp_path, "a.py", "deep/b.py", "deep/c.py")
    (tmp_path / "large.py").write_text("x" * (tree.LARGEST + 1))
    check(tmp_path, "a.py", "deep/b.py", "deep/c.py")
    monkeypatch.setattr(tree, "MOST", 2)
    walked = [each.path.name for each in source_files(tmp_path, ENDINGS)]
    assert walked == ["a.py", "b.py"]  # the shallow ones first


def test_a_folder_that_cannot_be_read_has_nothing_to_show(tmp_path):
    assert [*source_files(tmp_path / "gone", ENDINGS)] == []
    assert source_file(tmp_path / "gone.py", tmp_path, ENDINGS) is None
    assert source_file(tmp_path.parent / "other.py", tmp_path, ENDINGS) is None
