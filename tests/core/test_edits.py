"""The smallest edit that makes the new text out of the old."""

from hypothesis import given
from hypothesis import strategies as st

from arriero.core.edits import Hunk, difference, hunks, rebased

texts = st.lists(st.sampled_from(["a", "b", "", "  c"]), max_size=8).map("\n".join)


@given(texts, texts)
def test_the_hunks_make_the_new_text(old, new):
    lines = old.split("\n")
    for hunk in reversed(hunks(old, new)):
        lines[hunk.start : hunk.stop] = hunk.lines
    assert "\n".join(lines) == new


@given(texts, texts)
def test_the_difference_makes_the_new_text(old, new):
    lines = old.split("\n")
    change = difference(lines, new.split("\n"))
    lines[change.start : change.stop] = change.lines
    assert "\n".join(lines) == new


def test_what_is_equal_is_not_touched():
    assert hunks("a\nb\nc", "a\nB\nc", first_line=10) == (Hunk(11, 12, ("B",)),)


def test_a_hunk_moves_with_a_change_above_it():
    assert rebased(Hunk(5, 6, ("x",)), Hunk(0, 1, ("a", "b", "c"))) == Hunk(7, 8, ("x",))


def test_a_hunk_stays_where_the_change_is_below_it():
    assert rebased(Hunk(5, 6, ("x",)), Hunk(6, 7, ())) == Hunk(5, 6, ("x",))


def test_a_hunk_whose_lines_changed_is_lost():
    assert rebased(Hunk(5, 6, ("x",)), Hunk(5, 6, ("y",))) is None
