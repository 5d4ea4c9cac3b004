"""When a failure is told: once to who asked, and of what must be mended once to who did not."""

import pytest

from arriero.assist.news import FRESH, News
from arriero.errors import AnswerError, Interrupted, Overloaded, Unreachable, WrongKey

GONE = Unreachable("Gone.")
REFUSED = WrongKey("Refused.")
BUSY = Overloaded("Busy.")
BROKEN = Interrupted("Broken.")
PROSE = AnswerError("Prose.")

# Who meets the failure: the server by itself, or a person who waits for an answer.
BY_ITSELF, ASKED = False, True


def check(*steps, worked=False):
    """Take steps of (seconds since the one before, failure, who, whether it is told)."""
    time = 0.0
    news = News(lambda: time)
    for place, (seconds, error, asked, told) in enumerate(steps):
        time += seconds
        assert news.to_tell(error, asked=asked, worked=worked) is told, f"step {place}"


def test_who_asks_is_told_each_time():
    check((0, BUSY, ASKED, True), (0, BUSY, ASKED, True), (0, PROSE, ASKED, True))


def test_by_itself_only_what_must_be_mended_is_told_each_cause_once():
    check(
        (0, GONE, BY_ITSELF, True),
        (0, GONE, BY_ITSELF, False),
        (99, GONE, BY_ITSELF, False),
        (0, BUSY, BY_ITSELF, False),
        (0, PROSE, BY_ITSELF, False),
        (0, REFUSED, BY_ITSELF, True),
    )


def test_by_itself_one_message_is_told_at_a_time():
    check(
        (0, BROKEN, ASKED, True),
        (FRESH, GONE, BY_ITSELF, False),
        (0.1, GONE, BY_ITSELF, True),
        (0, REFUSED, BY_ITSELF, False),
        (FRESH + 0.1, REFUSED, BY_ITSELF, True),
    )


def test_by_itself_nothing_is_told_once_something_worked():
    check((0, GONE, BY_ITSELF, False), (0, GONE, ASKED, True), worked=True)


def test_what_was_just_said_by_itself_answers_the_first_who_asks():
    check(
        (0, GONE, BY_ITSELF, True),
        (FRESH, GONE, ASKED, False),
        (0, GONE, ASKED, True),
    )


def test_a_message_of_a_while_ago_is_gone_from_the_screen():
    check((0, GONE, BY_ITSELF, True), (FRESH + 0.1, GONE, ASKED, True))


def test_another_message_answers_nobody():
    check((0, GONE, BY_ITSELF, True), (0, REFUSED, ASKED, True))


def test_what_was_told_to_who_asked_typing_does_not_repeat():
    check((0, GONE, ASKED, True), (0, GONE, BY_ITSELF, False))


@pytest.mark.parametrize("asked", [BY_ITSELF, ASKED])
def test_new_settings_begin_anew(asked):
    news = News(lambda: 0.0)
    news.to_tell(GONE, asked=BY_ITSELF, worked=False)
    news.forget()
    assert news.to_tell(GONE, asked=asked, worked=False)
