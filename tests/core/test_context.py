"""What a model is shown of other files: what is needed, within a limit, and nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.context import (
    SHARES,
    Snippet,
    blocks,
    chosen,
    definitions,
    near_names,
    needs,
)
from arriero.core.outline import Definition
from arriero.core.text import Excerpt


def excerpt(marked: str, path: str = "pkg/app.py", language: str = "python") -> Excerpt:
    before, _, after = marked.partition("‸")
    return Excerpt(path, language, before, after)


def defined(name: str, path: str, brief: str = "", more: str = "", member_of: str = ""):
    return "/w", Definition(name, path, 0, 1, brief or f"def {name}():", more, member_of)


def check(marked: str, found, *shown: str) -> None:
    """Of the definitions that there are, these are shown, the most needed first."""
    ranked = definitions(found, needs(excerpt(marked)))
    assert [f"{each.path}:{each.names[0]}" for each in ranked] == [*shown]


def count(text: str) -> int:
    return len(text.split())


# What is needed ----------------------------------------------------------------------------------


def test_what_is_imported_is_shown_and_of_several_the_one_that_is_meant():
    found = [defined("scan", "pkg/scanner.py"), defined("scan", "tools/scan_all.py")]
    check("from pkg.scanner import scan\n‸", found, "pkg/scanner.py:scan")


def test_what_the_cursor_is_near_comes_first():
    found = [defined("one", "pkg/a.py"), defined("two", "pkg/a.py")]
    text = "from .a import one, two\n" + "x = 1\n" * 20
    check(f"{text}two(‸)", found, "pkg/a.py:two", "pkg/a.py:one")


def test_what_a_module_is_asked_for_by_its_point_is_imported_too():
    found = [defined("Missing", "pkg/errors.py"), defined("Missing", "pkg/other.py")]
    check("from pkg import errors\n\nraise errors.Missing‸", found, "pkg/errors.py:Missing")


def test_what_others_pass_on_is_found_where_it_is_defined():
    found = [defined("draft", "pkg/core/drafts.py")]
    check("from .api import draft\n‸", found, "pkg/core/drafts.py:draft")


def test_what_is_imported_from_elsewhere_is_none_of_the_projects():
    check("from json import dumps\ndumps(‸)", [defined("dumps", "pkg/odd.py")])


def test_what_is_near_and_not_imported_has_to_be_the_only_one():
    check("run(‸)", [defined("run", "a.py")], "a.py:run")
    check("run(‸)", [defined("run", "a.py"), defined("run", "b.py")])
    check("\n" * 30 + "‸", [defined("run", "a.py")])


def test_the_word_that_is_being_typed_is_no_name():
    assert "sca" not in near_names(excerpt("x = sca‸"))
    assert "scan" in near_names(excerpt("x = scan(‸"))


def test_the_nearer_a_name_the_weightier():
    found = near_names(excerpt("far()\n\n\nnear()\n‸\nbelow()"))
    assert found["near"] > found["far"]
    assert found["near"] > found["below"]


# What has room -----------------------------------------------------------------------------------


def snippet(kind: str, path: str, text: str, line: int = 0, brief: str = "") -> Snippet:
    return Snippet(kind, path, line, text, brief)


def test_briefly_at_first_and_longer_while_there_is_room():
    ranked = [
        snippet("definitions", "a.py", "def a(): one two three", 0, "def a():"),
        snippet("definitions", "a.py", "def b(): four five six", 9, "def b():"),
    ]
    taken = chosen(ranked, excerpt("‸"), count, 18)
    assert [each.text for each in taken] == ["def a(): one two three", "def b():"]


def test_what_the_prompt_shows_anyway_is_not_repeated():
    ranked = [snippet("similar", "b.py", "alpha = 1\nbeta = 2\ngamma = 3")]
    assert chosen(ranked, excerpt("‸"), count, 99)
    assert not chosen(ranked, excerpt("alpha = 1\n  beta = 2\n‸"), count, 99)


def test_only_the_kinds_that_are_wanted():
    ranked = [snippet("open", "b.py", "def b():"), snippet("tests", "test_b.py", "def test():")]
    assert [each.kind for each in chosen(ranked, excerpt("‸"), count, 99, ["tests"])] == ["tests"]


snippets = st.builds(
    Snippet,
    st.sampled_from(sorted(SHARES)),
    st.sampled_from(["a.py", "b/c.py", "d.ts"]),
    st.integers(0, 50),
    st.lists(st.sampled_from(["one two", "x = 1 + 2", "", "def f(a, b, c):"]), min_size=1).map(
        "\n".join
    ),
)


@given(st.lists(snippets, max_size=12), st.integers(0, 80))
def test_never_more_than_the_limit_and_never_more_of_a_kind_than_its_share(ranked, limit):
    taken = chosen(ranked, excerpt("‸"), count, limit)
    assert sum(count(each.text) for each in taken) <= limit
    for kind, share in SHARES.items():
        assert sum(count(each.text) for each in taken if each.kind == kind) <= limit * share


# How it is shown ---------------------------------------------------------------------------------


def test_a_file_is_shown_once_and_in_its_own_order():
    parts = [
        snippet("definitions", "b.py", "class B:\n    def two(self):", 9),
        snippet("definitions", "a.py", "x = 1", 0),
        snippet("definitions", "b.py", "class B:\n    def one(self):", 3),
    ]
    shown = [(each.path, each.text) for each in blocks(parts)]
    assert shown == [
        ("a.py", "x = 1"),
        ("b.py", "class B:\n    def one(self):\n    def two(self):"),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_parts_make_the_same_text(order):
    parts = [snippet("open", f"{name}.py", name, line) for line, name in enumerate("abc")]
    assert blocks(parts[::order]) == blocks(parts)
