"""`make bench-burst`: the real process over stdio, before a simulated 70B over HTTP, in real time.

Somebody types twenty characters that the model foresees, then eight more, each awaited; and types a
part of the replay's text, whose requests are held against those of the same typist in virtual time.
`SERVER='command line'` replays the burst against another language server. Prints the figures; the
last line is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from arriero.core.text import Excerpt
from arriero.lsp.client import Client
from arriero.lsp.peer import ResponseError
from arriero_backend.simulated.application import app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.orders import Orders
from benchmarks import replay, typist
from benchmarks.desk import Text, Typist
from benchmarks.speaker import Luck, Speed
from engines import on_loopback

TRUTH = """import math


def distance(here, there):
    return math.hypot(here[0] - there[0], here[1] - there[1])
"""
FROM = TRUTH.index("return") + 2
KEYS, THROUGH, ROUNDS = 20, 8, 5
KEY_GAP = 0.120  # seconds
BURST = Speed(0.800, 0.030)  # as the peers were measured
REPLAYED = ("server.ts.txt", 1600)  # characters
SURE = -0.01  # log-probability of each token: the model is never wrong here, and says so
PERFECT = Speed(0.250, 0.030, accuracy=1.0, sure=SURE)


class Slow(SimulatedEngine):
    """The simulated model with a time to its first token, and sure of what it says."""

    def __init__(self, truth: Path, speed: Speed) -> None:
        super().__init__(truth, Orders(speed=1 / speed.per_token))
        self.first_token = speed.first_token - speed.per_token

    async def generate(self, *args: Any) -> AsyncIterator[Any]:
        await asyncio.sleep(self.first_token)
        async for token in super().generate(*args):
            yield replace(token, logprob=SURE)


@asynccontextmanager
async def served(argv: Sequence[str], truths: Mapping[str, str], speed: Speed):
    """Start a model that knows the true files, and a server before it; yield both."""
    with tempfile.TemporaryDirectory() as folder:
        model = Slow(_written(truths, Path(folder)), speed)
        async with on_loopback(app(model)) as http:
            url = str(http.base_url).rstrip("/")
            env = os.environ | {"ARRIERO_URL": url}
            settings = {"arriero": {"url": url}}
            spawned = Client.spawn(argv, Path(folder), settings=settings, env=env)
            async with spawned as client:
                yield client, model


def _written(truths: Mapping[str, str], folder: Path) -> Path:
    for name, text in truths.items():
        (folder / name).write_text(text, "utf-8", newline="")
    return folder


@dataclass(slots=True)
class Burst:
    """What came of the bursts: requests to the model in each, and how the server answered."""

    requests: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    through_ms: list[float] = field(default_factory=list)
    through_requests: int = 0
    unanswered: int = 0


class Desk:
    """An editor's side of one document that is typed at its end."""

    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.uri = f"file:///burst{number}.py"
        self.end = FROM
        client.open(self.uri, TRUTH[: self.end], "python")

    def key(self) -> Any:
        """Type the next character of the truth, and ask; return the call."""
        self.end += 1
        self.client.change(self.uri, None, TRUTH[: self.end])
        line, _, column = TRUTH[: self.end].rpartition("\n")
        place = {"line": line.count("\n") + 1, "character": len(column)}
        inline = "inlineCompletionProvider" in self.client.capabilities
        params = {
            "textDocument": {"uri": self.uri},
            "position": place,
            "context": {"triggerKind": 2 if inline else 1},
        }
        method = "inlineCompletion" if inline else "completion"
        return self.client.send(f"textDocument/{method}", params)


async def burst(desk: Desk, model: Slow, found: Burst) -> None:
    """Type twenty characters, each of which cancels the request before; then eight more."""
    begun = len(model.records)
    calls, shown = [], 0
    for _ in range(KEYS):
        if calls:
            desk.client.cancel(calls[-1])
        calls.append(desk.key())
        await asyncio.sleep(KEY_GAP)
        shown += bool(calls[-1].answer.done() and await _items(calls[-1]))
    answers = await asyncio.gather(*map(_items, calls))
    found.answered.append(sum(answer is not None for answer in answers))
    found.unanswered += sum(not call.answer.done() for call in calls)
    found.shown.append(shown)
    found.requests.append(len(model.records) - begun)
    begun = len(model.records)
    for _ in range(THROUGH):
        started = time.perf_counter()
        await _items(desk.key())
        found.through_ms.append(1000 * (time.perf_counter() - started))
    found.through_requests += len(model.records) - begun


async def _items(call: Any) -> list[Any] | None:
    """Return what a call was answered with: nothing, for one that was cancelled."""
    try:
        async with asyncio.timeout(10):
            result = await asyncio.shield(call.answer)
    except ResponseError:
        return []
    except TimeoutError:
        return None
    return result["items"] if isinstance(result, dict) else result or []


class Editor:
    """Stands for the assistant of the virtual desk: every question goes to the real server."""

    def __init__(self, client: Client, text: str) -> None:
        self.client = client
        self.uri = "file:///replayed.ts"
        client.open(self.uri, text, "typescript")

    async def suggest(self, uri: str, excerpt: Excerpt, *, explicit: bool) -> str | None:
        self.client.change(self.uri, None, excerpt.before + excerpt.after)
        place = excerpt.before.count("\n"), len(excerpt.line_before)
        params = {
            "textDocument": {"uri": self.uri},
            "position": {"line": place[0], "character": place[1]},
            "context": {"triggerKind": 2},
        }
        result = await self.client.request("textDocument/inlineCompletion", params)
        return next((item["insertText"] for item in result["items"]), None)


def planned(characters: int) -> typist.Plan:
    """Return what is typed of the replay's text: straight on, as the simulated 70B fills no gap."""
    truth = (replay.TEXTS / REPLAYED[0]).read_text("utf-8")
    start = truth.index("\n", len(truth) // 4)
    stop = truth.rindex("\n", start, start + characters)
    return typist.plan(truth, start, stop, 1, revising=False, language="typescript")


async def replayed(argv: Sequence[str], characters: int) -> float:
    """Return the requests of the real process as a share of those that the policy makes."""
    plan = planned(characters)
    async with served(argv, {"replayed.ts": plan.truth}, PERFECT) as (client, model):
        text = Text(plan)
        await Typist(text, Luck(plan.truth, 1, PERFECT), Editor(client, text.text)).work()
        real = len(model.records)
    virtual = await asyncio.to_thread(replay.run_plan, planned(characters), PERFECT)
    foreseen = len(virtual.requests)
    print(f"{plan.stop - plan.start} characters: {real} requests, {foreseen} in virtual time")
    return real / foreseen


async def measured(argv: Sequence[str], *, rounds: int, characters: int) -> dict[str, float]:
    found = Burst()
    async with served(argv, {"burst.py": TRUTH}, BURST) as (client, model):
        for number in range(rounds):
            await burst(Desk(client, number), model, found)
    figures = {
        "burst_requests": max(found.requests),
        "burst_answered": min(found.answered),
        "burst_shown_while_typing": statistics.median(found.shown),
        "typed_through_p50_ms": round(statistics.median(found.through_ms), 2),
        "typed_through_p99_ms": round(statistics.quantiles(found.through_ms, n=100)[98], 2),
        "typed_through_requests": found.through_requests,
        "unanswered": found.unanswered,
    }
    if characters:
        figures["replay_requests_ratio"] = round(await replayed(argv, characters), 3)
    return figures


def main() -> None:
    other = os.environ.get("SERVER", "")
    argv = shlex.split(other) or [sys.executable, "-m", "arriero", "serve"]
    characters = 0 if other else REPLAYED[1]
    figures = asyncio.run(measured(argv, rounds=ROUNDS, characters=characters))
    for name, value in figures.items():
        print(f"{name:28} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
