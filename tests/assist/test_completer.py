"""One generation a document: remembered, superseded, let go."""

import asyncio

import pytest

from arriero.assist.completer import Completer
from arriero.core.reuse import REMEMBERED, Known
from arriero.core.text import Excerpt
from arriero.errors import Unreachable


class Model:
    """Answers each request when it is told to; counts what was begun and what was cancelled."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.cancelled: list[str] = []
        self.answers: dict[str, asyncio.Future[str]] = {}
        self.news = asyncio.Event()

    async def generate(self, question):
        before = question.excerpt.before
        self.begun.append(before)
        self.news.set()
        answer = self.answers.setdefault(before, asyncio.get_running_loop().create_future())
        try:
            text = await asyncio.shield(answer)
        except asyncio.CancelledError:
            self.cancelled.append(before)
            raise
        yield Known(question.excerpt, text, "ended")

    async def asked(self, before: str) -> None:
        while before not in self.begun:
            self.news.clear()
            await self.news.wait()

    def answer(self, before: str, text: str) -> None:
        self.answers[before].set_result(text)


def at(before: str, after: str = "") -> Excerpt:
    return Excerpt("a.py", "python", before, after)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.waits: list[asyncio.Event] = []
        self.second = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        passed = asyncio.Event()
        self.waits.append(passed)
        if len(self.waits) == 2:
            self.second.set()
        await passed.wait()


@pytest.fixture
async def model():
    return Model()


def ask(completer, before, **options):
    options = {"explicit": True, "pace": 1.0, **options}
    return asyncio.create_task(completer.suggest("file:///a.py", at(before), **options))


async def test_a_suggestion_is_remembered_while_it_is_typed(model):
    completer = Completer(model.generate)
    task = ask(completer, "x = ")
    await model.asked("x = ")
    model.answer("x = ", "12")
    assert await task == "12"
    assert await ask(completer, "x = 1") == "2"
    assert model.begun == ["x = "]


async def test_a_suggestion_that_is_typed_out_is_no_more_offered(model):
    completer = Completer(model.generate)
    task = ask(completer, "x = ")
    await model.asked("x = ")
    model.answer("x = ", "1")
    await task
    again = ask(completer, "x = 1")
    await model.asked("x = 1")
    model.answer("x = 1", "")
    assert await again is None


async def test_a_newer_request_cancels_the_older_generation(model):
    completer = Completer(model.generate)
    older = ask(completer, "x(")
    await model.asked("x(")
    newer = ask(completer, "y(")
    await model.asked("y(")
    model.answer("y(", "!")
    assert (await older, await newer) == (None, "!")
    assert model.cancelled == ["x("]


async def test_two_requests_for_the_same_place_share_a_generation(model):
    completer = Completer(model.generate)
    tasks = [ask(completer, "x"), ask(completer, "x")]
    await model.asked("x")
    await asyncio.sleep(0)
    model.answer("x", "!")
    assert await asyncio.gather(*tasks) == ["!", "!"]
    assert model.begun == ["x"]


async def test_what_nobody_waits_for_any_more_is_cancelled(model):
    completer = Completer(model.generate)
    task = ask(completer, "x")
    await model.asked("x")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert model.cancelled == ["x"]


async def test_while_typing_nothing_is_asked_before_the_pace_has_passed(model):
    clock = Clock()
    completer = Completer(model.generate, clock.sleep)
    first = ask(completer, "x", explicit=False)
    await asyncio.sleep(0)
    second = ask(completer, "xy", explicit=False)
    await clock.second.wait()
    assert await first is None
    clock.waits[1].set()
    await model.asked("xy")
    model.answer("xy", "z")
    assert await second == "z"
    assert model.begun == ["xy"]


async def test_a_glance_waits_no_longer_than_it_may_and_finds_it_later(model):
    completer = Completer(model.generate)
    failures = []
    options = {"pace": 0, "failed": failures.append}
    assert await completer.glance("file:///a.py", at("x"), **options, patience=0.001) is None
    await model.asked("x")
    model.answer("x", "!")
    assert await completer.glance("file:///a.py", at("x"), **options, patience=5) == "!"
    assert (model.begun, failures) == (["x"], [])


async def test_memory_is_bounded_by_the_open_documents(model):
    completer = Completer(model.generate)
    for number in range(50):
        model.answers[f"x{number}"] = asyncio.get_running_loop().create_future()
        model.answer(f"x{number}", "!")
        await completer.suggest(f"file:///{number % 5}.py", at(f"x{number}"), explicit=True, pace=0)
    assert len(completer.places) == 5
    for number in range(5):
        completer.forget(f"file:///{number}.py")
    assert completer.places == {}


def say(completer, *texts: str, ending: str = "ended"):
    """Let the completer's model say what it is given, piece by piece."""

    async def generate(question):
        said = ""
        for number, text in enumerate(texts, start=1):
            said += text
            yield Known(question.excerpt, said, ending if number == len(texts) else "running")

    completer.generate = generate


async def test_an_answer_that_departs_from_what_was_typed_meanwhile_is_asked_anew(model):
    completer = Completer(model.generate)
    older = ask(completer, "x = ")
    await model.asked("x = ")
    newer = ask(completer, "x = a")
    await asyncio.sleep(0)
    assert model.begun == ["x = "]
    model.answer("x = ", "b")
    await model.asked("x = a")
    model.answer("x = a", "bc")
    assert (await older, await newer) == (None, "bc")


async def test_a_generation_that_is_closed_before_it_begins_is_asked_anew(model):
    completer = Completer(model.generate)
    task = ask(completer, "x")
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = ask(completer, "x")
    await model.asked("x")
    model.answer("x", "!")
    assert await again == "!"


async def test_a_cancelled_automatic_request_leaves_its_generation_to_the_next_key(model):
    completer = Completer(model.generate)
    task = ask(completer, "x = ", explicit=False, pace=5.0)
    await model.asked("x = ")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    newer = ask(completer, "x = a", explicit=False, pace=5.0)
    model.answer("x = ", "ab")
    assert await newer == "b"
    assert (model.begun, model.cancelled) == (["x = "], [])


async def test_what_one_document_remembers_is_bounded():
    completer = Completer(None)
    say(completer, "1")
    for number in range(REMEMBERED + 8):
        await ask(completer, f"x{number} = ")
    assert len(completer.places["file:///a.py"].memory) == REMEMBERED


async def test_what_was_said_before_a_failure_is_neither_offered_nor_remembered():
    async def generate(question):
        yield Known(question.excerpt, "hal")
        raise Unreachable("gone")

    completer = Completer(generate)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await ask(completer, "x = ")


async def test_a_cancelled_automatic_request_is_closed_when_no_key_comes(model):
    completer = Completer(model.generate)
    task = ask(completer, "x = ", explicit=False, pace=0.0)
    await model.asked("x = ")
    [generation] = completer.places["file:///a.py"].running
    task.cancel()
    await asyncio.wait({generation.task})
    assert model.cancelled == ["x = "]


async def test_who_waits_has_the_answer_before_the_stream_is_closed():
    order, closed = [], asyncio.Event()

    async def generate(question):
        try:
            yield Known(question.shown, " 1", "ended")
        finally:
            order.append("closed")
            closed.set()

    completer = Completer(generate)
    assert await completer.suggest("a", Excerpt("a.py", "python", "x =", ""), explicit=True, pace=0)
    order.append("answered")
    await closed.wait()
    assert order == ["answered", "closed"]
