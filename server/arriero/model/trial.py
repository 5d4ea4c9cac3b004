"""Small generations that try what suggestions rely on: speed, stops, cancelling, prefix cache."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

from arriero.assist.seam import End
from arriero.core.dialects import BY_NAME, Prompt, Turn, prompt
from arriero.core.models import formats_of
from arriero.errors import BackendError
from arriero.model.driver import Driver
from arriero.model.finding import Finding

SENTENCE = "def add(a, b):\n    return"
COUNTING = "1 2 3 4 5"
STOP = "9"

# How servers tell in /metrics what runs on them: TGI, vLLM, SGLang, llama.cpp.
RUNNING = re.compile(
    r"^(?:tgi_batch_current_size|tgi_queue_size|vllm:num_requests_running|sglang:num_running_reqs"
    r"|llamacpp:requests_processing)(?:\{[^}]*\})? ([0-9.e+]+)$",
    re.MULTILINE,
)

# Seconds within which a server has to let go of what nobody wants.
LETS_GO = 2.0

# The prompt for the cache: long enough to be felt, on a GPU or on a CPU.
CACHED_TOKENS = 800
FELT = 0.03  # seconds


@dataclass(frozen=True, slots=True)
class Heard:
    """One short answer; times in seconds from the request. `tokens` counts what is no sign."""

    text: str
    reason: str
    tokens: int
    first: float
    last: float


async def generation(driver: Driver) -> Finding:
    """Time one short answer."""
    tried = "generate 16 tokens"
    heard = await _heard(driver, await worded(driver, SENTENCE, 16))
    if not heard.tokens:
        do = "Look into the model server's log, and at the model that it loaded."
        return Finding("generation", "bad", tried, "The model answered with nothing at all.", do)
    seconds = heard.last - heard.first
    several = heard.tokens > 1 and seconds > 0
    rate = f", then {(heard.tokens - 1) / seconds:.0f} tokens a second" if several else ""
    return Finding("generation", "good", tried, f"The first came after {heard.first:.2f} s{rate}.")


async def stop(driver: Driver) -> Finding:
    """See that an answer ends where a stop string stands."""
    tried = f"count, and stop at {STOP}"
    heard = await _heard(driver, await worded(driver, COUNTING, 32, (STOP,)))
    said, found, rest = heard.text.partition(STOP)
    if rest.strip():
        do = "Answers will run too long; update the server, or report it to those who make it."
        return Finding("stop", "bad", tried, "It went on after the stop.", do)
    if found or (heard.reason != "length" and re.search(r"[678]\s*$", said)):
        return Finding("stop", "good", tried, "It stopped there.")
    return Finding("stop", "open", tried, "The model did not count, so it cannot be told.")


async def cancel(driver: Driver) -> Finding:
    """See that leaving an answer frees the server, by what it tells of its work."""
    tried = "leave an answer at its first token"
    untold = Finding("cancel", "open", tried, f"{driver.endpoint.shown} does not tell its work.")
    before = await _running(driver)
    if before is None:
        return untold
    async with driver.stream(await worded(driver, COUNTING, 256), explicit=True) as pieces:
        ended = isinstance(await anext(pieces), End)
        during = await _running(driver)
    if ended or during is None or during <= before:
        return Finding("cancel", "open", tried, "It was done before it could be left.")
    began = time.perf_counter()
    while (now := await _running(driver)) is not None and now > before:
        if time.perf_counter() - began > LETS_GO:
            came = f"It still works on it after {LETS_GO:g} s."
            do = "Something in between keeps the connection open: let proxies pass closing on."
            return Finding("cancel", "bad", tried, came, do)
        await asyncio.sleep(0.05)
    took = time.perf_counter() - began
    return Finding("cancel", "good", tried, f"It let go within {took:.2f} s.")


async def cache(driver: Driver) -> Finding:
    """Ask the same long question twice: the second time most of it is known."""
    info = await driver.info()
    tokens = min(CACHED_TOKENS, info.max_input_tokens // 2)
    lines = [f"# {uuid.uuid4().hex}"]  # nobody asked this before
    while driver.count("\n".join(lines)) < tokens:
        lines.append(f"value_{len(lines)} = {len(lines)} * {len(lines)}")
    asked = await worded(driver, "\n".join(lines), 1)
    first, second = [(await _heard(driver, asked)).first for _ in range(2)]
    tried = f"ask about {tokens} tokens twice"
    came = f"The first token came after {first:.2f} s, then after {second:.2f} s."
    if first - second > FELT and second < 0.7 * first:
        return Finding("prefix cache", "good", tried, came)
    if first < 3 * FELT:
        return Finding("prefix cache", "open", tried, f"{came} That is too quick to tell.")
    do = "No cache is seen. TGI has it on most GPUs; start vLLM with --enable-prefix-caching."
    return Finding("prefix cache", "open", tried, came, do)


async def worded(driver: Driver, begun: str, tokens: int, stops: tuple[str, ...] = ()) -> Prompt:
    """Return a question whose answer goes on from what is begun, in the model's own format."""
    dialect = BY_NAME[formats_of(await driver.info()).completion]
    said: tuple[Turn, ...] = (Turn("user", "Continue this."),)
    prefill = f"```\n{begun}"
    if not dialect.converses:
        said, prefill = (), begun
    return prompt(dialect, said, prefill, (*stops, *dialect.stop), max_new_tokens=tokens)


async def _heard(driver: Driver, asked: Prompt) -> Heard:
    began = time.perf_counter()
    text, tokens, first, reason = "", 0, 0.0, ""
    async with driver.stream(asked, explicit=True) as pieces:
        async for piece in pieces:
            if isinstance(piece, End):
                reason = piece.reason
            elif not piece.special and piece.id not in asked.end_ids:
                text, tokens = text + piece.text, tokens + 1
            first = first or time.perf_counter() - began
    return Heard(text, reason, tokens, first, time.perf_counter() - began)


async def _running(driver: Driver) -> float | None:
    """Return how many answers are being made, or None where the server does not say."""
    with suppress(BackendError):
        told = RUNNING.findall(await driver.metrics())
        return sum(map(float, told)) if told else None
    return None


TRIALS = (("generation", generation), ("stop", stop), ("cancel", cancel), ("prefix cache", cache))
