import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from arriero.errors import NotOpen
from arriero.lsp.documents import Document, Documents, Edit
from arriero.lsp.positions import Position, Range

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
URI = "file:///project/a.py"

# All that ends a line, all that only looks like it, and characters of every width.
PIECES = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
PIECES += ["a", "bc", "é", "e\u0301", "€", "\U0001f600", "\U0001f468\u200d\U0001f469"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def document(text: str, encoding="utf-16") -> Document:
    return Document(URI, "python", 1, text, encoding)


class Model:
    """A document as the specification describes it: one string, counted by writing it."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.codec, self.width = CODECS[encoding]

    def starts(self) -> list[int]:
        return [0] + [end.end() for end in re.finditer("\r\n|\r|\n", self.text)]

    def lines(self) -> list[str]:
        return re.split("\r\n|\r|\n", self.text)

    def offset(self, place: tuple[int, int]) -> int:
        line, character = place
        lines = self.lines()
        if line >= len(lines):
            return len(self.text)
        units = lines[line].encode(self.codec)[: character * self.width]
        return self.starts()[line] + len(units.decode(self.codec, "ignore"))

    def replace(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        begin, stop = sorted((self.offset(start), self.offset(end)))
        self.text = self.text[:begin] + text + self.text[stop:]


class Typing(RuleBasedStateMachine):
    """Somebody types anything anywhere; the document is always the plain string's equal."""

    places = st.tuples(st.integers(0, 9), st.integers(0, 9))

    @initialize(text=TEXTS, encoding=st.sampled_from(sorted(CODECS)))
    def start(self, text, encoding):
        self.model = Model(text, encoding)
        self.document = document(text, encoding)

    @rule(start=places, end=places, text=TEXTS)
    def edit(self, start, end, text):
        self.model.replace(start, end, text)
        edit = Edit(Range(Position(*start), Position(*end)), text)
        self.document.apply([edit], self.document.version + 1)

    @rule(text=TEXTS)
    def replace_all(self, text):
        self.model.text = text
        self.document.apply([Edit(None, text)], self.document.version + 1)

    @rule(start=places, end=places)
    def read(self, start, end):
        first, last = sorted((self.model.offset(start), self.model.offset(end)))
        if self.model.offset(start) <= self.model.offset(end):
            range_ = Range(Position(*start), Position(*end))
            assert self.document.slice(range_) == self.model.text[first:last]

    @invariant()
    def equal(self):
        lines = self.model.lines()
        assert self.document.text == self.model.text
        assert self.document.line_count == len(lines)
        assert [self.document.line(i) for i in range(len(lines))] == lines
        assert self.document.lines(0, len(lines)) == lines
        assert self.document.slice(self.document.range) == self.model.text


Typing.TestCase.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
test_typing_anything_anywhere_keeps_the_text = Typing.TestCase


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\r\r\n\n", ["", "", "", ""]),
        ("a\x0cb\x85c\u2028d\n", ["a\x0cb\x85c\u2028d", ""]),
    ],
)
def test_lines_end_where_the_specification_says(text, lines):
    assert document(text).lines(0, 99) == lines


def check_edit(before: str, start: tuple[int, int], end: tuple[int, int], text: str, after: str):
    edited = document(before)
    edited.apply([Edit(Range(Position(*start), Position(*end)), text)], 2)
    assert edited.text == after
    assert edited.lines(0, 99) == re.split("\r\n|\r|\n", after)


def test_typing_past_the_end_of_the_last_line_appends():
    check_edit("abc", (0, 99), (0, 99), "X", "abcX")


def test_typing_past_the_end_of_a_line_stays_in_it():
    check_edit("abc\r\nd", (0, 99), (0, 99), "X", "abcX\r\nd")


def test_typing_below_the_last_line_appends():
    check_edit("abc\n", (7, 3), (7, 3), "X", "abc\nX")


def test_a_lone_cr_and_what_then_becomes_its_lf_are_one_line_end():
    check_edit("a\rb\nc", (1, 0), (1, 1), "", "a\r\nc")


def test_typing_inside_a_surrogate_pair_goes_before_it():
    check_edit("a😀", (0, 2), (0, 2), "X", "aX😀")


def test_several_changes_in_one_message_follow_each_other():
    edited = document("ab")
    here = Range(Position(0, 1), Position(0, 1))
    edited.apply([Edit(here, "1"), Edit(here, "2"), Edit(None, "whole"), Edit(here, "3")], 2)
    assert edited.text == "w3hole"


def test_half_a_character_does_not_get_into_the_text():
    half = document("x")
    half.apply([Edit(Range(Position(0, 0), Position(0, 0)), "\ud83d")], 2)
    assert half.text.encode() == "\ufffdx".encode()


@pytest.mark.parametrize(
    ("text", "eol"), [("a\r\nb\n", "\r\n"), ("a\nb\r\n", "\n"), ("a\rb", "\r"), ("a", "\n")]
)
def test_line_ends_are_those_of_the_first_line(text, eol):
    assert document(text).eol == eol


@given(TEXTS, st.sampled_from(sorted(CODECS)))
def test_positions_are_in_the_clients_units(text, encoding):
    read = document(text, encoding)
    codec, width = CODECS[encoding]
    for number, line in enumerate(read.lines(0, read.line_count)):
        for index in range(len(line) + 1):
            position = read.position(number, index)
            assert position.character == len(line[:index].encode(codec)) // width
            assert read.index(position) == (number, index)


def test_an_edit_costs_the_same_in_a_long_document():
    """Counted, not timed: no edit looks at a line that it does not touch."""

    class Watched(list):
        looked_at = 0

        def __getitem__(self, key):
            found = super().__getitem__(key)
            Watched.looked_at += len(found) if isinstance(key, slice) else 1
            return found

        def __iter__(self):
            Watched.looked_at += len(self)
            return super().__iter__()

    costs = []
    for size in (100, 100_000):
        long = document("some text\n" * size)
        long._lines, Watched.looked_at = Watched(long._lines), 0  # noqa: SLF001
        for number in range(200):
            here = Position(size // 2, number)
            long.apply([Edit(Range(here, here), "x")], number + 2)
        costs.append(Watched.looked_at)
    assert costs[0] == costs[1] > 0


# The store --------------------------------------------------------------------------------------


def test_a_document_that_is_not_open_is_named():
    with pytest.raises(NotOpen, match=r"file:///project/a\.py is not open"):
        Documents()[URI]


def test_a_document_is_known_until_it_is_closed():
    documents = Documents()
    documents.open(URI, "python", 1, "x")
    assert URI in documents
    assert [each.uri for each in documents] == [URI]
    documents.close(URI)
    documents.close(URI)
    assert documents.get(URI) is None


def test_one_file_is_one_document_however_its_uri_is_escaped():
    documents = Documents()
    documents.open("file:///c%3A/My%20code/a.py", "python", 1, "x")
    assert documents["file:///c:/My%20code/a.py"].text == "x"


def test_a_revision_never_comes_back():
    documents = Documents()
    seen = set()
    for _ in range(3):
        opened = documents.open(URI, "python", 1, "x")
        seen.add(opened.revision)
        documents.change(URI, 1, [Edit(None, "y")])
        seen.add(opened.revision)
        documents.close(URI)
    assert len(seen) == 6


def test_a_version_that_goes_back_is_logged_and_the_text_still_follows(caplog):
    documents = Documents()
    documents.open(URI, "python", 5, "x")
    documents.change(URI, 4, [Edit(None, "y")])
    assert documents[URI].text == "y"
    assert "from version 5 back to 4" in caplog.text
