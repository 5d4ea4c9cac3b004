"""What is shown of other files stays as it is between keys, and comes anew where it is needed."""

from pathlib import Path

import pytest

from arriero.assist.context import Context
from arriero.assist.gathering import FAR, Gathering
from arriero.assist.sources import NoIndex, Open
from arriero.core.outline import Definition, Outline
from arriero.core.text import Excerpt

FOLDER = Path("/w")
IMPORTS = "from .lib import one\nfrom .other import two, later\n"


class Shelf(NoIndex):
    """An index of definitions that are put into it."""

    def __init__(self, *names: str) -> None:
        self.news = 0
        self.reading = False
        self.folders = [FOLDER]
        self.found = {}
        self.asked = []
        self.alike = []
        for name in names:
            self.put(name)

    def put(self, name: str, path: str = "") -> None:
        place = path or {"one": "lib.py"}.get(name, "other.py")
        self.found[name] = Definition(name, place, self.news, 1, f"def {name}(): ...")
        self.news += 1

    def definitions(self, names, languages):
        self.asked.append(frozenset(names))
        yield from ((FOLDER, self.found[name]) for name in names if name in self.found)

    def outline(self, folder, path):
        defined = tuple(each for each in self.found.values() if each.path == path)
        return Outline(defined)

    def files(self, folder, stems, languages):
        paths = {each.path for each in self.found.values()}
        return [path for path in paths if Path(path).stem in stems]

    def similar(self, folder, names, languages, most):
        return self.alike[:most]


class Files:
    """An editor with some open files."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.cells = ()

    def document(self, uri):
        if uri not in self.texts:
            return None
        lines = self.texts[uri].split("\n")
        return Open(
            uri, FOLDER / f"{uri}.py", FOLDER, f"{uri}.py", "python", lambda a, b: lines[a:b]
        )

    def cells_above(self, uri):
        return self.cells


def at(marked: str, *, line: int = 0) -> Excerpt:
    before, _, after = marked.partition("‸")
    return Excerpt("app.py", "python", before, after, top=line, uri="app")


class Person:
    """Somebody who types in app.py."""

    def __init__(self, index: Shelf, editor: Files | None = None, *secret: str) -> None:
        self.index = index
        gathering = Gathering(index, editor or Files(app=""))
        self.secret = {*secret}
        self.context = Context(lambda file, folder: file.name not in self.secret, gathering)

    def shown(self, marked: str, *, line: int = 0, limit: int = 1000) -> str:
        """What is shown beside, as `path: text` with lines joined by a bar."""
        blocks = self.context.around(at(marked, line=line), limit)
        return " ".join(f"{each.path}: {each.text}".replace("\n", "|") for each in blocks)


def test_it_stays_as_it_is_while_somebody_types():
    person = Person(Shelf("one", "two"))
    first = person.shown(f"{IMPORTS}‸")
    assert first == "lib.py: def one(): ... other.py: def two(): ..."
    asked = len(person.index.asked)
    for typed in ("v", "va", "value", "value = ", "value = o", "value = one(", "value = one(two"):
        assert person.shown(f"{IMPORTS}{typed}‸") == first
    assert len(person.index.asked) <= asked + 1  # for the one new name


def test_what_becomes_known_waits_until_it_is_needed():
    person = Person(Shelf("one"))
    assert person.shown(f"{IMPORTS}‸") == "lib.py: def one(): ..."
    person.index.put("two")
    person.index.put("later")
    assert (
        person.shown(f"{IMPORTS}x‸")
        == "lib.py: def one(): ... other.py: def two(): ...|def later(): ..."
    )


def test_what_is_kept_back_from_now_on_is_shown_no_more():
    person = Person(Shelf("one", "two"))
    first = person.shown(f"{IMPORTS}‸")
    person.secret.add("other.py")
    assert person.shown(f"{IMPORTS}x‸") == "lib.py: def one(): ..."
    person.secret.clear()
    assert person.shown(f"{IMPORTS}x‸", limit=999) == first


def test_what_is_not_near_makes_nothing_new():
    person = Person(Shelf("one"))
    text = IMPORTS + "\n" * 40
    assert person.shown(f"{text}‸") == "lib.py: def one(): ..."
    person.index.put("two")
    assert person.shown(f"{text}x = 1\n‸") == "lib.py: def one(): ..."
    assert "two" in person.shown(f"{text}x = two(‸")


def test_an_import_that_was_just_written_is_followed():
    person = Person(Shelf("one", "two"))
    assert person.shown("from .lib import one\n‸") == "lib.py: def one(): ..."
    assert "two" in person.shown("from .lib import one\nfrom .other import two\ntwo(‸")


def test_who_edits_elsewhere_and_comes_back_finds_it_as_it_was():
    person = Person(Shelf("one"))
    here = person.shown(f"{IMPORTS}‸")
    person.index.put("two")
    there = person.shown(f"{IMPORTS}two(‸", line=2 * FAR)
    assert there != here
    person.index.news -= 1
    assert person.shown(f"{IMPORTS}x‸") == here


def test_once_all_is_read_the_choice_is_made_anew():
    index = Shelf("one")
    index.reading = True
    person = Person(index)
    text = IMPORTS + "\n" * 40
    person.shown(f"{text}‸")
    index.put("two")
    assert "two" not in person.shown(f"{text}‸")
    index.reading = False
    assert "two" in person.shown(f"{text}‸")


@pytest.mark.parametrize(("kinds", "limit"), [((), 1000), (("definitions",), 0)])
def test_where_nothing_is_wanted_nobody_is_asked(kinds, limit):
    person = Person(Shelf("one"))
    person.context.kinds = kinds
    assert person.shown(f"{IMPORTS}‸", limit=limit) == ""
    assert person.index.asked == []


def test_a_file_that_may_not_be_sent_is_left_out_whatever_road_it_came_by():
    index = Shelf("one", "two")
    index.put("test_one", "test_app.py")
    index.alike = [("other.py", 0, "alike = 1")]
    editor = Files(app="", other="edited = 1", test_app="looked = 1")
    person = Person(index, editor, "other.py", "test_app.py")
    trail = person.context.gathering.trail
    trail.note("other", 0, edited=True)
    trail.note("test_app", 0, edited=False)
    assert person.shown(f"{IMPORTS}‸") == "lib.py: def one(): ..."


def test_the_places_that_were_edited_are_shown_the_last_ones_if_room_is_short():
    editor = Files(app="", a="last = 1", b="before = 1", c="only_opened = 1")
    person = Person(Shelf(), editor)
    trail = person.context.gathering.trail
    trail.note("b", 0, edited=True)
    trail.note("a", 0, edited=True)
    trail.note("c", 0, edited=False)
    assert person.shown("‸") == "a.py: last = 1 b.py: before = 1"
    person.context.forget("app")
    assert person.shown("‸", limit=60) == "a.py: last = 1"


def test_what_was_opened_last_is_shown_by_its_outline():
    index = Shelf("one")
    person = Person(index, Files(app="", lib="def one(): ...\n"))
    assert person.shown("‸") == ""
    person.context.gathering.trail.note("lib", 0, edited=False)
    person.context.forget("app")
    assert person.shown("‸") == "lib.py: def one(): ..."


def test_where_there_is_but_one_file_nobody_looks_further():
    index = Shelf("one")
    index.folders = []
    person = Person(index)
    person.context.gathering.trail.note("app", 500, edited=True)
    assert person.shown(f"{IMPORTS}‸") == ""
    assert index.asked == []


def test_cells_above_are_shown_in_their_order():
    editor = Files(app="", cell1="import os", cell2="x = os.name", empty="\n")
    editor.cells = ("cell1", "empty", "cell2")
    shown = Person(Shelf(), editor).shown("print(‸")
    assert shown == "cell1.py: import os cell2.py: x = os.name"


def test_tests_are_shown_by_their_outline():
    index = Shelf()
    index.put("test_that_it_works", "tests/test_app.py")
    assert Person(index).shown("‸") == "tests/test_app.py: def test_that_it_works(): ..."


async def test_similar_code_comes_when_it_is_found_and_nobody_waits():
    index = Shelf()
    index.alike = [("app.py", 0, "own = 1"), ("far.py", 0, "alpha = beta(gamma)")]
    person = Person(index)
    place = at("alpha = beta‸")
    person.context.prepare(place)
    await person.context.settled()
    assert person.shown("alpha = beta‸") == "far.py: alpha = beta(gamma)"
    index.alike = [("far.py", 0, "gamma = 3")]
    person.context.prepare(place)  # it is shown already: nothing changes
    await person.context.settled()
    assert person.shown("alpha = beta‸") == "far.py: alpha = beta(gamma)"
    await person.context.close()


def test_what_is_closed_is_forgotten():
    person = Person(Shelf("one"))
    person.shown(f"{IMPORTS}‸")
    person.index.put("two")
    person.context.forget("app")
    assert "two" in person.shown(f"{IMPORTS}" + "\n" * 40 + "‸")
