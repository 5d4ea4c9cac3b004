"""Comments, strings, statements and errors, at marked places."""

import pytest

from arriero import syntax
from arriero.core.syntax import Faults


def at(marked: str) -> tuple[str, int, int]:
    before, after = marked.split("‸")
    return before + after, before.count("\n"), len(before) - before.rfind("\n") - 1


@pytest.mark.parametrize(
    ("language", "marked", "where"),
    [
        ("python", "x = 1  # not‸e", "comment"),
        ("python", "x = 1  # note‸", "comment"),
        ("python", "x = 1  # note\n‸", "code"),
        ("python", "x = ‸1  # note", "code"),
        ("python", "x = 'a‸'", "string"),
        ("python", "x = 'a'‸", "code"),
        ("python", "x = '‸a'", "string"),
        ("python", "x = ‸'a'", "code"),
        ("python", 'def f():\n    """Some‸\n    """\n', "string"),
        ("python", "x = f'{a‸}'", "string"),
        ("python", "s = 'é☃'; x = 'a‸'", "string"),
        ("javascript", "let x = `a ‸ b`;", "string"),
        ("javascript", "/* a ‸ */ let x;", "comment"),
        ("javascript", "/* a */‸ let x;", "code"),
        ("go", 'package a\n\n// says‸\nvar x = "b"', "comment"),
        ("rust", 'fn f() { g("a‸"); }', "string"),
        ("c", "int a; // one‸", "comment"),
        ("shellscript", "echo 'a‸b'", "string"),
    ],
)
def test_what_a_character_typed_here_would_be(language, marked, where):
    text, line, column = at(marked)
    assert syntax.inside(text, language, line, column) == where


@pytest.mark.parametrize(
    ("language", "text", "line", "lines"),
    [
        ("python", "for x in y:\n    a = 1\n    b = 2\nc = 3\n", 0, (0, 3)),
        ("python", "for x in y:\n    a = 1\n    b = 2\nc = 3\n", 1, (1, 2)),
        ("python", "a = f(\n    1,\n    2,\n)\nb = 2\n", 0, (0, 4)),
        ("javascript", "if (a) {\n  b();\n} else {\n  c();\n}\nd();\n", 0, (0, 5)),
        ("go", "package a\n\nfunc f() {\n\tg()\n\th()\n}\n", 2, (2, 6)),
        ("python", "\n\n", 1, None),
    ],
)
def test_where_the_statement_of_a_line_ends(language, text, line, lines):
    assert syntax.block(text, language, line) == lines


@pytest.mark.parametrize(
    ("language", "text", "chosen", "lines"),
    [
        ("python", "a = 1\nb = 2\nc = 3\n", (1, 2), (1, 2)),
        ("python", "a = 1\nb = 2\nc = 3\n", (0, 2), (0, 2)),
        ("python", "a = f(\n    1,\n    2,\n)\nb = 2\n", (0, 2), (0, 4)),
        ("python", "a = f(\n    1,\n    2,\n)\nb = 2\n", (1, 2), (1, 2)),
        ("python", "if a:\n    b()\n    c()\nd()\n", (0, 1), (0, 3)),
        ("python", "if a:\n    b()\n    c()\nd()\n", (1, 2), (1, 2)),
        ("python", "if a:\n    b()\n    c()\nd()\n", (2, 4), (0, 4)),
        ("javascript", "if (a) {\n  b();\n}\nd();\n", (0, 2), (0, 3)),
        ("javascript", "function f() {\n  b();\n  c();\n}\n", (1, 3), (1, 3)),
        ("go", "package a\n\nfunc f() {\n\tg()\n\th()\n}\n", (3, 4), (3, 4)),
    ],
)
def test_a_selection_cuts_no_statement_in_two(language, text, chosen, lines):
    assert syntax.whole(text, language, *chosen) == lines


@pytest.mark.parametrize(
    ("language", "text", "line"),
    [
        ("python", "x = (1\n", 0),
        ("python", "def f():\n    return 1\n  y = (\n", 2),
        ("python", "def f():\nreturn 1 +\n", 1),
        ("python", "def f():\nreturn 1\n", 1),
        ("python", "def f():\n    a\n  b\n", 2),
        ("javascript", "f();\ng(;\n", 1),
        ("go", "package a\n\nfunc f() {\n\tx := := 1\n}\n", 3),
    ],
)
def test_errors_are_counted_and_placed(language, text, line):
    faults = syntax.faults(text, language)
    assert faults.count > 0
    assert line in faults.lines


def test_a_text_without_errors_has_none():
    assert syntax.faults("x = 1\n", "python") == Faults(0, ())
