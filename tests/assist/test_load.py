"""What a server that others share is asked while nobody waits for the answer."""

import pytest

from arriero.assist import load
from arriero.assist.generation import Answer
from arriero.assist.line import Line
from arriero.assist.load import ANSWERS, LITTLE, MOST, SAVED, SHORT, START, Load
from arriero.core.models import ModelInfo
from arriero.errors import Overloaded
from arriero.settings import Settings
from desk import Desk

PLACE = "x" * 3000
QUICK = Answer("", True, 5, 0.05, 0.13)
SLOW_TOKENS = Answer("", True, 5, 0.05, 0.05 + 4 * 0.06)
LATE = Answer("", True, 5, 0.5, 0.58)


@pytest.fixture
def clock(monkeypatch):
    """The time in seconds, to be moved."""
    time = [100.0]
    monkeypatch.setattr(load, "now", lambda: time[0])
    return time


def busy(clock, *answers: Answer) -> Load:
    """Know what the server can do, and hear these answers, one a second."""
    seen = Load()
    for _ in range(ANSWERS):
        seen.answered("", QUICK)
    for answer in answers:
        clock[0] += 1
        seen.answered("", answer)
    return seen


@pytest.mark.parametrize(
    ("answers", "slow"),
    [([QUICK] * 5, False), ([LATE], True), ([SLOW_TOKENS], False), ([SLOW_TOKENS] * 3, True)],
)
def test_signs_of_load(clock, answers, slow):
    """One answer with slow tokens is none yet: their median counts."""
    rate = busy(clock, *answers).rate
    assert (rate < START) is slow


@pytest.mark.parametrize(
    ("first", "read", "token"),
    [(0.02, 1400, 0.02), (0.05, 14_000, 0.03), (0.3, 5000, 0.06)],
    ids=["the demo model on two cores", "four H100", "slow GPUs"],
)
def test_who_has_a_server_alone_sees_no_load(clock, first, read, token):
    """A new place takes `first` seconds and those to read its text, `read` characters a second."""
    seen = Load()

    def ask(prompt: str, waits: float) -> None:
        assert seen.admits(prompt)
        clock[0] += waits
        seen.answered(prompt, Answer("", True, 8, waits, waits + 7 * token))

    for place in range(10):
        prompt = f"{place}" + "x" * 9000
        clock[0] += 10
        ask(prompt, first + len(prompt) / read)
        for _ in range(4):
            clock[0] += 5
            prompt += "y" * 30
            ask(prompt, first)
    assert (seen.rate, seen.room) == (MOST, 1.0)


def test_who_types_on_while_a_new_place_is_read_sees_no_load(clock):
    seen = busy(clock)
    seen.given_up(PLACE, 2.0)
    assert seen.rate == START


@pytest.mark.parametrize("at_once", [1e-3, 1e-5])
def test_answers_that_come_in_one_piece_are_no_measure_of_tokens(clock, at_once):
    """As behind a proxy that collects them, or where somebody else kept us busy meanwhile."""
    pieces = [Answer("", True, 5, 0.05, 0.05 + at_once * n) for n in (1, 3, 1, 3, 1, 3, 1, 3)]
    assert busy(clock, *pieces).rate == START
    assert busy(clock, pieces[0], QUICK, QUICK, pieces[0], QUICK, QUICK, QUICK).rate == START


def test_a_first_answer_in_one_piece_is_no_measure_either(clock):
    seen = Load()
    for answer in (Answer("", True, 5, 0.05, 0.05), *[QUICK] * 5):
        seen.answered("", answer)
    assert seen.rate == START


def test_the_rate_falls_at_most_once_a_second(clock):
    seen = busy(clock)
    seen.give_way()
    rate = seen.rate
    seen.give_way()
    assert seen.rate == rate
    clock[0] += 1
    seen.give_way()
    assert seen.rate < rate


def test_who_gives_up_early_says_nothing_of_the_server(clock):
    seen = busy(clock)
    seen.given_up("", 0.19)
    assert seen.rate == START
    seen.given_up("", 0.21)
    assert seen.rate < START


def test_before_the_first_answer_nothing_is_slow(clock):
    seen = Load()
    seen.given_up("", 60.0)
    assert seen.rate == START


def test_without_a_sign_of_load_the_rate_is_soon_the_highest(clock):
    seen = busy(clock)
    assert seen.admits("")
    clock[0] += 60
    assert seen.admits("")
    assert (seen.rate, seen.room) == (MOST, 1.0)


def test_prompts_are_short_under_load_and_long_again_when_it_is_over(clock):
    seen = busy(clock, LATE)
    assert seen.room == SHORT
    clock[0] += 30
    assert seen.admits("")
    assert seen.room == SHORT  # it comes back slowly
    clock[0] += MOST / load.COME_BACK
    assert seen.admits("")
    assert seen.room == 1.0


def test_new_places_wait_until_there_is_room_for_them(clock):
    seen = busy(clock, LATE)
    asked = 0
    while seen.admits(PLACE):
        asked += 1
    assert asked == SAVED // len(PLACE)
    assert seen.admits(PLACE[:LITTLE])
    clock[0] += len(PLACE) / seen.rate
    assert seen.admits(PLACE)


def test_going_on_where_the_server_has_read_is_always_asked(clock):
    seen = busy(clock, LATE)
    while seen.admits(PLACE):
        pass
    seen.answered(PLACE, QUICK)
    assert seen.admits(PLACE + "y" * LITTLE)
    assert not seen.admits(PLACE + "y" * (LITTLE + 1))
    assert not seen.admits("y" + PLACE)


def test_what_was_asked_and_never_answered_was_not_read(clock):
    seen = busy(clock, LATE)
    while seen.admits(PLACE):
        pass
    seen.given_up(PLACE, 10.0)
    assert not seen.admits(PLACE)


def test_a_prompt_longer_than_all_that_can_be_saved_is_asked_at_last(clock):
    seen = busy(clock)
    assert seen.admits("z" * int(2 * SAVED))
    assert not seen.admits("w" * int(2 * SAVED))


async def test_under_load_only_who_asks_by_hand_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(Load, "admits", lambda self, prompt: False)
    async with Desk.at(tmp_path) as desk:
        desk.open("def add(a, b):\n    return ‸\n")
        assert await desk.suggestion_while_typing() is None
        assert desk.model.prompts == []
        desk.model.replies = [" a + b\n```"]
        assert await desk.suggestion() == "a + b"
        assert desk.messages == []


async def test_under_load_prompts_are_short_but_for_who_asks_by_hand(tmp_path, monkeypatch):
    shares = []
    share = ModelInfo.share
    monkeypatch.setattr(ModelInfo, "share", lambda self, n: shares.append(n) or share(self, n))
    async with Desk.at(tmp_path) as desk:
        desk.open("x = 1\n" * 4000 + "def add(a, b):\n    return‸\n")
        desk.model.replies = [Overloaded("busy")] * 3 + [" a + b\n```"] * 2
        for key in "   ":
            assert await desk.suggestion_while_typing() is None
            desk.type(key)
        await desk.suggestion_while_typing()
        await desk.suggestion()
    lengths = [len(prompt) for prompt in desk.model.prompts]
    assert SHORT in shares
    assert lengths[-2] < lengths[0] <= lengths[-1]


def test_a_server_that_refuses_is_asked_for_less(clock):
    line = Line(Settings(), connect=None)
    line.failed(Overloaded("busy"))
    assert line.load.rate < START


async def test_an_answer_that_never_began_tells_how_long_it_was_waited_for(tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr(Load, "given_up", lambda self, prompt, seconds: waited.append(seconds))
    async with Desk.at(tmp_path) as desk:
        desk.open("def add(a, b):\n    return ‸\n")
        desk.model.replies = [Overloaded("busy")]
        await desk.suggestion_while_typing()
    assert len(waited) == 1
    assert waited[0] >= 0


async def test_the_status_tells_what_was_not_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "SAVED", 1.0)  # room for one new place, and then for long none
    async with Desk.at(tmp_path) as desk:

        async def told() -> dict[str, object]:
            return (await desk.client.request("arriero/status", {}))["load"]

        assert await told() == {"short": False, "withheld": 0}
        desk.open("def add(a, b):\n    return ‸\n")
        desk.model.replies = [Overloaded("busy")]
        await desk.suggestion_while_typing()
        desk.type("a")
        assert await desk.suggestion_while_typing() is None
        assert await told() == {"short": True, "withheld": 1}
