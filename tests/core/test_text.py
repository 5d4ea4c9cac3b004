"""What the model has to write once more, and how its answer is taken up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.text import alike, gone_on, held_back


@pytest.mark.parametrize(
    ("before", "held"),
    [
        ("x = 1\n    ", " "),
        ("x = 1\n", ""),
        ("x = 1\n\t", ""),
        ("x =  ", " "),
        ("total = pri", " pri"),
        ("return", "return"),
        ("self.na", "na"),
        ("f(", ""),
        ("", ""),
    ],
)
def test_a_word_and_the_blank_before_it_are_held_back(before, held):
    assert held_back(before) == held


@given(st.text(st.sampled_from("ab_ \n\t(."), max_size=20))
def test_what_is_held_back_is_the_end(before):
    held = held_back(before)
    assert before.endswith(held)
    assert not before.removesuffix(held)[-1:].isalnum() or held.startswith(" ") or not held


def test_a_long_run_costs_one_look_at_each_character():
    # A quadratic search would take hours here.
    assert held_back("(" + "x" * 500_000) == "x" * 500_000


@pytest.mark.parametrize(
    ("answer", "line", "held", "read"),
    [
        (" price", "x =", " pri", " price"),
        ("price", "x =", " pri", " price"),
        ("price", "self.", "pri", "price"),
        ("", "x =", " ", ""),
        ("\n    y", "x = 1", "", "\n    y"),
        ("\n    y", "   ", " ", " y"),
        ("\n\n        y", "   ", " ", "     y"),
        ("\n    y", "", "", "    y"),
        ("\ny", "   ", " ", "\ny"),
        ("\n  ", "   ", " ", ""),
    ],
)
def test_an_answer_goes_on_where_the_model_was_left(answer, line, held, read):
    assert gone_on(answer, line, held) == read


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("", "", 0), ("abc", "abc", 3), ("abc", "abd", 2), ("abc", "ab", 2), ("x", "y", 0)],
)
def test_how_far_texts_begin_alike(one, other, same):
    assert alike(one, other) == same
