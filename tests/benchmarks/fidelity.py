"""Answers to edits: does a noisy answer become exactly the right edit. `make bench-fidelity`.

Every case is a file, lines in it, and the true new lines. The lines are chosen in an editor in
memory, the real server asks over HTTP, and the simulated 70B says the true lines wrapped in a form
of noise (`arriero_backend.simulated.noise`), or in two. What the editor then holds is exact,
refused (untouched), or wrong. The fixed programs of HumanEvalFix are run, each in a process of its
own.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

import wire
from arriero.lsp.peer import ResponseError
from arriero.lsp.positions import Position, Range
from arriero.model.endpoint import Endpoint
from arriero.model.tgi import Tgi
from arriero_backend.simulated.application import app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.noise import FORMS
from benchmarks.cases import Case, cases, failure
from desk import Desk
from model.contractserver import served

wire.HANGS = 3600  # seconds: a busy machine is slow, and nothing hangs
AT_ONCE = 10  # cases for one server and one model
TYPED = "typed()"
SINGLE = ((), *((form,) for form in FORMS))


@dataclass
class Bench:
    """An editor, a server and a model that know some cases."""

    desk: Desk
    engine: SimulatedEngine

    @classmethod
    @asynccontextmanager
    async def of(cls, picked: Sequence[Case], seed: int):
        with tempfile.TemporaryDirectory() as folder:
            truth = Path(folder) / "truth"
            truth.mkdir()
            for number, case in enumerate(picked):
                (truth / _file(number)).write_text(case.truth, "utf-8")
            engine = SimulatedEngine(truth)
            engine.orders = replace(engine.orders, seed=seed)
            async with (
                served(app(engine)) as url,
                Desk.at(Path(folder), model=Tgi(Endpoint(url))) as desk,
            ):
                yield cls(desk, engine)

    async def played(
        self, number: int, case: Case, forms: Sequence[str], typing: Sequence[int] = ()
    ) -> str:
        """Choose the action; return exact, refused or wrong.

        `typing` are lines above which a line is typed while the model answers.
        """
        desk, engine = self.desk, self.engine
        engine.orders = replace(engine.orders, noise=tuple(forms))
        desk.uri = uri = (desk.root / _file(number)).as_uri()
        if uri in desk.client.documents:
            desk.client.close(uri)
        desk.client.open(uri, case.text, case.language)
        text = Typed(case)
        waiting = list(typing)

        def type_on(value) -> None:
            if value["kind"] == "report" and waiting:
                at = Position(text.type(waiting.pop()), 0)
                desk.client.change(uri, Range(at, at), f"{TYPED}\n")

        desk.client.on_progress = type_on
        chosen = Range(Position(case.start, 0), Position(case.stop, 0))
        span = {"start": chosen.start._asdict(), "end": chosen.end._asdict()}
        problems = [{"range": span, "message": case.problem}] if case.problem else []
        items = await desk.client.code_actions(uri, chosen, diagnostics=problems)
        command = next(
            item["command"]
            for item in items
            if item["command"]["arguments"][0]["action"] == case.action
        )
        with suppress(ResponseError):  # The text moved on: what counts is the text.
            await desk.client.execute(command["command"], command["arguments"])
        if desk.text == text.right:
            return "exact"
        return "refused" if desk.text == text.untouched else "wrong"


@dataclass
class Typed:
    """A case's text while somebody types: each line with its number in the case, or None."""

    case: Case
    lines: list[tuple[str, int | None]] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [(line, number) for number, line in enumerate(self.case.lines)]

    def type(self, above: int) -> int:
        """Type a line above one of the case's; return where it stands now."""
        at = next(n for n, (_, number) in enumerate(self.lines) if number == above)
        self.lines.insert(at, (TYPED, None))
        return at

    @property
    def untouched(self) -> str:
        return "\n".join(line for line, _ in self.lines)

    @property
    def right(self) -> str | None:
        """The text with the true edit; None where somebody typed into the lines that it changes."""
        numbers = [number for _, number in self.lines]
        start = numbers.index(self.case.start)
        stop = start + self.case.stop - self.case.start
        if numbers[start:stop] != list(range(self.case.start, self.case.stop)):
            return None
        texts = [line for line, _ in self.lines]
        return "\n".join([*texts[:start], self.case.new, *texts[stop:]])


def _file(number: int) -> str:
    return f"case_{number}.txt"


def _picked(data: Path, most: int, random: Random) -> list[Case]:
    sets: dict[str, list[Case]] = defaultdict(list)
    for case in cases(data):
        sets[case.name.partition("/")[0]].append(case)
    return [case for each in sets.values() for case in random.sample(each, min(most, len(each)))]


async def bench(data: Path, *, most: int, seed: int = 1) -> dict[str, object]:
    """Run everything on at most so many cases of each set; return the figures."""
    random = Random(seed)
    picked = _picked(data, most, random)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    run = passed = 0
    for first in range(0, len(picked), AT_ONCE):
        some = [_with_problem(case) for case in picked[first : first + AT_ONCE]]
        async with Bench.of(some, random.randrange(1 << 30)) as one:
            for number, case in enumerate(some):
                for forms in (*SINGLE, tuple(random.sample(tuple(FORMS), 2))):
                    name = "two forms" if len(forms) > 1 else (*forms, "clean")[0]
                    became = await one.played(number, case, forms)
                    table[name][became] += 1
                    if became == "wrong":
                        print(f"wrong: {case.name} in {forms}")
                    if case.runs and not forms:
                        run += 1
                        passed += not failure(one.desk.text, case)
                typing = [random.randrange(len(case.lines)) for _ in range(random.randint(1, 3))]
                table["typing"][await one.played(number, case, (), typing)] += 1
    for name, counts in table.items():
        print(
            f"{name:18}", *(f"{kind} {counts[kind]:<6}" for kind in ("exact", "refused", "wrong"))
        )
    total = sum((counts for counts in table.values()), Counter())
    single = sum((table[name] for name in ("clean", *FORMS)), Counter())
    return {
        "cases": sum(total.values()),
        "exact": total["exact"],
        "refused": total["refused"],
        "wrong": total["wrong"],
        "single_exact_share": round(single["exact"] / max(single.total(), 1), 4),
        "fix_run": run,
        "fix_passed": passed,
    }


def _with_problem(case: Case) -> Case:
    """Return the case with what its failing test says, as another server would report it."""
    return replace(case, problem=failure(case.text, case)) if case.runs else case


if __name__ == "__main__":
    where = Path(os.environ.get("DATA", "../shared/data"))
    if not where.is_dir():
        sys.exit(f"There is no data at {where}; say where it is: make bench-fidelity DATA=DIR")
    print(json.dumps(asyncio.run(bench(where, most=int(os.environ.get("CASES", "1000000"))))))
