"""`make bench-replay`: how a policy serves a typist from a slow model, and what that costs.

The real `assist/` and `core/` under an event loop in virtual time, against a simulated model; the
figures depend on nothing but the code. Prints a table, with `WHY=1` also what kept suggestions from
being right in time; the last line is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from arriero import app, syntax
from arriero.assist.assistant import Assistant
from arriero.assist.gathering import Gathering
from arriero.core.context import SHARES
from benchmarks import typist, virtual_time
from benchmarks.desk import NOTICED, URI, Pause, Text, Typist
from benchmarks.one_file import OneFile, indexed
from benchmarks.slow_model import Served, SlowModel
from benchmarks.speaker import Luck, Speaker, Speed

TEXTS = Path(__file__).parent / "texts"
FILES = {"client.py.txt": "python", "jsonrpc.py.txt": "python", "server.ts.txt": "typescript"}
# Where they are from: the folder, whose other files are their workspace, and the path in it.
ROOT = Path(__file__).parents[2]
HOMES = {
    "client.py.txt": (ROOT / "server", "arriero/lsp/client.py"),
    "jsonrpc.py.txt": (ROOT / "server", "arriero/lsp/jsonrpc.py"),
    "server.ts.txt": (ROOT / "editors" / "vscode" / "src", "server.ts"),
}
SEEDS = (1, 2, 3)
REGION = 2800  # characters typed of each file, from line end to line end, after a quarter of it
SPEEDS = {
    "250/30": Speed(0.250, 0.030),
    "120/12": Speed(0.120, 0.012),
    "600/50": Speed(0.600, 0.050),
}
Row = dict[str, float]


@dataclass(slots=True)
class Run:
    """What came of one file with one seed."""

    characters: int
    pauses: list[Pause]
    requests: list[Served]
    accepted_tokens: int
    in_flight_max: int


def typed(name: str, seed: int, speed: Speed, *, revising: bool, workspace: bool = False) -> Run:
    """Type a file's region; in a `workspace` the model is shown parts of other files."""
    plan = planned(name, seed, revising=revising)
    if not workspace:
        return run_plan(plan, speed)
    folder, path = HOMES[name]
    with TemporaryDirectory() as place:
        index = indexed(folder, Path(place))
        gathering = Gathering(index, OneFile(URI, folder / path, folder))
        return run_plan(plan, speed, path, gathering)


def planned(name: str, seed: int, *, revising: bool) -> typist.Plan:
    """Plan to type a file's region."""
    truth = (TEXTS / name).read_text("utf-8")
    start = truth.index("\n", len(truth) // 4)
    stop = truth.rindex("\n", start, start + REGION)
    return typist.plan(truth, start, stop, seed, revising=revising, language=FILES[name])


def run_plan(
    plan: typist.Plan, speed: Speed, path: str = "pkg/file", gathering: Gathering | None = None
) -> Run:
    """Carry out a plan in virtual time."""
    return virtual_time.run(_typed(Text(plan, path), speed, gathering or Gathering()))


async def _typed(text: Text, speed: Speed, gathering: Gathering) -> Run:
    plan = text.plan
    luck = Luck(plan.truth, plan.seed, speed)
    model = SlowModel(Speaker(text, luck))

    async def connect(settings: object) -> SlowModel:
        return model

    assistant = Assistant(connect, lambda *_: None, app.redactor(), syntax)
    assistant.context.gathering = gathering
    # What is looked for in a thread comes at a moment that virtual time does not know.
    assistant.context.kinds = [kind for kind in SHARES if kind != "similar"]
    person = Typist(text, luck, assistant)
    await person.work()
    assistant.completer.forget_all()
    await assistant.context.close()
    await asyncio.sleep(0)
    await model.close()
    assert text.text == plan.truth, "the typist did not get to the true file"
    size = plan.stop - plan.start
    return Run(size, person.pauses, model.served, person.accepted_tokens, model.in_flight_max)


def measures() -> Mapping[str, Callable[[Sequence[Run]], float]]:
    """Return the figures of a row; each is a function of the runs that it is taken over."""

    def pauses(runs: Sequence[Run]) -> list[Pause]:
        return [pause for run in runs for pause in run.pauses]

    def predictable(runs: Sequence[Run]) -> list[Pause]:
        return [pause for pause in pauses(runs) if pause.predictable]

    def requests(runs: Sequence[Run]) -> list[Served]:
        return [served for run in runs for served in run.requests]

    def per_1000(amount: float, runs: Sequence[Run]) -> float:
        return 1000 * amount / sum(run.characters for run in runs)

    def decoded(runs: Sequence[Run]) -> int:
        return sum(served.decoded for served in requests(runs))

    def duplicates(runs: Sequence[Run]) -> int:
        found = 0
        for run in runs:
            known: set[int] = set()
            for served in run.requests:
                for start, stop in served.true_spans:
                    found += all(at in known for at in range(start, stop))
                    known.update(range(start, stop))
        return found

    def share(hits: Sequence[bool]) -> float:
        return sum(hits) / max(len(hits), 1)

    def right(runs: Sequence[Run]) -> float:
        return share([pause.right <= NOTICED for pause in predictable(runs)])

    def oracle(runs: Sequence[Run]) -> float:
        return share([pause.ideal <= NOTICED for pause in predictable(runs)])

    return {
        "right_within_100ms": right,
        "right_of_oracle": lambda runs: right(runs) / max(oracle(runs), 1e-9),
        "served": lambda runs: share([math.isfinite(p.seen) for p in pauses(runs)]),
        "withheld": lambda runs: share(
            [p.empty and not math.isfinite(p.seen) for p in pauses(runs)]
        ),
        "requests_per_1000": lambda runs: per_1000(len(requests(runs)), runs),
        "decoded_per_accepted": lambda runs: (
            decoded(runs) / max(sum(run.accepted_tokens for run in runs), 1)
        ),
        "tokens_per_1000": lambda runs: per_1000(decoded(runs), runs),
        "duplicate_share": lambda runs: duplicates(runs) / max(decoded(runs), 1),
        "uncached_prompt_chars_per_1000": lambda runs: per_1000(
            sum(served.uncached for served in requests(runs)), runs
        ),
        "prompt_shared": lambda runs: (
            1
            - sum(served.uncached for served in requests(runs))
            / max(sum(served.prompt for served in requests(runs)), 1)
        ),
        "in_flight_max": lambda runs: max(run.in_flight_max for run in runs),
        "after_unwanted_tokens_max": lambda runs: max(s.after_closing for s in requests(runs)),
    }


def figures(runs: Sequence[Run]) -> tuple[Row, Row]:
    """Return each figure over all runs, and the half width of its 95 % interval (jackknife)."""
    row, half = {}, {}
    for name, measure in measures().items():
        row[name] = round(measure(runs), 3)
        if name.endswith("_max"):
            half[name] = 0.0
            continue
        without = [measure([*runs[:n], *runs[n + 1 :]]) for n in range(len(runs))]
        count = len(runs)
        variance = (count - 1) / count * sum((w - statistics.mean(without)) ** 2 for w in without)
        half[name] = 1.96 * math.sqrt(variance)
    return row, half


Case = tuple[Speed, bool, bool]


def cases() -> dict[tuple[str, str], Case]:
    """Return what is measured, by typist and speed: the speed, whether they revise, a workspace."""
    found = {("revising", name): (speed, True, False) for name, speed in SPEEDS.items()}
    found |= {("linear", name): (speed, False, False) for name, speed in SPEEDS.items()}
    found["workspace", "250/30"] = (SPEEDS["250/30"], True, True)
    blind = replace(SPEEDS["250/30"], errors_seen=None)
    return found | {("no_logprobs", "250/30"): (blind, True, False)}


def _case(work: tuple[str, int, Case]) -> Run:
    name, seed, (speed, revising, workspace) = work
    return typed(name, seed, speed, revising=revising, workspace=workspace)


def main(argv: Sequence[str]) -> None:
    """Measure all cases, or those whose names are given: `revising 250/30`."""
    chosen = {key: case for key, case in cases().items() if all(word in key for word in argv)}
    work = [(name, seed, case) for case in chosen.values() for name in FILES for seed in SEEDS]
    with ProcessPoolExecutor(max_workers=2) as pool:
        runs = list(pool.map(_case, work))
    each = len(FILES) * len(SEEDS)
    result: dict[str, dict[str, Row]] = {}
    halves = {}
    for number, (kind, speed) in enumerate(chosen):
        row, halves[kind, speed] = figures(runs[number * each : (number + 1) * each])
        result.setdefault(kind, {})[speed] = row
    _print(result, halves)
    if os.environ.get("WHY"):
        reasons = Counter(pause.why for run in runs for pause in run.pauses if pause.why)
        for why, count in reasons.most_common():
            print(f"{count:6} {why}")
    print(json.dumps(result))


def _print(result: dict[str, dict[str, Row]], halves: dict[tuple[str, str], Row]) -> None:
    columns = [(kind, speed) for kind, rows in result.items() for speed in rows]
    table = Table("per 1000 characters", *(f"{kind}\n{speed}" for kind, speed in columns))
    for name in measures():
        cells = [
            f"{result[kind][speed][name]:.5g} ± {halves[kind, speed][name]:.2g}"
            for kind, speed in columns
        ]
        table.add_row(name, *cells)
    Console(width=180).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
