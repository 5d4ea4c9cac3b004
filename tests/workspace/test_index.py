"""The index of a workspace, kept by a real process."""

import os
import shutil
import time

import pytest

from arriero.workspace import index as module
from arriero.workspace import store
from arriero.workspace.index import Index


@pytest.fixture
async def index(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GATHERED", 0)
    made = Index(tmp_path / "cache")
    yield made
    await made.close()


def write(folder, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)


def check(index, *found: str, names=("one", "two")) -> None:
    """These are found, as folder, file and name."""
    got = index.definitions(names, ["python"])
    assert sorted(f"{folder.name}/{each.path}:{each.name}" for folder, each in got) == [*found]


async def test_the_files_of_all_folders_are_found_and_only_theirs(index, tmp_path):
    write(tmp_path / "a", x="def one(): pass\n", odd="\x00\xff")
    write(tmp_path / "b", y="def two(): pass\n")
    (tmp_path / "a" / "latin.py").write_bytes(b"def two(): '\xe9'\n")
    index.watch([tmp_path / "a", tmp_path / "b"], ())
    check(index)
    await index.ready()
    check(index, "a/x.py:one", "b/y.py:two")
    index.watch([tmp_path / "b"], ())
    check(index, "b/y.py:two")


async def test_what_changes_is_read_again_and_what_goes_is_forgotten(index, tmp_path):
    write(tmp_path / "a", x="def one(): pass\n", y="def one(): pass\n")
    index.watch([tmp_path / "a"], ())
    await index.ready()
    write(tmp_path / "a", x="def two():\n    pass\n")
    (tmp_path / "a" / "y.py").unlink()
    before = index.news
    index.changed([tmp_path / "a" / "x.py", tmp_path / "a" / "y.py", tmp_path / "else.py"])
    await index.ready()
    check(index, "a/x.py:two")
    assert index.news > before


async def test_of_a_folder_that_comes_or_goes_all_files_are_known_or_forgotten(index, tmp_path):
    write(tmp_path / "a", x="def one(): pass\n")
    index.watch([tmp_path / "a"], ())
    await index.ready()
    write(tmp_path / "a" / "sub", y="def two(): pass\n")
    index.changed([tmp_path / "a" / "sub"])
    await index.ready()
    check(index, "a/sub/y.py:two", "a/x.py:one")
    shutil.rmtree(tmp_path / "a" / "sub")
    index.changed([tmp_path / "a" / "sub"])
    await index.ready()
    check(index, "a/x.py:one")


async def test_what_tools_write_starts_no_process(index, tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    index.watch([folder], ())
    await index.ready()
    for name in (".git/index.lock", "node_modules/x/y.js", "run.log", "sub/__pycache__", "a.pyc"):
        index.changed([folder / name])
        assert not index.reading, name
    index.changed([folder / "sub" / ".gitignore"])
    assert index.reading


async def test_new_rules_take_files_out_and_put_them_back(index, tmp_path):
    write(tmp_path / "a", x="def one(): pass\n", y="def two(): pass\n")
    index.watch([tmp_path / "a"], ())
    await index.ready()
    (tmp_path / "a" / ".arrieroignore").write_text("x.py\n")
    index.changed([tmp_path / "a" / ".arrieroignore"])
    await index.ready()
    check(index, "a/y.py:two")
    index.watch([tmp_path / "a"], ["y.py"])
    await index.ready()
    check(index)


async def test_a_second_start_reads_only_what_is_new(index, tmp_path):
    write(tmp_path / "a", x="def one(): pass\n")
    index.watch([tmp_path / "a"], ())
    await index.ready()
    assert index.files_read == 1
    again = Index(tmp_path / "cache")
    write(tmp_path / "a", y="def two(): pass\n")
    again.watch([tmp_path / "a"], ())
    check(again, "a/x.py:one")
    await again.ready()
    check(again, "a/x.py:one", "a/y.py:two")
    assert again.files_read == 1
    await again.close()


async def test_what_is_known_of_a_folder_is_dropped_when_nobody_works_there_any_more(
    index, tmp_path
):
    names = "left", "other", "here"
    for name in names:
        write(tmp_path / name, x="def one(): pass\n")
    left, other, here = (tmp_path / name for name in names)
    index.watch([left, other], ())
    await index.ready()
    for folder in (left, other):
        long_ago = time.time() - (2 if folder == left else 0.5) * store.UNUSED
        os.utime(index.database(folder), (long_ago, long_ago))
    index.watch([here], ())
    await index.ready()
    kept = {file.name for file in (tmp_path / "cache").glob("*.sqlite")}
    assert kept == {index.database(other).name, index.database(here).name}


async def test_similar_code_is_shown_as_it_is_now(index, tmp_path):
    text = "alpha = beta(gamma)\n"
    write(tmp_path / "a", x=text, y="x = 1\n")
    index.watch([tmp_path / "a"], ())
    await index.ready()
    found = index.similar(tmp_path / "a", ["alpha", "gamma"], ["python"], 3)
    assert found == [("x.py", 0, text)]
    (tmp_path / "a" / "x.py").unlink()
    assert index.similar(tmp_path / "a", ["alpha", "gamma"], ["python"], 3) == []


async def test_a_process_that_fails_is_told_of_in_the_log(tmp_path, caplog):
    index = Index(tmp_path / "cache", module="arriero.nothing_there")
    index.watch([tmp_path], ())
    await index.ready()
    assert "was not finished (exit code 1)" in caplog.text
    check(index)
    await index.close()


async def test_who_leaves_while_files_are_read_waits_for_nothing(index, tmp_path):
    write(tmp_path / "a", **{f"x{n}": "def one(): pass\n" * 200 for n in range(50)})
    index.watch([tmp_path / "a"], ())
    await index.close()
    assert not index.reading
