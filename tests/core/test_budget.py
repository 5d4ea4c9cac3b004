"""What fits, and what is cut where not all does."""

import pytest

from arriero.core.budget import Part, fit


def test_the_end_of_an_endless_line_is_kept():
    (text,) = fit([Part("x" * 1000, 0, "last")], len, 100)
    assert 0 < len(text) <= 100


@pytest.mark.parametrize("keep", ["first", "last"])
def test_where_nothing_is_left_nothing_is_kept(keep):
    # Parts that meet can make more tokens than they had apart, so less than nothing can be left.
    def count(text: str) -> int:
        return len(text) + 3

    texts = fit([Part("x" * 4, 0, "last"), Part("y" * 50, 1, keep)], count, 5)
    assert texts[1] == ""
