"""`make soak`, its second part: people type ten times as fast as they can at a server that fails.

The real process over stdio, for MINUTES (10); one answer in ten is spoiled by a fault at random.
People type what the model knows, cancel at every key, ask by hand, and choose actions. Every
request has to be answered once, every edit has to be right, and the memory has to stay as it was.
The last line is one JSON object; SEED brings a run back as far as time allows.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from arriero.errors import ArrieroError, ResponseError
from arriero.lsp.client import AUTOMATIC, INVOKED, Client
from arriero.lsp.peer import Call
from arriero_backend.faults.script import Moment
from arriero_backend.faults.server import FaultyServer, Request, serving
from arriero_backend.faults.table import FAULTS, Fault
from arriero_backend.simulated.application import app as simulated
from arriero_backend.simulated.engine import SimulatedEngine
from desk import FULL, Desk
from e2e.house import SERVE, settings
from e2e.truth import CURSOR, DOCUMENTATION, REST_OF_LINE, TRUTH, without, write

SHARE = 0.1  # of answers that are spoiled
KEY = 0.0254  # seconds a key: a tenth of the mean gap of people who type
PEOPLE = 3
FILES = 40  # of each person, closed and opened again
NEVER = 30.0  # seconds after which a request counts as unanswered
SAMPLE = 2.0  # seconds between two looks at the memory
DEADLINES = {"connect": 1.0, "info": 0.5, "first_token": 0.5, "between_tokens": 0.5, "total": 2.0}

# Fewer bytes than the floods have, which would only measure the loopback.
FLOODS = ("longest line", "endless prose", "endless comments", "gzip bomb")


class Chaos(FaultyServer):
    """Spoils one answer in ten."""

    dice = random.Random(0)

    def ordered(self, request: Request, *, kept: bool) -> tuple[Fault, Moment] | None:
        if self.dice.random() >= SHARE:
            return None
        often = 0.02 if self.dice.random() < 0.5 else 0.0
        names = FLOODS if self.dice.random() < often else [n for n in FAULTS if n not in FLOODS]
        fault = FAULTS[self.dice.choice(list(names))]
        return fault, self.dice.choice(fault.moments)


@dataclass(slots=True)
class Tally:
    """What came of it."""

    requests: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    unanswered: int = 0
    suggested: int = 0
    wrong_suggestions: int = 0
    edits: int = 0
    wrong_edits: int = 0
    crashes: int = 0


async def person(desk: Desk, name: str, dice: random.Random, tally: Tally) -> None:
    """Begin a line in one file after the other, ask by hand now and then, or for documentation.

    Of a file that was closed nothing is remembered, so the model is asked often.
    """
    for round_ in range(10**9):
        if dice.random() < 0.3:
            await documents(desk, f"{name}/{round_ % FILES}/paths.py", tally)
        else:
            await types(desk, f"{name}/{round_ % FILES}/paths.py", dice, tally)
        desk.client.close(desk.uri)
        desk.client.heard.clear()
        desk.client.messages.clear()
        desk.client.edits.clear()


async def types(desk: Desk, name: str, dice: random.Random, tally: Tally) -> None:
    desk.open(without(REST_OF_LINE), name)
    call = None
    async with asyncio.TaskGroup() as judging:
        for place, key in enumerate(REST_OF_LINE[: dice.randint(2, 12)]):
            if call and dice.random() < 0.9:
                desk.client.cancel(call)  # as editors do
            call = asks(desk, INVOKED if dice.random() < 0.02 else AUTOMATIC, tally)
            judging.create_task(judged(call, REST_OF_LINE[place:], tally))
            await asyncio.sleep(dice.expovariate(1 / KEY))
            desk.type(key)


def asks(desk: Desk, trigger: int, tally: Tally) -> Call:
    tally.requests["invoked" if trigger == INVOKED else "automatic"] += 1
    place = {"textDocument": {"uri": desk.uri}, "position": desk.cursor._asdict()}
    context = {"context": {"triggerKind": trigger}}
    return desk.client.send("textDocument/inlineCompletion", place | context)


async def judged(call: Call, rest: str, tally: Tally) -> None:
    """Wait for the answer; what comes has to be what the person is about to type."""
    try:
        found = await asyncio.wait_for(call.answer, NEVER)
    except TimeoutError:
        tally.unanswered += 1
        return
    except ResponseError:
        found = None  # cancelled: an answer as well
    tally.answered += 1
    for item in found["items"] if found else ():
        tally.suggested += 1
        tally.wrong_suggestions += not rest.startswith(item["insertText"].rstrip())


async def documents(desk: Desk, name: str, tally: Tally) -> None:
    desk.open(without(DOCUMENTATION), name)
    tally.requests["action"] += 1
    try:
        async with asyncio.timeout(NEVER):
            await desk.choose("document")
        tally.answered += 1
    except TimeoutError:
        tally.unanswered += 1
    except ResponseError:
        tally.answered += 1
    changed = desk.text != without(DOCUMENTATION).replace(CURSOR, "")
    tally.edits += changed
    tally.wrong_edits += changed and desk.text != TRUTH


def resident(pid: int) -> float:
    """Return the memory of a process in MB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def chaos(seconds: float, seed: int, folder: Path) -> dict[str, object]:
    """Let people loose on the server for so long; return the figures."""
    tally, memory, dice = Tally(), list[float](), random.Random(seed)
    Chaos.dice = random.Random(seed)
    engine = SimulatedEngine(write(folder / "truth").parent)
    async with serving(simulated(engine), Chaos) as model:
        process = await asyncio.create_subprocess_exec(
            *SERVE, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=folder
        )
        url = f"http://127.0.0.1:{model.port}"
        told = settings(url, deadlines=DEADLINES, completion={"pace": 0.02})
        try:
            async with Client.over(
                process.stdout, process.stdin, folder, settings=told, capabilities=FULL
            ) as client:
                people = [
                    asyncio.create_task(
                        person(
                            Desk(None, client, folder), f"p{n}", random.Random(dice.random()), tally
                        )
                    )
                    for n in range(PEOPLE)
                ]
                await watched(process, seconds, memory, people, tally)
                for each in people:
                    each.cancel()
                await asyncio.gather(*people, return_exceptions=True)
        except ArrieroError:
            tally.crashes += 1
        code = await process.wait()
    tenth = max(1, len(memory) // 10)
    early = statistics.median(memory[tenth : 2 * tenth] or [0])
    late = statistics.median(memory[-tenth:] or [0])
    return {
        "minutes": round(seconds / 60, 2),
        "requests": sum(tally.requests.values()),
        **dict(sorted(tally.requests.items())),
        "spoiled": len(model.scripts),
        "suggested": tally.suggested,
        "wrong_suggestions": tally.wrong_suggestions,
        "edits": tally.edits,
        "wrong_edits": tally.wrong_edits,
        "unanswered": tally.unanswered,
        "crashes": tally.crashes + (code != 0),
        "memory_mb": [round(early, 1), round(late, 1)],
        "memory_growth": round(late / early - 1, 3) if early else None,
    }


async def watched(
    process: asyncio.subprocess.Process,
    seconds: float,
    memory: list[float],
    people: list[asyncio.Task[None]],
    tally: Tally,
) -> None:
    """Look at the memory until the time is over, or somebody gave up."""
    clock = asyncio.get_running_loop().time
    ends = clock() + seconds
    while clock() < ends:
        await asyncio.sleep(min(SAMPLE, ends - clock()))
        memory.append(resident(process.pid))
        if process.returncode is not None:
            tally.crashes += 1
            return
        for each in people:
            if each.done():
                each.result()


async def main() -> int:
    minutes = float(os.environ.get("MINUTES") or 10)
    seed = int(os.environ.get("SEED") or 1)
    with tempfile.TemporaryDirectory() as folder:
        figures = await chaos(minutes * 60, seed, Path(folder))
    print(json.dumps(figures))
    return 0 if fine(figures) else 1


def fine(figures: dict[str, object]) -> bool:
    """Tell whether nothing went wrong; a short run says nothing of the memory."""
    wrong = ("wrong_edits", "wrong_suggestions", "unanswered", "crashes")
    grown = figures["memory_growth"]
    flat = grown is None or figures["minutes"] < 5 or grown <= 0.1
    return flat and not any(figures[name] for name in wrong)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
