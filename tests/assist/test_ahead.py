"""How far an answer runs on, and what is asked for before anybody is there."""

from contextlib import suppress

import pytest

from arriero.assist.completer import LEAST_CERTAIN, Completer
from arriero.core import completion
from arriero.core.reuse import Known
from arriero.core.text import Excerpt
from marked import excerpt

URI = "file:///a.py"


class Speaker:
    """Says what it is given for the text that it is shown; notes questions and tokens said."""

    def __init__(self, answers: dict[str, list[str]], certainty: float = 1.0) -> None:
        self.answers = answers
        self.certainty = certainty  # of each token
        self.shown: list[str] = []
        self.said = 0

    async def generate(self, question):
        self.shown.append(question.shown.before)
        known = Known(question.shown)
        pieces = self.answers.get(question.shown.before, [])
        for number, piece in enumerate(pieces, start=1):
            self.said += 1
            ending = "ended" if number == len(pieces) else "running"
            yield Known(
                question.shown, known.text + piece, ending, known.certainty * self.certainty
            )
            known = Known(question.shown, known.text + piece, ending, self.certainty**number)


async def typed(completer: Completer, before: str) -> str | None:
    at = Excerpt("a.py", "python", before, "\n")
    return await completer.suggest(URI, at, explicit=False, pace=0)


async def ended(completer: Completer) -> None:
    for generation in list(completer.places[URI].running):
        with suppress(Exception):
            await generation.task


@pytest.mark.parametrize(("certainty", "most"), [(1.0, 9), (0.5, 4)])
async def test_an_answer_ends_where_it_is_unlikely(certainty, most):
    words = [" a", " b", " c", " d", " e", " f", " g", " h", "\n"]
    speaker = Speaker({"x =": words}, certainty)
    completer = Completer(speaker.generate)
    await typed(completer, "x = ")
    await ended(completer)
    assert speaker.said == most
    assert certainty**most < LEAST_CERTAIN or most == len(words)


async def test_what_follows_an_answer_is_asked_for_while_it_is_typed():
    lines = [" price", "\n", "y = 2", "\n", "z = 3", "\n", "never", "\n"]
    speaker = Speaker({"x =": lines, "x = price\ny = 2\nz = 3": ["\n", "ready", "\n"]})
    completer = Completer(speaker.generate)
    assert await typed(completer, "x = ") == "price"
    await ended(completer)
    await typed(completer, "x = price\ny = 2\nz")
    await ended(completer)
    assert speaker.shown == ["x =", "x = price\ny = 2\nz = 3"]
    assert await typed(completer, "x = price\ny = 2\nz = 3\n") == "ready"
    assert len(speaker.shown) == 2


@pytest.mark.parametrize(
    ("added", "patient", "settled"),
    [
        ("pri", False, False),
        ("price", False, False),
        ("price * ", False, True),
        ("price * ", True, False),
        ("price * 2\n", True, True),
        ("I'm so", False, False),
        ("1 Source: ", False, False),
    ],
)
def test_the_first_words_are_shown_to_who_types(added, patient, settled):
    at = excerpt("x = ‸\n")
    assert completion.settled(added, at, several=False, patient=patient) is settled
