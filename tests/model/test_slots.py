"""Who is sent when the server of one's own is full."""

import asyncio

import pytest

from arriero.model.slots import Slots
from arriero.model.tgi import Tgi
from model.driving import everything
from model.rawserver import HEAD, OK, RawServer

ASKED, TYPED = True, False


class Queue:
    """Requests at slots; `sent` names those that were let through, in order."""

    def __init__(self, total: int) -> None:
        self.slots = Slots(total)
        self.sent: list[str] = []
        self.tasks: dict[str, asyncio.Task] = {}

    async def ask(self, name: str, explicit: bool) -> None:
        async def run() -> None:
            async with self.slots.taken(explicit=explicit):
                self.sent.append(name)
                await asyncio.Event().wait()

        self.tasks[name] = asyncio.create_task(run())
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        task = self.tasks.pop(name)
        task.cancel()
        await asyncio.wait({task})
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("total", "asks", "sent"),
    [
        (3, [("a", TYPED), ("b", TYPED)], "ab"),
        (3, [("a", TYPED), ("b", TYPED), ("c", TYPED)], "ab"),  # the last is kept free
        (3, [("a", TYPED), ("b", TYPED), ("c", ASKED)], "abc"),
        (3, [("a", ASKED), ("b", ASKED), ("c", TYPED)], "ab"),
        (3, [("a", ASKED), ("b", ASKED), ("c", ASKED), ("d", ASKED)], "abc"),
        (1, [("a", TYPED), ("b", ASKED)], "a"),
    ],
)
async def test_how_many_are_sent_at_once(total, asks, sent):
    queue = Queue(total)
    for name, explicit in asks:
        await queue.ask(name, explicit)
    assert "".join(queue.sent) == sent
    for name, _ in asks:
        await queue.end(name)


async def test_who_asked_goes_first_and_then_the_newest():
    queue = Queue(1)
    for name in ("first", "old", "new"):
        await queue.ask(name, TYPED)
    await queue.ask("asked", ASKED)
    await queue.ask("asked later", ASKED)
    for name in ("first", "asked", "asked later", "new", "old"):
        assert queue.sent[-1] == name
        await queue.end(name)


async def test_who_gives_up_while_waiting_is_never_sent_and_holds_nothing():
    queue = Queue(1)
    await queue.ask("a", TYPED)
    await queue.ask("b", TYPED)
    await queue.end("b")
    await queue.end("a")
    await queue.ask("c", TYPED)
    assert queue.sent == ["a", "c"]
    await queue.end("c")


async def test_who_gives_up_at_the_moment_of_admission_leaves_the_slot_to_the_next():
    queue = Queue(1)
    await queue.ask("a", TYPED)
    await queue.ask("b", TYPED)
    queue.tasks["a"].cancel()
    await asyncio.sleep(0)  # b is admitted, and has not run yet
    queue.tasks["b"].cancel()
    await asyncio.wait(queue.tasks.values())
    await queue.ask("c", TYPED)
    assert queue.sent == ["a", "c"]
    await queue.end("c")


async def test_a_stale_request_never_reaches_the_server():
    gate = asyncio.Event()
    async with RawServer((HEAD, gate, *OK[1:])) as server:
        tgi = Tgi(server.endpoint(concurrency=2))
        first = asyncio.create_task(everything(tgi))
        await server.asked.wait()
        stale = asyncio.create_task(everything(tgi))
        await asyncio.sleep(0)
        by_hand = asyncio.create_task(everything(tgi, explicit=True))
        while len(server.requests) < 2:
            server.asked.clear()
            await server.asked.wait()
        stale.cancel()
        gate.set()
        assert [len(items) for items, _ in (await first, await by_hand)] == [3, 3]
        await tgi.close()
    assert len(server.requests) == 2
