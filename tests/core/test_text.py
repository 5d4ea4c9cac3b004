"""What the model has to write once more, and how its answer is taken up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.text import held_back, taken_up


@pytest.mark.parametrize(
    ("before", "held"),
    [
        ("x = 1\n    ", "\n    "),
        ("total = pri", " pri"),
        ("return", "return"),
        ("self.na", "na"),
        ("f(", ""),
        ("", ""),
    ],
)
def test_blanks_and_a_word_are_held_back(before, held):
    assert held_back(before) == held


@given(st.text(st.sampled_from("ab_ \n\t(."), max_size=20))
def test_what_is_held_back_is_the_end(before):
    held = held_back(before)
    assert before.endswith(held)
    assert not before.removesuffix(held).endswith((" ", "\n", "\t")) or not held


@pytest.mark.parametrize("long", [" " * 500_000, "x" * 500_000, "\n" * 500_000])
def test_a_long_run_costs_one_look_at_each_character(long):
    # A quadratic search would take hours here.
    assert held_back("(" + long) == long


@pytest.mark.parametrize(
    ("answer", "held", "added"),
    [
        ("\n    return x", "\n    ", "return x"),
        ("\n    return x", "\n", "    return x"),
        ("\n\n    x", "\n    ", "\n    x"),
        (" 1", "  ", "1"),
        (" price", " pri", "ce"),
        (" p", " pri", ""),
        (" max", " pri", None),
        (" = 1", "\n", None),
        ("", "", ""),
    ],
)
def test_an_answer_is_taken_up_where_the_text_stands(answer, held, added):
    assert taken_up(answer, held) == added
