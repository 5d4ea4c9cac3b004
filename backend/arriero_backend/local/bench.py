"""How fast an engine is on this computer, and what it takes.

The prompt is code of its own, cut to length by the engine's tokenizer, so that every run reads the
same; memory is what the system says of this process, the mapped weights apart where it tells them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from arriero_backend.engine import Sampling
from arriero_backend.local.engine import LlamaEngine

PROMPTS = (500, 1500)  # tokens
ANSWER = 64  # tokens
ROUNDS = 3
CODE = Path(__file__).read_text("utf-8") * 8


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: medians of the rounds. `first_token_s` is by tokens of the prompt.

    `known_first_token_s` is the same where all but the last of the prompt was read before. `own_mb`
    is memory that the process has for itself, None where the system does not tell it apart.
    """

    model: str
    engine: str
    load_s: float
    first_token_s: dict[int, float]
    known_first_token_s: float
    tokens_per_s: float
    memory_mb: float | None
    own_mb: float | None


async def measure(engine: LlamaEngine, rounds: int = ROUNDS) -> Figures:
    """Load the model and let it work. Raises ModelError."""
    began = time.perf_counter()
    await engine.start()
    load = time.perf_counter() - began
    try:
        text = [token.id for token in engine.encode(CODE)]
        first = {}
        for length in PROMPTS:
            # A new first token each time: nothing of the prompt is known.
            prompts = [text[n + 1 : n + 1 + length] for n in range(rounds)]
            first[length] = median([(await _timed(engine, ids, 1))[0] for ids in prompts])
        again = [await _timed(engine, prompts[-1], ANSWER) for _ in range(rounds)]
        everything, own = memory()
        return Figures(
            model=engine.facts.model_id,
            engine=engine.kind,
            load_s=load,
            first_token_s=first,
            known_first_token_s=median([soonest for soonest, _ in again]),
            tokens_per_s=median([(ANSWER - 1) / rest for _, rest in again]),
            memory_mb=everything,
            own_mb=own,
        )
    finally:
        await engine.close()


async def _timed(engine: LlamaEngine, ids: Sequence[int], most: int) -> tuple[float, float]:
    """Generate; return the seconds to the first token, and from there to the last."""
    began = time.perf_counter()
    first = last = began
    async with aclosing(engine.generate("", ids, Sampling(), most)) as tokens:
        async for _ in tokens:
            last = time.perf_counter()
            if first == began:
                first = last
    return first - began, last - first


def memory() -> tuple[float | None, float | None]:
    """Return the process's memory in megabytes, and how much of it no file has (Linux)."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        return None, None
    told = {line.partition(":")[0]: line.split()[1] for line in lines if line.endswith(" kB")}
    return int(told["VmRSS"]) / 1000, int(told["RssAnon"]) / 1000


def told(figures: Figures) -> str:
    """Say the figures to people."""
    lines = [
        f"{figures.model}, computed by {figures.engine}",
        f"  {figures.tokens_per_s:.0f} tokens a second",
    ]
    lines += [
        f"  {seconds:.2f} s to the first token after {length} tokens that are new"
        for length, seconds in figures.first_token_s.items()
    ]
    lines.append(f"  {figures.known_first_token_s:.3f} s where the prompt was read before")
    lines.append(f"  {figures.load_s:.1f} s to load")
    if figures.memory_mb is not None:
        lines.append(
            f"  {figures.memory_mb:.0f} MB of memory, {figures.own_mb:.0f} of them its own; the "
            "rest, the weights, is shared with whoever maps the same file"
        )
    return "\n".join(lines)


def main(gguf: Path, cache: Path, rounds: int, *, as_json: bool) -> int:
    """Measure and print. Raises ModelError."""
    figures = asyncio.run(measure(LlamaEngine(gguf, cache), rounds))
    print(json.dumps(asdict(figures)) if as_json else told(figures))
    return 0
