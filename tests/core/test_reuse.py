"""What earlier answers serve, and what the model need not be asked again."""

import pytest

from arriero.core import reuse
from arriero.core.reuse import Known
from marked import excerpt

FAR = "".join(f"line_{n} = {n}\n" for n in range(100))


@pytest.mark.parametrize(
    ("earlier", "now", "typed"),
    [
        ("x = ‸\n", "x = ‸\n", ""),
        ("x = ‸\n", "x = 12‸\n", "12"),
        ("x = 12‸\n", "x = ‸\n", None),
        ("x = ‸\n", "y = 1‸\n", None),
        ("x = ‸\ny\n", "x = 1‸\nz\n", None),
        # The editor closes brackets and quotes by itself.
        ("f‸\n", "f(‸)\n", "("),
        ("f(‸)\n", 'f("‸")\n', '"'),
        # Far away something else may have changed.
        (FAR + "x = ‸\n", "import os\n" + FAR + "x = 1‸\n", "1"),
        ("x = ‸\n" + FAR, "x = 1‸\n" + FAR + "end\n", "1"),
    ],
)
def test_what_was_typed_between_two_requests(earlier, now, typed):
    assert reuse.typed_since(excerpt(earlier), excerpt(now)) == typed


@pytest.mark.parametrize(
    ("text", "ending", "now", "left"),
    [
        ("price * 2", "ended", "x = ‸\n", "price * 2"),
        ("price * 2", "ended", "x = pri‸\n", "ce * 2"),
        ("price * 2", "ended", "x = price * 2‸\n", ""),
        ("price * 2", "ended", "x = max‸\n", None),
        ("pri", "running", "x = price‸\n", ""),
        ("", "running", "x = max‸\n", ""),
        ("pri", "running", "x = max‸\n", None),
    ],
)
def test_what_is_left_of_an_answer(text, ending, now, left):
    assert reuse.rest(Known(excerpt("x = ‸\n"), text, ending), excerpt(now)) == left


@pytest.mark.parametrize(
    ("shown", "text", "ending", "now", "next_shown"),
    [
        # At a word's start the model is asked for the word.
        ("‸\n", "", "closed", "x = pri‸\n", "x ="),
        # It said another word: now it has to see this one.
        ("x =‸\n", " max(a)", "ended", "x = pri‸\n", "x = pri"),
        ("x =‸\n", "", "unsure", "x = pri‸\n", "x = pri"),
        # Seeing as much, it said another word.
        ("x = p‸\n", "lus", "ended", "x = p‸\n", "x ="),
        ("x = pri‸\n", "x", "ended", "x = price‸\n", "x ="),
        # It would be unsure at the same place again.
        ("x =‸\n", " price", "unsure", "x = price‸\n", None),
        # It was stopped there and has more to say.
        ("x =‸\n", " price", "enough", "x = price‸\n", "x = price"),
    ],
)
def test_what_the_model_is_shown_next(shown, text, ending, now, next_shown):
    knowns = [Known(excerpt(shown), text, ending)]
    found = reuse.to_show(knowns, excerpt(now))
    assert (found and found.before) == next_shown


def test_where_an_answer_ends_another_one_goes_on():
    first = Known(excerpt("x‸\n"), " = 1", "enough")
    second = Known(excerpt("x = 1‸\n"), "\ny = 2", "ended")
    now = excerpt("x =‸\n")
    left = reuse.rest(first, now)
    assert reuse.chained(left, first, [first, second], now) == (" 1\ny = 2", second)


def test_the_place_that_was_left_is_found_after_an_edit_above_it():
    left = excerpt("a = 1\nb = ‸\nend\n")
    back = reuse.returning(left, excerpt("a = 12‸\nb = \nend\n"))
    assert back == excerpt("a = 12\nb = ‸\nend\n")
    assert reuse.returning(left, excerpt("a = 12‸\nc = \nend\n")) is None
