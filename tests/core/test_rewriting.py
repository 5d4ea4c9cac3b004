"""What an answer makes of the selected lines, in all the shapes that answers come in."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core import rewriting
from arriero.errors import AnswerError
from marked import excerpt

RIGHT = "def mean(xs):\n    total = sum(xs)\n    return total / len(xs)"
MEAN = f"import os\n\n\n⟦{RIGHT.replace('len', 'lenght')}⟧\n\n\ndone()\n"
FENCED = f"{RIGHT}\n```"


def read(marked: str, answer: str, language: str = "python", whole: bool = True):
    return rewriting.read(answer, excerpt(marked, language=language), whole=whole)


def check(marked: str, answer: str, after: str, *, language: str = "python", imports=()):
    result = read(marked, answer, language)
    assert result.text == after
    assert result.imports == imports


def refused(marked: str, answer: str, told: str, *, language: str = "python", whole: bool = True):
    with pytest.raises(AnswerError, match=told):
        read(marked, answer, language, whole)


def lines(text: str, change) -> str:
    return "\n".join(change(line) for line in text.split("\n"))


# Every shape of the one true answer --------------------------------------------------------------

SHAPES = {
    "as it should be": FENCED,
    "no fence": RIGHT,
    "prose after": f"{FENCED}\n\nI hope this helps! Let me know.",
    "prose, then a fence": f"Sure! Here is the new code:\n\n```python\n{FENCED}\nIt works now.",
    "prose, then a bare fence": f"Here is the new code:\n```\n{FENCED}",
    "prose and no fence": f"Here is the new code:\n\n{RIGHT}\n\nThis should work now.",
    "another language": f"```java\n{FENCED}",
    "the old code first": f"The old code was:\n```python\n{RIGHT.replace('len', 'lenght')}\n```\n"
    f"The new code is:\n```python\n{FENCED}",
    "repeated lines before": f"import os\n\n\n{FENCED}",
    "repeated lines after": f"{RIGHT}\n\n\ndone()\n```",
    "the whole file": f"import os\n\n\n{RIGHT}\n\n\ndone()\n```",
    "moved": lines(FENCED, lambda line: f"   {line}").replace("   ```", "```"),
    "its first line moved": f"      {FENCED}",
    "steps of two": FENCED.replace("    ", "  "),
    "tabs": FENCED.replace("    ", "\t"),
    "CRLF": FENCED.replace("\n", "\r\n"),
    "numbers": "1: def mean(xs):\n2:     total = sum(xs)\n3:     return total / len(xs)\n```",
    "numbers in a gutter": " 9 | def mean(xs):\n10 |     total = sum(xs)\n11 |     return total / "
    "len(xs)\n```",
    "a diff": "@@ -4,3 +4,3 @@\n def mean(xs):\n     total = sum(xs)\n-    return total / "
    "lenght(xs)\n+    return total / len(xs)\n```",
    "a diff with headers": "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-    return total / lenght(xs)\n"
    "+    return total / len(xs)\n```",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_edit_comes_out_of_every_shape(shape):
    check(MEAN, SHAPES[shape], RIGHT)


def test_an_unindented_answer_takes_the_regions_indent():
    inside = "class A:\n" + lines(MEAN, lambda line: line and f"    {line}")
    check(inside.replace("    ⟦", "⟦    "), FENCED, lines(RIGHT, lambda line: f"    {line}"))


def test_a_file_with_tabs_keeps_them():
    check(
        "func F() {\n⟦\tif a {\n\t\tb()\n\t}⟧\n}\n",
        "    if a {\n        c()\n    }\n```",
        "\tif a {\n\t\tc()\n\t}",
        language="go",
    )


def test_a_line_that_the_model_moved_stays_moved():
    check(
        "⟦def f(xs):\n    for x in xs:\n        g(x)\n        return 1⟧\n",
        "\tdef f(xs):\n\t\tfor x in xs:\n\t\t\tg(x)\n\t\treturn 1\n```".replace("\n\t", "\n"),
        "def f(xs):\n    for x in xs:\n        g(x)\n    return 1",
    )


def test_a_part_of_the_function_goes_where_its_ends_are():
    text = "⟦def f(a):\n    b = a\n    c = b\n    d = c\n    return d⟧\n"
    check(
        text,
        "    b = a\n    c = b + 1\n    d = c\n```",
        "def f(a):\n    b = a\n    c = b + 1\n    d = c\n    return d",
    )


def test_new_imports_are_taken_out():
    check(MEAN, f"import os\nimport math\n\n{FENCED}", RIGHT, imports=("import math",))


# Indents -----------------------------------------------------------------------------------------

LOOP = "def f(xs):\n    for x in xs:\n⟦        todo(x)⟧\n    return xs\n"
BODY = "        if x:\n            g(x)\n        h(x)"


@pytest.mark.parametrize(
    "said",
    [
        "if x:\n    g(x)\nh(x)",
        "  if x:\n      g(x)\n  h(x)",
        "            if x:\n                g(x)\n            h(x)",
        "\t\tif x:\n\t\t\tg(x)\n\t\th(x)",
        "    if x:\n      g(x)\n    h(x)",
        "  if x:\n   g(x)\n  h(x)",
        "                if x:\n                        g(x)\n                h(x)",
        "if x:\n            g(x)\n        h(x)",
        "     if x:\n            g(x)\n        h(x)",
        "    for x in xs:\n        if x:\n            g(x)\n        h(x)",
        "1: if x:\n2:     g(x)\n3: h(x)",
        "@@ -1 +1,3 @@\n-        todo(x)\n+        if x:\n+            g(x)\n+        h(x)",
        "-        todo(x)\n+if x:\n+\tg(x)\n+h(x)",
    ],
)
def test_code_comes_to_stand_where_it_can(said):
    check(LOOP, f"{said}\n```", BODY)


def test_a_line_that_goes_deeper_does_not_make_its_levels_wider():
    text = "f(a) {\n⟦  if (a) {\n    b();\n  }\n  c();⟧\n}\n"
    said = "  if (a) {\n    if (d) {\n      b();\n    }\n  }\n  c();"
    check(text, f"{said}\n```", said, language="javascript")


def test_a_few_lines_of_many_may_move():
    lines = [f"    a{n} = {n}" for n in range(22)]
    text = "\n".join(["⟦def f(a):", *lines, "    return a⟧"])
    moved = ["    if a:", *(f"    {line}" for line in lines[:2]), *lines[2:]]
    said = "\n".join(["def f(a):", *moved, "    return a"])
    check(f"{text}\n", f"{said}\n```", said)


def test_what_is_aligned_snaps_back_where_levels_were_written_anew():
    text = "⟦def f():\n    foo(a,\n        b)\n    return 1⟧\n"
    said = "def f():\n   foo(a,\n       b)\n   return 2\n```"
    check(text, said, "def f():\n    foo(a,\n        b)\n    return 2")


def test_what_is_aligned_anew_stays_so_where_levels_are_the_files():
    text = "⟦def f():\n    a = 1\n    foo(a,\n        b)\n    return 1⟧\n"
    said = "def f():\n    a = 1\n    fooo(a,\n         b)\n    return 1"
    check(text, f"{said}\n```", said)


def test_the_stars_of_a_comment_are_no_levels():
    said = "/**\n * Return a.\n *\n * @param a it\n */\nfunction f(a) {\n  return a;\n}"
    check("⟦function f(a) {\n  return a;\n}⟧\n", f"{said}\n```", said, language="javascript")


def test_what_goes_on_a_line_is_no_level_where_the_rest_stays():
    text = "⟦  f(\n      a, c) {\n    d();\n    return a;\n  }⟧\n"
    said = "  f(\n      a, b) {\n    d();\n    return a;\n  }"
    check(f"class A {{\n{text}}}\n", f"{said}\n```", said, language="java")


def test_where_no_line_says_how_wide_levels_are_the_answer_does():
    said = "  a,\n) {\n  return a;"
    check("f(\n⟦todo⟧\n}\n", f"{said}\n```", said, language="javascript")


def test_what_is_aligned_says_nothing_of_levels():
    text = "a = [1,\n     2]\nb = [3,\n     4]\ndef f(a):\n⟦    todo(a)⟧\n    return a\n"
    said = "\tfor b in a:\n\t\tg(b)\n```"
    check(text, said, "    for b in a:\n        g(b)")


def test_tabs_between_levels_are_none():
    text = "def f(a):\n⟦    todo(a)⟧\n    if a:\n        g(a)\n"
    said = "\tfor b in a:\n\t\tif b:\n\t\t\tg(b)\n```"
    check(text, said, "    for b in a:\n        if b:\n            g(b)")


def test_a_first_line_that_comes_off_its_bracket_is_askew():
    text = "class A {\n⟦  f() {\n    return 1;\n  }⟧\n  g() {\n    return 2;\n  }\n  h() {}\n}\n"
    said = "f() {\n  return 3;\n}\n  g() {\n    return 2;\n  }\n  h() {}\n}\n```"
    refused(text, said, "fits nowhere", language="javascript")


@pytest.mark.parametrize(
    "line", ["\tg();\n  h();", "        g();\n\t h();"], ids=["told nothing", "nothing known"]
)
def test_in_a_file_of_tabs_and_blanks_nothing_is_guessed(line):
    text = "f() {\n\tif (a)\n\t\tb();\n  c();\n⟦  todo();⟧\n}\n"
    refused(text, f"{line}\n```", "fits nowhere", language="c")


def test_in_a_file_of_tabs_and_blanks_lines_stay_as_they_are_said():
    text = "⟦f() {\n\tif (a)\n\t\tb();\n  c();\n}⟧\n"
    said = "f() {\n\tif (a)\n\t    d();\n  c();\n}"
    check(text, f"{said}\n```", said, language="c")


def test_a_first_line_is_the_regions_among_tabs_and_blanks_too():
    text = "⟦f() {\n\tif (a)\n\t\tb();\n  c();\n}⟧\n"
    said = "   f() {\n\tif (a)\n\t    d();\n  c();\n}\n```"
    check(text, said, "f() {\n\tif (a)\n\t    d();\n  c();\n}", language="c")


def test_a_block_that_moved_by_no_level_is_askew():
    text = "⟦  f() {\n    a();\n    b();\n    c();\n  }⟧\n  g() {\n    h();\n  }\n"
    said = "  f() {\n       a();\n       b();\n       d();\n     }\n  g() {\n    h();\n  }\n```"
    refused(text, said, "fits nowhere", language="javascript")


def test_what_goes_on_a_line_in_tabs_says_not_how_wide_they_are():
    text = "⟦f(\n    a,\n    b) {\n  c();\n}⟧\n"
    refused(text, "f(\n\t\ta,\n\t\tb) {\n\td();\n}\n```", "fits nowhere", language="c")


def test_a_diff_that_lost_its_shape_is_not_code():
    refused("⟦b: 2⟧\n", "  @@ -1 +1 @@\n  -b: 2\n  +b: 4\n```", "does not fit", language="text")


def test_a_number_before_the_first_line_alone_is_none_of_the_code():
    text = "f() {\n⟦  todo();⟧\n}\n"
    refused(text, "1: a();\n  b();\n```", "numbers before", language="javascript")


# What is repeated ---------------------------------------------------------------------------------


def test_a_block_that_closes_as_the_one_around_it_does_is_not_repeated():
    text = "def f\n  if a\n⟦    todo⟧\n  end\nend\n"
    said = "    a.each do\n      g\n    end"
    check(text, f"{said}\n```", said, language="ruby")
    check(text, f"{said}\n  end\nend\n```", said, language="ruby")
    nested = "def f\n  if a\n⟦    todo⟧\n  end\nend\nend\nend\n"
    check(nested, f"{said}\n  end\nend\n```", said, language="ruby")
    tabs = "\ta.each do\n\t  g\n\tend"
    check(text, f"{tabs}\n```", said, language="ruby")


def test_brackets_that_the_file_lacks_are_not_repeated():
    text = "f(a) {\n  if (a) {\n⟦  todo();⟧\n}\nif (b) {\n  g();\n}\n"
    check(text, "    b();\n  }\n```", "    b();\n  }", language="javascript")


def test_brackets_that_the_file_has_are_repeated():
    text = "f(a)\n⟦todo();⟧\n}\ng();\n"
    check(text, "{\n  b();\n}\n```", "{\n  b();", language="javascript")


def test_all_that_is_repeated_is_known_whatever_brackets_it_quotes():
    above = "def f(a):\n    b = 2\n    c = 3\n"
    below = "\n            e(a)\n    f(b)\n    g(')')\n"
    text = f"{above}⟦    todo()⟧{below}"
    said = "    for d in a:\n        if d == '(':"
    check(text, f"{above}{said}{below}```", said)


def test_without_a_fence_brackets_that_the_file_closes_are_no_half_of_code():
    text = "f(a) {\n⟦  todo();⟧\n  }\n}\n"
    check(text, "  if (a) {\n    b();", "  if (a) {\n    b();", language="javascript")
    refused("f(a) {\n⟦  todo();⟧\n}\n", "  if (a) {\n    b();", "stop before", language="c")


def test_a_diff_among_repeated_lines_is_not_code():
    text = "a: 1\n⟦b: 2⟧\nc: 3\n"
    refused(text, "@@ -1 +1 @@\n-b: 2\n+b: 4\nd: 5\n```", "does not fit", language="text")


# More shapes of indents ---------------------------------------------------------------------------


def test_blanks_behind_tabs_are_fewer_than_a_tab_has():
    text = "def f(xs):\n    for x in xs:\n        if x:\n            g(x)\n⟦    todo(xs)⟧\n"
    check(text, "\t    h(x)\n    return xs\n```", "            h(x)\n    return xs")


def test_blank_lines_stay_empty():
    check(LOOP, "if x:\n\n    g(x)\n```", "        if x:\n\n            g(x)")


def test_a_bracket_that_is_open_keeps_what_is_aligned_in_it():
    text = "def f():\n⟦    return [a]⟧\n"
    aligned = "    return [a,\n            b]"
    check(text, f"{aligned}\n```", aligned)


def test_blanks_of_the_last_line_are_its_own_but_for_the_formats():
    assert read("⟦a = 1⟧\n", "a = 2 \n```").text == "a = 2 "


# What would be right for two edits: one answer, and both of the edits that it can mean.
AMBIGUOUS = {
    "a first line that lost its indent after a block": (
        "def f(a):\n    if a:\n        g(a)\n⟦    todo(a)⟧\n    return a\n",
        "h(a)\n    k(a)",
        ("    h(a)\n    k(a)", "        h(a)\n    k(a)"),
        "fits nowhere",
    ),
    "a tab that is a level, or as wide as two": (
        LOOP,
        "\tif x:\n\t\tg(x)\n\th(x)",
        (BODY, "        if x:\n                g(x)\n        h(x)"),
        "fits nowhere",
    ),
    "a first line on a level, or moved with its block": (
        "def f(s):\n    if s:\n⟦    todo(s)⟧\n",
        "         return 1\n    for x in s:\n      g(x)",
        (
            "      return 1\n    for x in s:\n      g(x)",
            "        return 1\n    for x in s:\n      g(x)",
        ),
        "fits nowhere",
    ),
    "a first line that is aligned within brackets": (
        "def f():\n    a = [1,\n⟦    todo(a)⟧\n    return a\n",
        "2, 3]\n    b = 4",
        ("         2, 3]\n    b = 4", "        2, 3]\n    b = 4"),
        "fits nowhere",
    ),
    "a list that lost its indent, or a first line": (
        'def f():\n⟦    todo()⟧\n        3: "c",\n        4: "d",\n    }\n',
        'a = {\n    1: "a",\n    2: "b",\n        3: "c",\n        4: "d",',
        (
            '    a = {\n        1: "a",\n        2: "b",',
            '    a = {\n    1: "a",\n    2: "b",',
        ),
        "fits nowhere",
    ),
    "levels of three that are moved, where no line says how wide they are": (
        "f(\n⟦  todo⟧\n",
        "   if (a)\n      b",
        ("  if (a)\n     b", "  if (a)\n    b"),
        "fits nowhere",
    ),
    "tabs, where no line says how wide they are": (
        "def f(\n⟦todo⟧\n",
        "\ta,\n):\n\treturn a",
        ("    a,\n):\n    return a", "  a,\n):\n  return a"),
        "fits nowhere",
    ),
    "a level of three, or a block that is moved": (
        "def f(a):\n    if not a:\n      return\n⟦    todo(a)⟧\n        return a\n",
        "      b = g(a)\n      for c in b:\n         if c:",
        (
            "    b = g(a)\n    for c in b:\n      if c:",
            "    b = g(a)\n    for c in b:\n       if c:",
        ),
        "fits nowhere",
    ),
    "numbers of lines, or of a table": (
        "names = {\n    1: 'a',\n⟦    todo: None,⟧\n}\n",
        "2: 'b',\n3: 'c',",
        ("    2: 'b',\n    3: 'c',", "    'b',\n    'c',"),
        "numbers before its lines",
    ),
    "numbers on some lines only": (
        "def f(a):\n⟦    todo(a)⟧\n    return a\n",
        "1: g(a)\n    return a",
        ("    1: g(a)", "    g(a)"),
        "numbers before its lines",
    ),
    "an import for the place, or for the top": (
        "def f(a):\n⟦    todo(a)⟧\n",
        "import g\ng(a)",
        ("    import g\n    g(a)", "    g(a)"),
        "begins with an import",
    ),
    "lines that are repeated, or meant twice": (
        "def f(a):\n⟦    todo(a)⟧\n    b = g(a)\n    return b\n",
        "    a = h(a)\n    b = g(a)\n    b = g(a)\n    return b",
        ("    a = h(a)", "    a = h(a)\n    b = g(a)"),
        "repeats lines",
    ),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_would_be_right_for_two_edits_is_refused(name):
    text, said, edits, told = AMBIGUOUS[name]
    assert len(set(edits)) == 2
    refused(text, f"{said}\n```", told)


def test_repeated_lines_are_known_beside_a_first_line_that_lost_its_indent():
    text = "def f(a):\n    s = 0\n⟦    todo(a)⟧\n        s += b\n    return s\n"
    said = "for b in a:\n        s += b\n    return s\n```"
    check(text, said, "    for b in a:")


# What could mean two things, or nothing ----------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "...",
        "    # ...",
        "    # rest unchanged",
        "    # ... existing code ...",
        "    # … as before",
    ],
)
def test_code_that_is_left_out_is_never_applied(line):
    refused(MEAN, f"def mean(xs):\n{line}\n    return total / len(xs)\n```", "left out")


@pytest.mark.parametrize("line", ["// ...", "// rest of the function", "/* ... */"])
def test_other_languages_leave_out_too(line):
    refused("⟦f();\ng();⟧\n", f"{line}\ng();\n```", "left out", language="javascript")


def test_an_ellipsis_that_was_there_before_is_code():
    text = "⟦def f(x):\n    ...⟧\n"
    check(text, "def f(x: int):\n    ...\n```", "def f(x: int):\n    ...")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("```", "no code"),
        ("I would rather not touch this.", "no code"),
        (f"{RIGHT.replace('len', 'lenght')}\n```", "sees nothing to change"),
        ("def mean(xs):\n    total = su", "before the end|stop before"),
        ("def other(a):\n    return a\n```", "another part"),
        ("@@ -1 +1 @@\n-    never there\n+    new\n```", "diff that does not fit"),
    ],
)
def test_what_cannot_be_used_is_said(answer, told):
    refused(MEAN, answer, told)


def test_the_same_words_without_a_fence_may_be_half_of_the_answer():
    # The answer ends where a leaked token ended it, or where the code ends: both would look so.
    text = "⟦def f(a):\n    if a:\n        g()\n    return a⟧\n"
    refused(text, "def f(a):\n    if a:\n        h()", "stop before the end")


def test_two_versions_are_one_too_many():
    both = (
        f"{FENCED}\nAlternatively:\n```python\n{RIGHT.replace('len(xs)', 'max(1, len(xs))')}\n```"
    )
    refused(MEAN, both, "several versions")


def test_an_answer_that_was_cut_off_changes_nothing():
    refused(MEAN, "def mean(xs):\n    total", "ran out of room", whole=False)


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        (RIGHT, False),
        (FENCED, True),
        ("Sure! Here it is:\n```python\n", False),
        (f"Sure! Here it is:\n```python\n{RIGHT}", False),
        (f"Sure! Here it is:\n```python\n{FENCED}", True),
        (f"{RIGHT.replace('len', 'lenght')}\n```\nbecomes\n```python\n", False),
    ],
)
def test_the_answer_is_complete_with_the_first_new_block(answer, done):
    assert rewriting.complete(answer, excerpt(MEAN)) is done


@given(st.text(alphabet="def f(x):\n\t `.+-@1|#é"))
def test_no_answer_raises_anything_but_an_answer_error(answer):
    with suppress(AnswerError):
        assert read(MEAN, answer).text.strip()


# Shapes that have to be seen for what they are ----------------------------------------------------


def test_a_diff_that_fits_in_two_places_fits_nowhere():
    text = "⟦a = 1\nb = 2\na = 1⟧\n"
    refused(text, "-a = 1\n+a = 3\n```", "does not fit")


def test_lines_that_begin_with_signs_are_no_diff():
    text = "⟦x = [\n    1,\n]⟧\n"
    check(text, "x = [\n    +1,\n    -1,\n]\n```", "x = [\n    +1,\n    -1,\n]")


def test_an_answer_that_leaves_out_the_end_is_half_of_one():
    text = "⟦def f(a):\n    b = a\n    c = b\n    d = c\n    return d⟧\n"
    refused(text, "def f(a):\n    b = a + 1\n    c = b\n```", "stop before the end")


def test_more_than_one_line_that_moved_is_askew():
    text = "⟦def f(a):\n    if a:\n        g(a)\n        h(a)\n    return a⟧\n"
    refused(
        text,
        "def f(a):\n    if a:\n        b()\n    g(a)\n      h(a)\n    return a\n```",
        "fits nowhere",
    )


# Below the region ---------------------------------------------------------------------------------


def added(marked: str, answer: str, *, whole: bool = True) -> str:
    return rewriting.read(answer, excerpt(marked), whole=whole, below=True).text


def test_what_comes_below_is_not_repeated():
    assert added("⟦a = 1⟧\nc = 3\n", "a = 1\nb = 2\nc = 3\n```") == "a = 1\nb = 2"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("b = [", "stop before"),
        ("b = 2\nc = 3\nc = 3\n```", "repeats lines"),
        ("```", "no code"),
        ("b = 2\n# ... the rest\n```", "left out"),
    ],
)
def test_what_cannot_come_below_is_said(answer, told):
    with pytest.raises(AnswerError, match=told):
        added("⟦a = 1⟧\nc = 3\n", answer)


def test_a_list_that_begins_with_signs_is_no_diff():
    check("⟦x:\n- a⟧\n", "x:\n- a\n- b\n```", "x:\n- a\n- b", language="yaml")


def test_a_line_above_that_is_repeated_at_another_level_is_not_written_twice():
    text = "def f(a):\n    if a:\n⟦        todo(a)⟧\n"
    refused(text, "            if a:\n                g(a)\n```", "repeats lines")


def test_text_in_a_docstring_may_stand_at_any_column():
    text = '⟦def f(xs):\n    """Say.\n     More.\n    """\n    return xs⟧\n'
    said = 'def f(xs):\n    """Say.\n     More.\n    """\n    return xs[1:]'
    check(text, f"{said}\n```", said)
