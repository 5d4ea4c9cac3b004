"""Whether statements can stand where they are, by their indents alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.nesting import Above, loose


def check(marked: str, wrong: int, odd: int = 0) -> None:
    """`⟦` and `⟧` are around the code that counts, on lines of their own."""
    above, _, rest = marked.partition("⟦\n")
    own, _, below = rest.partition("⟧\n")
    above, own, below = (part.split("\n")[:-1] for part in (above, own, below))
    assert Above(above).flaws(own, below, 4) == (wrong, odd)


@pytest.mark.parametrize(
    ("marked", "wrong"),
    [
        ("def f():\n⟦\n    a\n⟧\n    b\n", 0),
        ("def f():\n⟦\na\n⟧\n    b\n", 2),  # no block below the colon, and one without a colon
        ("def f():\n    a\n⟦\n        b\n⟧\n", 1),
        ("def f():\n    if a:\n        b\n⟦\n      c\n⟧\n", 1),
        ("⟦\nif a:\n    b\nelse:\n    c\n⟧\n", 0),
        ("⟦\nif a:\n    b\n    else:\n        c\n⟧\n", 1),
        ("if a: b\n⟦\nelse: c\n⟧\n", 0),
        ("x = 1\n⟦\nelse:\n    c\n⟧\n", 1),
        ("⟦\ntry:\n    a\nexcept E:\n    b\nelse:\n    c\nfinally:\n    d\n⟧\n", 0),
        ("⟦\nasync for a in b:\n    c\nelse:\n    d\n⟧\n", 0),
        ("for a in b:\n⟦\n    if c:\n⟧\n        d\n    e\n", 0),
        ("for a in b:\n⟦\n    if c:\n⟧\n    d\n", 1),
        ("for a in b:\n⟦\n      if c:\n⟧\n        d\n    e\n", 1),  # below, `e` has no level
    ],
)
def test_statements_that_cannot_stand_there_are_counted(marked, wrong):
    odd = {"for a in b:\n⟦\n      if c:\n⟧\n        d\n    e\n": 1}.get(marked, 0)
    check(marked, wrong, odd)


@pytest.mark.parametrize(
    "code",
    [
        "a = [\n  1,\n      2,\n]",
        'a = """\n  if b:\nc\n"""',
        "a = '''x''' \\\n        + b",
        "a = f(  # (\n    b)",
        "a = ')'\n# (\nb",
        "def f(\n    a,\n):\n    b",
        "if a:  # what: why\n    b",
        'def f():\n    """Say.\n\n  More.\n    """\n    a',
    ],
)
def test_what_is_in_brackets_and_strings_has_no_level(code):
    check(f"⟦\n{code}\n⟧\n", 0)


def test_a_level_of_another_width_is_odd():
    check("⟦\nif a:\n  b\nif c:\n    d\n⟧\n", 0, odd=1)


@pytest.mark.parametrize(
    ("above", "within"), [(["a = ["], True), (["a = [", "]"], False), (['"""'], True), ([], False)]
)
def test_a_line_within_brackets_or_strings_goes_on(above, within):
    assert Above(above).goes_on is within


def test_loose_lines_are_those_that_begin_no_statement():
    assert loose(["a = [", "  1,", "  # one", "]", "", "b"]) == [1, 3]


@given(st.text(alphabet="ab:()'\"#\\ \n"))
def test_any_text_can_be_read(text):
    lines = text.split("\n")
    wrong, odd = Above([]).flaws(lines, [], 4)
    assert 0 <= wrong <= len(lines)
    assert 0 <= odd <= len(lines)
