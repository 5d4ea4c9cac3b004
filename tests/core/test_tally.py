"""What became of suggestions, by the text that came after them."""

import pytest

from arriero.core.tally import Tally, offered, settled
from marked import excerpt


def check(*texts: str, **counts: int):
    """Show `price * 2` at the first place; then the text is as said."""
    tally, offer = offered(Tally(), None, excerpt(texts[0]), ("price * 2",))
    for text in texts[1:]:
        if offer:
            tally, offer = settled(tally, offer, excerpt(text))
    assert tally == Tally(shown=1, **counts)


@pytest.mark.parametrize(
    ("texts", "counts"),
    [
        (["x = ‸"], {}),
        (["x = ‸", "x = price * 2‸"], {"accepted": 1}),
        (["x = ‸", "x = p‸", "x = price * 2‸"], {"accepted": 1}),
        (["x = ‸", "x = price‸"], {"partly": 1}),
        (["x = ‸", "x = price‸", "x = price *‸", "x = price * 3‸"], {"partly": 1}),
        (["x = ‸", "x = price‸", "x = price * 2‸"], {"partly": 1, "accepted": 1}),
        (["x = ‸", "x = p‸", "x = pr‸"], {}),
        (["x = ‸", "x = p‸", "x = pa‸"], {"rejected": 1}),
        (["x = ‸", "y‸"], {"rejected": 1}),
    ],
)
def test_what_became_of_a_suggestion(texts, counts):
    check(*texts, **counts)


def test_more_of_a_suggestion_is_the_same_one():
    tally, offer = offered(Tally(), None, excerpt("x = ‸"), ("price",))
    tally, _ = offered(tally, offer, excerpt("x = ‸"), ("price * 2",))
    assert tally.shown == 1
