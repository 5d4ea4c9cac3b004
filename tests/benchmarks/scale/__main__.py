"""`make bench-scale`: what one simulated 70B on four GPUs is to 300 people who type without a rest.

The people are the typist of the replay, each with an assistant of their own; the server is TGI's
rules over a roofline of four H100. Then three servers, one of which is killed midway. All of it is
in virtual time, so the figures depend on nothing but the code. PEOPLE changes how many they are,
and EVERY after how many seconds of typing each has something explained. Prints a table, and what
it assumes; the last line is one JSON object of the case of one server, but
for what a killed one cost.
"""

from __future__ import annotations

import json
import math
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))

from arriero_backend.plan.terms import LOAD
from benchmarks.scale import hardware, person, runs, server

TOLD = {
    "served": "pauses served, or withheld",
    "shown": "pauses with a suggestion",
    "right_within_100ms": "right at once, where the model would be",
    "worst_to_median": "worst served person to the median",
    "refusals_shown": "refusals and failures that a person was told",
    "lost_per_person": "requests lost, of whoever lost most",
    "explanations": "explanations that ended",
    "explicit_p95_ratio": "explanations: p95 of the times alone",
    "explicit_p95_s": "explanations: p95, seconds",
    "requests_a_second": "requests a second",
    "refused": "requests refused",
    "busy": "share of the time that servers compute",
    "slots_each": "requests at once, for a person",
    "read_tokens_each": "tokens read a second, for a person",
    "decoded_tokens_each": "tokens generated a second, for a person",
    "people_for_slots": "people whom 128 requests at once are enough for",
}


def cases(people: int) -> dict[str, runs.Case]:
    """Return what is measured: a few for comparison, all at one server, all at three."""
    return {
        "few": runs.Case(max(people // 15, 1), coming=30, measured=60),
        "one server": runs.Case(people, coming=150, measured=75),
        "one of three killed": runs.Case(people, servers=3, killed=True, coming=60, measured=60),
    }


def assumptions() -> list[str]:
    """Return what nobody has measured, and what decides the figures all the same."""
    (least, most), gpu = person.WORDS, hardware.Hardware()
    bandwidth, arithmetic = gpu.bandwidth_share, gpu.arithmetic_share
    step, way = gpu.step_seconds * 1000, server.ROUND_TRIP * 1000
    return [
        "Assumed, without a source:",
        f"- Everybody types all the time, and has {person.EXPLAINED} lines explained after "
        f"{person.EVERY:g} seconds on average, in {least} to {most} tokens.",
        f"- {person.GOOD.accuracy:.0%} of the model's tokens are right.",
        f"- An H100 reaches {bandwidth:.0%} of the bandwidth and {arithmetic:.0%} of the "
        f"arithmetic of its datasheet, and a step takes {step:g} ms more.",
        f"- The way to the server and back takes {way:g} ms.",
    ]


def main() -> None:
    chosen = cases(int(os.environ.get("PEOPLE") or LOAD.people))
    with ProcessPoolExecutor(max_workers=2) as pool:
        done = dict(zip(chosen, pool.map(measured, chosen.values()), strict=True))
    table = Table("", *(f"{name}\n{case.people} people" for name, case in chosen.items()))
    for name, meaning in TOLD.items():
        table.add_row(meaning, *(f"{done[case][name]:.3g}" for case in done))
    Console(width=120).print(table)
    print(*assumptions(), sep="\n")
    everybody, killed = done["one server"], done["one of three killed"]
    print(last_line(everybody, killed))


def last_line(everybody: dict[str, float], killed: dict[str, float]) -> str:
    """Return the figures as JSON, which has no word for what too few explanations tell: null."""
    told: dict[str, float | None] = {
        name: round(everybody[name], 3) if math.isfinite(everybody[name]) else None for name in TOLD
    }
    told["refusals_shown"] = everybody["refusals_shown"] + killed["refusals_shown"]
    told["lost_per_person"] = killed["lost_per_person"]
    return json.dumps(told, allow_nan=False)


def measured(case: runs.Case) -> dict[str, float]:
    return runs.figures(runs.run(case))


if __name__ == "__main__":
    main()
