"""`make bench-overhead`: what the server costs, beside a floor that does nothing but answer.

    SERVER='command line' make bench-overhead     measures any other language server

Floor and server take turns, in shuffled order, and every ratio is one of medians over the rounds.
What needs the stub backend, or TCP, is null for other servers. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from measures import Completions, blocked, burst, edit_cost, growth, large, round_trips, running
from setting import environment, tokenizer_file
from spoken import Process
from stub_backend import Stub

FLOOR = [sys.executable, str(Path(__file__).with_name("floor.py"))]
OURS = [sys.executable, "-m", "arriero", "serve"]
TARGETS = {
    "startup_ratio": 6,
    "first_answer_ratio": None,  # nothing is promised of it: it says what the start leaves undone
    "rtt_p50_ratio": 2,
    "rtt_p99_ratio": 3,
    "added_p50_ms": 2,
    "added_p99_ms": 8,
    "edit_flatness": 2,
    "burst_p99_ms": 5,
    "burst_cpu": 0.10,
    "cancel_p50_ms": 3,
    "cancel_p99_ms": 15,
    "rss_idle_ratio": 2.4,
    "rss_loaded_ratio": 4.0,
    "growth_mb": 2,
    "large_edit_p99_ms": 20,
    "large_open_ms_per_mb": 15,
    "blocked_ms": 100,
}
SHORT = 20  # how many times less is done in the short form


class Rounds:
    """Figures by name, a list with one for each round."""

    def __init__(self) -> None:
        self._of: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        self._of[name].append(value)

    def median(self, name: str) -> float | None:
        return median(self._of[name]) if name in self._of else None

    def spread(self, name: str) -> str:
        return f"{min(self._of[name]):.4g} to {max(self._of[name]):.4g}"

    def names(self) -> list[str]:
        return list(self._of)


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest value that so many percent of them do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def take_turns(rounds: int, turns: list[Callable[[], None]], seed: int) -> None:
    shuffled = random.Random(seed)
    for _ in range(rounds):
        for turn in shuffled.sample(turns, len(turns)):
            turn()


def basics(seen: Rounds, who: str, argv: list[str], env: dict[str, str], less: int) -> None:
    """Measure what the floor can do too: starting, being there, answering."""
    for _ in range(1 if less > 1 else 3):
        with Process(argv, env) as server:
            server.initialize()
            seen.add(f"{who} startup_ms", 1e3 * server.age)
            # A server may answer that much before it is all there. It is once it answers more.
            server.request("benchmark/nothing", {})
            seen.add(f"{who} first_answer_ms", 1e3 * server.age)
            seen.add(f"{who} rss_idle_mb", server.memory)
            server.initialized()
            times = round_trips(server, 2000 // less)
            seen.add(f"{who} rtt_p50_us", 1e6 * percentile(times, 50))
            seen.add(f"{who} rtt_p99_us", 1e6 * percentile(times, 99))


def documents(seen: Rounds, argv: list[str], env: dict[str, str], less: int) -> None:
    with running(argv, env) as server:
        short = edit_cost(server, 100, 40 // min(less, 4))
        long = edit_cost(server, 100_000, 40 // min(less, 4))
        seen.add("edit_us, 100 lines", 1e6 * short)
        seen.add("edit_us, 100,000 lines", 1e6 * long)
        seen.add("edit_flatness", long / short)
        times, cpu = burst(server, 800 // less)
        seen.add("burst_p50_ms", 1e3 * percentile(times, 50))
        seen.add("burst_p99_ms", 1e3 * percentile(times, 99))
        seen.add("burst_cpu", cpu)


def suggestions(seen: Rounds, argv: list[str], env: dict[str, str], stub: Stub, less: int) -> None:
    with running(argv, env) as server:
        completions = Completions(server, stub.stamps())
        completions.added(5)
        seen.add("rss_loaded_mb", server.memory)
        times = completions.added(200 // less)
        seen.add("added_p50_ms", 1e3 * percentile(times, 50))
        seen.add("added_p99_ms", 1e3 * percentile(times, 99))
        times = completions.cancelled(200 // less)
        seen.add("cancel_p50_ms", 1e3 * percentile(times, 50))
        seen.add("cancel_p99_ms", 1e3 * percentile(times, 99))


def masses(seen: Rounds, argv: list[str], env: dict[str, str], less: int) -> None:
    with running(argv, env) as server:
        seen.add("growth_mb", growth(server, 100_000 // less, 10_000 // less))
    with running(argv, env) as server:
        opening, times = large(server, 1000 // less, 50 // less, 200 // less)
        seen.add("large_open_ms_per_mb", 1e3 * opening)
        seen.add("large_edit_p50_ms", 1e3 * percentile(times, 50))
        seen.add("large_edit_p99_ms", 1e3 * percentile(times, 99))


def measured(argv: list[str], rounds: int, less: int, seed: int) -> Rounds:
    seen = Rounds()
    with TemporaryDirectory() as folder, Stub() as stub:
        env = environment(stub.port, tokenizer_file(Path(folder)))
        with Process(argv, env) as server:
            server.initialize()
            suggests = "inlineCompletionProvider" in server.capabilities and argv == OURS
        take_turns(
            rounds,
            [
                lambda: basics(seen, "floor", FLOOR, env, less),
                lambda: basics(seen, "server", argv, env, less),
            ],
            seed,
        )
        turns = [lambda: documents(seen, argv, env, less)]
        if suggests:
            turns.append(lambda: suggestions(seen, argv, env, stub, less))
        take_turns(rounds, turns, seed)
        masses(seen, argv, env, less)
        if argv == OURS:
            seen.add("blocked_ms", 1e3 * blocked(argv, env, 50 // less))
    return seen


def results(seen: Rounds) -> dict[str, float | None]:
    """Return the figures that have a target."""
    ratios = {
        "startup_ratio": ("server startup_ms", "floor startup_ms"),
        "first_answer_ratio": ("server first_answer_ms", "floor first_answer_ms"),
        "rtt_p50_ratio": ("server rtt_p50_us", "floor rtt_p50_us"),
        "rtt_p99_ratio": ("server rtt_p99_us", "floor rtt_p99_us"),
        "rss_idle_ratio": ("server rss_idle_mb", "floor rss_idle_mb"),
        "rss_loaded_ratio": ("rss_loaded_mb", "floor rss_idle_mb"),
    }
    found: dict[str, float | None] = {}
    for name in TARGETS:
        above, below = (seen.median(each) for each in ratios.get(name, (name, name)))
        value = above / below if name in ratios and above and below else above
        found[name] = None if value is None else round(value, 3)
    return found


def shown(value: float | None) -> str:
    return "-" if value is None else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="one round, with little work in it")
    args = parser.parse_args()
    argv = shlex.split(os.environ.get("SERVER", "")) or OURS
    less = SHORT if args.short else 1
    seen = measured(argv, 1 if args.short else args.rounds, less, args.seed)
    for name in seen.names():
        print(f"{name:28}{seen.median(name):12.4g}    {seen.spread(name)}")
    found = results(seen)
    print()
    for name, target in TARGETS.items():
        value = found[name]
        known = value is not None and target is not None
        verdict = "" if not known else "reached" if value <= target else "SHORT OF IT"
        print(f"{name:28}{shown(value):>12}    <= {shown(target):<8}{verdict}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
