"""What is known of files: put, found, forgotten, begun anew."""

import sqlite3
import sys

import pytest

from arriero.core.outline import Definition, Outline
from arriero.workspace import store
from arriero.workspace.store import Reader, Writer

ALL = ["python", "go"]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cache" / "index.sqlite"


def outline(path: str, *names: str) -> Outline:
    found = tuple(
        Definition(name, path, n, n + 1, f"def {name}():") for n, name in enumerate(names)
    )
    return Outline(found, (("import", "os"),))


def put(writer: Writer, path: str, *names: str, language="python", code=()) -> None:
    writer.put(path, language, (1, 2), outline(path, *names), code)


def check(place, *found: str, names=("one", "two"), languages=ALL) -> None:
    reader = Reader(place)
    got = [f"{each.path}:{each.name}" for each in reader.definitions(names, languages)]
    assert sorted(got) == sorted(found)
    reader.close()


def test_what_is_put_is_found_after_a_commit(place):
    writer = Writer(place)
    put(writer, "a.py", "one", "two")
    check(place)
    writer.commit()
    check(place, "a.py:one", "a.py:two")
    check(place, "a.py:two", names=["two", "three"])
    check(place, languages=["go"])
    assert Reader(place).outline("a.py") == outline("a.py", "one", "two")
    assert writer.known() == {"a.py": (1, 2)}
    writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a person's cache is their own there anyway")
def test_nobody_else_on_the_computer_may_read_it(place):
    writer = Writer(place)
    put(writer, "a.py", "one")
    writer.commit()
    modes = {
        file.name: file.stat().st_mode & 0o077 for file in (place.parent, *place.parent.iterdir())
    }
    writer.close()
    assert len(modes) >= 3
    assert set(modes.values()) == {0}, modes


def test_a_file_that_is_put_again_or_removed_leaves_nothing_behind(place):
    writer = Writer(place)
    put(writer, "a.py", "one", code=[["alpha", "beta"]])
    put(writer, "b.py", "one", code=[["alpha"]])
    put(writer, "a.py", "two", code=[["gamma"]])
    writer.remove("b.py")
    writer.remove("never.py")
    writer.commit()
    check(place, "a.py:two")
    assert Reader(place).similar(["alpha"], ALL, 9) == []
    assert Reader(place).similar(["gamma"], ALL, 9) == [("a.py", 0)]
    assert Reader(place).outline("b.py") == Outline()
    writer.close()


def test_code_with_more_of_the_names_is_more_similar(place):
    writer = Writer(place)
    put(writer, "a.py", code=[["alpha"], ["alpha", "beta", "x_1"]])
    put(writer, "b.go", language="go", code=[["alpha", "beta", "x_1"]])
    writer.commit()
    assert Reader(place).similar(["alpha", "x_1"], ["python"], 1) == [("a.py", store.STRETCH)]
    writer.close()


def test_files_are_found_by_their_own_names(place):
    writer = Writer(place)
    put(writer, "a/test_one.py")
    put(writer, "one.test.py")
    writer.commit()
    found = Reader(place).files(["test_one", "one.test", "one"], ALL)
    assert sorted(found) == ["a/test_one.py", "one.test.py"]
    writer.close()


def test_the_database_does_not_grow_for_ever(place, monkeypatch):
    monkeypatch.setattr(store, "MOST_STRETCHES", 2)
    writer = Writer(place)
    put(writer, "a.py", code=[["alpha"], ["beta"], ["gamma"]])
    writer.commit()
    assert Reader(place).similar(["gamma"], ALL, 9) == []
    put(writer, "a.py")
    put(writer, "b.py", code=[["gamma"]])
    writer.commit()
    assert Reader(place).similar(["gamma"], ALL, 9) == [("b.py", 0)]
    writer.close()


def test_where_nothing_was_written_nothing_is_known(place):
    check(place)
    assert Reader(place).outline("a.py") == Outline()


@pytest.mark.parametrize("damage", ["no database", "other"])
def test_what_cannot_be_used_is_begun_anew(place, damage):
    place.parent.mkdir()
    if damage == "other":
        with sqlite3.connect(place) as other:
            other.execute("CREATE TABLE files (x)")
            other.execute("PRAGMA user_version = 999")
        other.close()
    else:
        place.write_text(damage * 1000)
    check(place)
    writer = Writer(place)
    put(writer, "a.py", "one")
    writer.close()
    check(place, "a.py:one")
    again = Writer(place)
    assert again.known() == {"a.py": (1, 2)}
    again.close()
