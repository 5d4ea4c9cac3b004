"""A time of work of many people at some servers, and the figures that come of it."""

from __future__ import annotations

import asyncio
import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks import replay, typist, virtual_time
from benchmarks.desk import NOTICED, Pause
from benchmarks.scale.hardware import Hardware
from benchmarks.scale.person import Explained, Person, Seen
from benchmarks.scale.server import SLOTS, SharedServer, Work


@dataclass(frozen=True, slots=True)
class Case:
    """So many people at so many servers, one of which may be killed midway.

    They come one after the other within `coming` seconds. What happens counts from then on, for so
    many seconds as are `measured`.
    """

    people: int
    servers: int = 1
    killed: bool = False
    coming: float = 60.0
    measured: float = 60.0
    hardware: Hardware = field(default_factory=Hardware)


@dataclass(slots=True)
class Run:
    """What came of it, by person."""

    case: Case
    pauses: list[list[Pause]]
    seen: list[Seen]
    explained: list[Explained]
    alone: list[float]
    work: list[Work]


def run(case: Case) -> Run:
    """Let people work, in virtual time."""
    random.seed(1)  # what waits between two tries is drawn
    return virtual_time.run(_worked(case))


async def _worked(case: Case) -> Run:
    servers = [SharedServer(case.hardware) for _ in range(case.servers)]
    people = [Person(n, _plan(n), servers) for n in range(case.people)]
    spread = case.coming / case.people
    working = [asyncio.create_task(each.work(n * spread)) for n, each in enumerate(people)]
    await asyncio.sleep(case.coming)
    for server in servers:
        server.work = Work()
    for person in people:
        person.forget()
    await asyncio.sleep(case.measured / 2)
    if case.killed:
        servers[0].kill()
    await asyncio.sleep(case.measured / 2)
    for task in working:
        assert not task.done() or not task.exception()  # nobody goes before the day is over
        task.cancel()
    await asyncio.wait(working)
    explained = [each for person in people for each in person.explained]
    return Run(
        case,
        [each.pauses for each in people],
        [each.seen for each in people],
        explained,
        [await _alone(each, case.hardware) for each in explained],
        [server.work for server in servers],
    )


def _plan(number: int) -> typist.Plan:
    name = list(replay.FILES)[number % len(replay.FILES)]
    return replay.planned(name, seed=number, revising=True)


async def _alone(explained: Explained, hardware: Hardware) -> float:
    """Return how long an action takes whose server does nothing else."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    said = explained.said
    async for _ in SharedServer(hardware).ask(explained.prompt, said, len(said)):
        pass
    return loop.time() - started


def figures(run: Run) -> dict[str, float]:
    """Return what is told of a run."""
    everybody = [pause for pauses in run.pauses for pause in pauses]
    shares = [_share([math.isfinite(p.seen) for p in pauses]) for pauses in run.pauses if pauses]
    slower = [each.seconds / alone for each, alone in zip(run.explained, run.alone, strict=True)]
    seconds = run.case.measured

    def each(amount: float) -> float:
        return amount / (run.case.people * seconds)

    return {
        "shown": _share([math.isfinite(p.seen) for p in everybody]),
        "served": _share([math.isfinite(p.seen) or p.empty for p in everybody]),
        "right_within_100ms": _share([p.right <= NOTICED for p in everybody if p.predictable]),
        "worst_to_median": min(shares) / max(statistics.median(shares), 1e-9),
        "refused": sum(work.refused for work in run.work),
        "refusals_shown": sum(len(seen.messages) for seen in run.seen),
        "lost_per_person": max(seen.lost for seen in run.seen),
        "explanations": len(run.explained),
        "explicit_p95_ratio": _p95(slower),
        "explicit_p95_s": _p95([each.seconds for each in run.explained]),
        "requests_a_second": sum(w.requests for w in run.work) / seconds,
        "busy": sum(w.busy for w in run.work) / seconds / len(run.work),
        "slots_each": each(sum(w.slot_seconds for w in run.work)),
        "people_for_slots": SLOTS / each(sum(w.slot_seconds for w in run.work)),
        "read_tokens_each": each(sum(w.read for w in run.work)),
        "decoded_tokens_each": each(sum(w.decoded for w in run.work)),
    }


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / max(len(hits), 1)


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else math.nan
