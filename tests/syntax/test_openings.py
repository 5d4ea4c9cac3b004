"""Whether a block opens at the end of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero import syntax
from arriero.syntax.grammars import GRAMMARS
from arriero.syntax.openings import CHARACTERS, LINES

DOCUMENTED = 'def f(x):\n    """Text.\n\n' + "    More.\n" * 2 * LINES + '    """\n'


@pytest.mark.parametrize(
    ("language", "before", "opens"),
    [
        ("python", "if x:", True),
        ("python", "else:", True),
        ("python", "async def f():", True),
        ("python", "class A:\n    def f(self):", True),
        ("python", "def f(\n    a,\n    b,\n):", True),
        ("python", "x = [", True),
        ("python", "print(", True),
        ("python", "x = 1", False),
        # A colon that opens nothing.
        ("python", "def f(a:", False),
        ("python", 'd = {"a":', False),
        ("python", "x = lambda a:", False),
        ("python", "x:", False),
        ("python", "xs[1:", False),
        ("python", "def f() ->", False),
        # What is no code.
        ("python", "x = 1  # see:", False),
        ("python", "x = 'in (", False),
        ("python", DOCUMENTED + "    if x:", None),  # it may stand in the text as well
        ("python", DOCUMENTED + "\n\ndef g(x):", True),
        ("javascript", "function f() {", True),
        ("javascript", "const f = (a) =>", True),
        ("javascript", "switch (a) {\n  case 1:", True),
        ("javascript", "const x = { a:", False),
        ("javascript", "// either {", False),
        ("typescript", "function f(a:", False),
        ("cpp", "class A {\npublic:", True),
        ("c", "int f() {\n  p->", False),
        ("php", "<?php\n$this->", False),
        ("rust", "fn f() ->", False),
        ("java", "xs.forEach(x ->", True),
        ("go", "func f() {", True),
        # Blocks that are closed by a word.
        ("ruby", "class A\n  def f(x)", True),
        ("ruby", "xs.each do |x|", True),
        ("ruby", "f(x)", False),
        ("lua", "local function f(x)", True),
        ("lua", "local x = f(1)", False),
        ("lua", "if x then", True),
        ("shellscript", "if true; then", True),
        ("shellscript", "for x in a b; do", True),
        # Others tell by the indents.
        ("yaml", "a:", None),
        ("cobol", "x:", None),
    ],
)
def test_where_a_block_opens(language, before, opens):
    assert syntax.opens(before, language) is opens


def test_a_huge_line_is_not_read():
    assert syntax.opens("x = [" + "1, " * CHARACTERS, "python") is None


@given(st.sampled_from([*GRAMMARS, "none"]), st.text("(){}[]:'\"#/\n x|->é", max_size=60))
def test_every_text_has_an_answer(language, before):
    assert syntax.opens(before, language) in (True, False, None)
