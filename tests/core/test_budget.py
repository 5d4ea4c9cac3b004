"""What fits, and what is cut where not all does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.budget import LONGEST_TOKEN, Part, fit
from arriero.errors import TooLong

texts = st.lists(st.sampled_from(["", "a", "bb bb", "c" * 9])).map("\n".join)


def signs(text: str) -> int:
    return len(text)


@given(texts, texts, st.integers(1, 80), st.sampled_from(["first", "last"]))
def test_as_many_whole_lines_are_kept_as_fit(first, second, limit, keep):
    one, two = fit([Part(first, 0, "first"), Part(second, 1, keep)], signs, limit)
    assert len(one) + len(two) <= limit
    assert first.startswith(one)
    if one != first:
        next_line = first[len(one) :].partition("\n")
        assert one == "" or one.endswith("\n")
        assert len(one) + len(next_line[0] + next_line[1]) > limit
    assert second.startswith(two) if keep == "first" else second.endswith(two)


def test_lower_ranks_are_served_first_and_the_order_stays():
    parts = [Part("a\n" * 9, 2, "first"), Part("b\n" * 9, 0, "last"), Part("c\n" * 9, 1, "first")]
    assert fit(parts, signs, 30) == ("", "b\n" * 9, "c\n" * 6)


def test_a_part_has_no_more_than_its_share():
    parts = [Part("a\n" * 20, 0, "first", share=0.25), Part("b\n" * 20, 1, "last")]
    assert fit(parts, signs, 40) == ("a\n" * 5, "b\n" * 15)


def test_what_has_to_be_whole_is_whole_or_too_long():
    assert fit([Part("a\nb", 0)], signs, 3) == ("a\nb",)
    with pytest.raises(TooLong, match="about 7 tokens longer"):
        fit([Part("a" * 10, 0)], signs, 3)


@pytest.mark.parametrize("limit", [0, -5])
def test_no_room_at_all_is_too_little(limit):
    with pytest.raises(TooLong):
        fit([Part("", 0, "last")], signs, limit)


def test_parts_that_make_more_together_are_counted_together():
    def meeting(text: str) -> int:
        return len(text) + 5 * text.count("\na")

    (text,) = fit([Part("a\n" * 20, 0, "last")], meeting, 30)
    assert 0 < meeting(text) <= 30


@pytest.mark.parametrize("before", ["", "short\n"])
def test_the_end_of_an_endless_line_is_kept(before):
    (text,) = fit([Part(before + "x" * 1000 + "end", 0, "last")], signs, 100)
    assert 50 < len(text) <= 100
    assert text.endswith("xend")


@pytest.mark.parametrize("keep", ["first", "last"])
def test_what_cannot_fit_is_not_even_counted(keep):
    counted = []

    def count(text: str) -> int:
        counted.append(len(text))
        return len(text)

    (text,) = fit([Part("a line\n" * 100_000, 0, keep)], count, 50)
    assert text == "a line\n" * 7
    assert max(counted) <= 50 * LONGEST_TOKEN
    assert fit([Part("x" * 100_000, 0, "first")], count, 50) == ("",)


@pytest.mark.parametrize("keep", ["first", "last"])
def test_no_line_is_cut_where_tokens_are_long(keep):
    line = "x" + " " * 48 + "\n"
    (text,) = fit([Part(line * 100, 0, keep)], lambda text: text.count("x"), 5)
    assert text == line


@pytest.mark.parametrize("keep", ["first", "last"])
def test_where_nothing_is_left_nothing_is_kept(keep):
    # Parts that meet can make more tokens than they had apart, so less than nothing can be left.
    def count(text: str) -> int:
        return len(text) + 3

    texts = fit([Part("x" * 4, 0, "last"), Part("y" * 50, 1, keep)], count, 5)
    assert texts[1] == ""
