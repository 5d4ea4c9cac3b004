"""The smallest edit that makes the new text out of the old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.edits import Hunk, hunks, moved

texts = st.lists(st.sampled_from(["a", "b", "", "  c"]), max_size=8)


def applied(lines, changes) -> list[str]:
    result = list(lines)
    for hunk in reversed(changes):
        result[hunk.start : hunk.stop] = hunk.lines
    return result


@given(texts, texts)
def test_the_hunks_make_the_new_text(old, new):
    assert applied(old, hunks(old, new)) == new


def test_what_is_equal_is_not_touched():
    assert hunks(["a", "b", "c"], ["a", "B", "c"], first_line=10) == (Hunk(11, 12, ("B",)),)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("a b REGION c d", 2),
        ("new a b REGION c d", 3),
        ("a b REGION c d new", 2),
        ("new b REGION d", 2),
        ("a b REGION REGION c d", 2),  # the one in the same place
        ("new a b region c d", None),
        ("REGION a b c d REGION", None),  # which of the two?
        ("", None),
    ],
)
def test_lines_are_found_again_after_typing_around_them(now, found):
    assert moved(2, 3, ["a", "b", "REGION", "c", "d"], now.split()) == found


@given(texts, st.lists(st.sampled_from(["a", "=", "  c"]), min_size=1), texts, texts, texts)
def test_no_other_lines_are_taken_for_them(above, region, below, typed_above, typed_below):
    seen = [*above, *region, *below]
    now = [*typed_above, *region, *typed_below]
    found = moved(len(above), len(above) + len(region), seen, now)
    assert found is None or now[found : found + len(region)] == region


@given(texts, texts, texts, texts)
def test_lines_that_stand_once_are_found(above, below, typed_above, typed_below):
    seen, now = [*above, "=", *below], [*typed_above, "=", *typed_below]
    assert moved(len(above), len(above) + 1, seen, now) == len(typed_above)
