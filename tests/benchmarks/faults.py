"""`make bench-faults`: every fault x every way to ask x every moment at which the fault can occur.

A cell is one fresh server and one fresh editor. Something is asked while the fault lasts, then it
ends, and the same is asked again. Prints a table, says which moments are left out and why; the last
line is one JSON object. `CELLS=words` takes the cells whose name has these words in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.table import Table
from tenacity import wait_none

sys.path.insert(0, str(Path(__file__).parents[1]))

from arriero.model import retry
from arriero_backend.faults.script import Moment
from benchmarks.faulty import ALL, House, desk, house, open_files
from desk import Desk
from e2e.truth import CURSOR, DOCUMENTATION, REST_OF_LINE, TRUTH, without

KINDS = ("automatic", "invoked", "action")
DEADLINES = {"connect": 2, "info": 0.5, "first_token": 1, "between_tokens": 1, "total": 6}
NEVER = 20.0  # seconds after which a request counts as unanswered
SOON = 2.0  # seconds within which all is well again


@dataclass(frozen=True, slots=True)
class Cell:
    fault: str
    moment: Moment
    kind: str

    def __str__(self) -> str:
        return f"{self.fault} / {self.moment} / {self.kind}"


@dataclass(slots=True)
class Outcome:
    """What came of a cell; `faults` says in words what should not have."""

    wrong_edits: int = 0
    unanswered: int = 0
    leaked: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def survived(self) -> bool:
        return not (self.wrong_edits or self.unanswered or self.leaked or self.faults)


class Errors(logging.Handler):
    """Notes what is logged as an error: no fault of a server is one of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage().partition("\n")[0])


def cells(words: str = "") -> Iterator[Cell]:
    """Yield the cells, those of a fault together."""
    for name, fault in ALL.items():
        for moment in fault.moments:
            for kind in KINDS:
                if words in str(cell := Cell(name, moment, kind)):
                    yield cell


async def tried(cell: Cell, folder: Path, seen: Counter[object]) -> Outcome:
    """Try one cell in an empty folder; `seen` counts what was sent instead of answers."""
    outcome, errors = Outcome(), Errors()
    logging.getLogger().addHandler(errors)
    tasks, files = asyncio.all_tasks(), open_files()
    try:
        async with house(folder, cell.fault) as made:
            await asyncio.wait_for(_lived(cell, folder, made, outcome), NEVER * 3)
            for script in made.server.scripts[:1]:
                seen[cell.kind, cell.moment, tuple(script)] += 1
    except Exception as error:
        outcome.faults.append(f"{type(error).__name__}: {error}")
    finally:
        logging.getLogger().removeHandler(errors)
    await asyncio.sleep(0)
    outcome.leaked = len(asyncio.all_tasks() - tasks) + max(0, open_files() - files)
    outcome.faults += [f"logged: {said}" for said in errors.said]
    return outcome


async def _lived(cell: Cell, folder: Path, made: House, outcome: Outcome) -> None:
    if cell.moment == "meeting":
        await made.begin("meeting")
    async with desk(folder, made, DEADLINES) as sitting:
        if cell.moment != "meeting":
            await sitting.client.until("arriero/status", lambda status: status["state"] == "ready")
            # From now on, typing tells nothing more; at the meeting it may, once.
            await asked(sitting, cell.kind, "first/paths.py")
            await made.begin(cell.moment)
        before = len(sitting.messages)
        came = await asyncio.wait_for(asked(sitting, cell.kind, "paths.py"), NEVER)
        said = sitting.messages[0 if cell.moment == "meeting" else before :]
        judge(cell, came, said, outcome)
        await made.end()
        await recovers(sitting, cell.kind, outcome)


async def asked(sitting: Desk, kind: str, name: str) -> str:
    """Ask in a fresh document; return what became of its text, "" where nothing did."""
    missing = DOCUMENTATION if kind == "action" else REST_OF_LINE
    sitting.open(without(missing), name)
    if kind == "action":
        await sitting.choose("document")
        unchanged = sitting.text == without(missing).replace(CURSOR, "")
        return "" if unchanged else sitting.text
    ask = sitting.suggestion_while_typing if kind == "automatic" else sitting.suggestion
    return await ask() or ""


def judge(cell: Cell, came: str, said: Sequence[str], outcome: Outcome) -> None:
    """See that only what is right came, else the one right message or none."""
    fault = ALL[cell.fault]
    begun = cell.kind != "action" and REST_OF_LINE.startswith(came)  # complete as far as it goes
    if came and not (begun or right(came, cell.kind)):
        outcome.wrong_edits += 1
    if fault.harmless:
        if not right(came, cell.kind):
            outcome.faults.append("the answer did not come through")
        if said:
            outcome.faults.append(f"said {said}")
        return
    most = 0 if cell.kind == "automatic" else 1
    if cell.moment == "meeting":
        most = 2 if most else 1  # the start says it too
    least = 1 if cell.kind != "automatic" and not came and fault.says else 0
    if not least <= len(said) <= most or any(str(fault.says) not in words for words in said):
        outcome.faults.append(f"said {said}")


def right(came: str, kind: str) -> bool:
    """Tell whether all came that was asked for; unasked, it ends where the model guesses."""
    if kind == "action":
        return came == TRUTH
    return (
        came == REST_OF_LINE if kind == "invoked" else bool(came) and REST_OF_LINE.startswith(came)
    )


async def recovers(sitting: Desk, kind: str, outcome: Outcome) -> None:
    """Ask until all is well again; that takes one request, or 2 seconds."""
    clock = asyncio.get_running_loop().time
    ended = clock()
    for number in range(1000):
        asking = asked(sitting, kind, f"again/{number}/paths.py")
        if right(await asyncio.wait_for(asking, NEVER), kind):
            return
        if clock() - ended > SOON + 0.5:
            break
        await asyncio.sleep(0.05)
    outcome.faults.append("it did not recover")


async def main(words: str = "") -> int:
    retry.BACKOFF = wait_none()  # how long to wait between tries is tested elsewhere
    outcomes: dict[Cell, Outcome] = {}
    seen: Counter[object] = Counter()
    for cell in cells(words):
        with tempfile.TemporaryDirectory() as folder:
            outcomes[cell] = await tried(cell, Path(folder), seen)
    show(outcomes)
    alike = sum(times - 1 for times in seen.values())
    print(json.dumps(summary(outcomes) | {"sent_twice": alike}))
    return 0 if all(outcome.survived for outcome in outcomes.values()) and not alike else 1


def summary(outcomes: dict[Cell, Outcome]) -> dict[str, int]:
    """Return the figures of the last line."""
    every = outcomes.values()
    return {
        "cells": len(every),
        "survived": sum(outcome.survived for outcome in every),
        "unanswered": sum("TimeoutError" in str(outcome.faults) for outcome in every),
        "wrong_edits": sum(outcome.wrong_edits for outcome in every),
        "leaked": sum(outcome.leaked for outcome in every),
    }


def show(outcomes: dict[Cell, Outcome]) -> None:
    """Print a row per fault, what went wrong, and which moments are left out."""
    table = Table("fault", "what happens", *get_args(Moment), box=None)
    for name in dict.fromkeys(cell.fault for cell in outcomes):
        marks = []
        for moment in get_args(Moment):
            own = [o for c, o in outcomes.items() if (c.fault, c.moment) == (name, moment)]
            marks.append(f"{sum(o.survived for o in own)}/{len(own)}" if own else "-")
        table.add_row(name, ALL[name].about, *marks)
    console = Console(width=150)
    console.print(table)
    for cell, outcome in outcomes.items():
        if not outcome.survived:
            console.print(f"{cell}: {outcome}", markup=False)
    console.print("\nA moment with a dash is left out:")
    reasons = {fault.elsewhere for fault in ALL.values()}
    for reason in sorted(reasons):
        names = [name for name, fault in ALL.items() if fault.elsewhere == reason]
        console.print(f"  {reason}: {', '.join(names)}", markup=False)
    console.print(
        "Not here: too many requests of one's own (tests/model/test_slots.py), another model after "
        "a restart (tests/model), answers of another form (make bench-fidelity), and a clock that "
        "jumps, since none that can is looked at.",
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main(os.environ.get("CELLS", ""))))
