"""All that `arriero doctor` finds out, from "is anybody there" to one timed generation."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from arriero.assist.seam import End
from arriero.core.dialects import BY_NAME, Turn, prompt, source_destination
from arriero.core.models import formats_of
from arriero.errors import ArrieroError
from arriero.model import reference
from arriero.model.driver import Driver
from arriero.model.probe import Finding, probe

# Their tokenizers are not the 70B's, whatever model they name.
OTHER_TOKENIZERS = ("local", "simulated")

SENTENCE = "def add(a, b):\n    return"


async def examine(driver: Driver, tokenizer: Path | None) -> AsyncIterator[Finding]:
    """Yield one finding after the other; a model server that is not there ends it."""
    async for finding in probe(driver):
        yield finding
        if not finding.good:
            return
    yield await _found("tokens", lambda: _tokens(driver))
    if tokenizer:
        yield await _found("tokenizer", lambda: _tokenizer(tokenizer))
    yield await _found("generation", lambda: _generation(driver))


async def _found(question: str, ask: Callable[[], Awaitable[tuple[bool, str]]]) -> Finding:
    try:
        return Finding(question, *await ask())
    except ArrieroError as error:
        return Finding(question, False, str(error))


async def _tokens(driver: Driver) -> tuple[bool, str]:
    """Compare what the server makes of the card's dialog with the card's 49 ids."""
    info = await driver.info()
    if info.backend in OTHER_TOKENIZERS or formats_of(info).conversation != "source_destination":
        return True, "Not compared: the card's reference ids are those of CodeLlama-70b-Instruct."
    turns = [Turn(each["role"], each["content"]) for each in reference.DIALOG]
    ids = await driver.tokenize(source_destination(turns))
    if ids is None:
        return True, f"Not compared: {info.backend} does not tell its token ids."
    return _compared(ids, "The model server")


async def _tokenizer(path: Path) -> tuple[bool, str]:
    """Compare what the tokenizer of the settings makes of the card's dialog."""
    return _compared(reference.render(path).ids, f"The tokenizer in {path}")


def _compared(ids: tuple[int, ...], who: str) -> tuple[bool, str]:
    if ids == reference.IDS:
        return True, f"{who} makes the card's {len(ids)} reference ids of the card's dialog."
    return False, (
        f"{who} makes other ids of the card's dialog than the model was trained on, so answers "
        "will be poor. Serve the model with the tokenizer files of its own repository."
    )


async def _generation(driver: Driver) -> tuple[bool, str]:
    """Time one short answer."""
    info = await driver.info()
    dialect = BY_NAME[formats_of(info).completion]
    turns: tuple[Turn, ...] = (Turn("user", "Continue this Python function."),)
    prefill = f"```python\n{SENTENCE}"
    if not dialect.converses:
        turns, prefill = (), SENTENCE
    asked = prompt(dialect, turns, prefill, dialect.stop, max_new_tokens=16)
    started, first, tokens = time.perf_counter(), 0.0, 0
    async with driver.stream(asked, explicit=True) as pieces:
        async for piece in pieces:
            if not isinstance(piece, End):
                tokens += 1
                first = first or time.perf_counter()
    if not tokens:
        return False, "The model answered with nothing at all."
    seconds = time.perf_counter() - first
    rate = f", then {(tokens - 1) / seconds:.0f} tokens a second" if tokens > 1 and seconds else ""
    return True, f"The first token came after {first - started:.2f} s{rate}."
