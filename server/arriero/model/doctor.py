"""All that `arriero doctor` finds out about one model server, from its name to its prefix cache.

reach (name, connection, TLS) -> probe (kind, health, key, model, limits, stops)
      -> tokens -> trial (generation, stop, cancel, prefix cache)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

from arriero.core.dialects import Turn, source_destination
from arriero.core.models import ModelInfo, formats_of
from arriero.errors import ArrieroError
from arriero.model import reference, trial
from arriero.model.driver import Driver, Late
from arriero.model.finding import Finding, failed
from arriero.model.probe import probe
from arriero.model.reach import reach
from arriero.model.remote import Remote
from arriero.settings import Settings

# Their tokenizers are not the 70B's, whatever model they name.
OTHER_TOKENIZERS = ("local", "simulated")

NOT_COMPARED = "Not compared: the card's reference ids are those of CodeLlama-70b-Instruct."


async def examine(model: Late, settings: Settings) -> AsyncIterator[Finding]:
    """Yield one finding after the other; a server that cannot be reached or asked ends them."""
    if isinstance(model, Remote):
        async for finding in reach(model.endpoint):
            yield finding
            if finding.state == "bad":
                return
    try:
        driver = await model.driver()
    except ArrieroError as error:
        yield failed("kind", "ask /info and /v1/models", error)
        return
    async for finding in probe(driver, settings):
        yield finding
        if finding.state == "bad" and finding.question in ("kind", "health", "key"):
            return
    tried = "send the model card's dialog to /tokenize"
    yield await _found("tokens", tried, _tokens(driver, tried))
    if settings.tokenizer:
        tried = f"read the tokenizer in {settings.tokenizer}"
        yield await _found("tokenizer", tried, _tokenizer(driver, settings.tokenizer, tried))
    for question, ask in trial.TRIALS:
        yield await _found(question, "generate", ask(driver))


async def _found(question: str, tried: str, asking: Awaitable[Finding]) -> Finding:
    try:
        return await asking
    except ArrieroError as error:
        return failed(question, tried, error)


async def _tokens(driver: Driver, tried: str) -> Finding:
    """Compare what the server makes of the card's dialog with the card's 49 ids."""
    info = await driver.info()
    if info.backend in OTHER_TOKENIZERS or not _is_the_cards(info):
        return Finding("tokens", "open", tried, NOT_COMPARED)
    turns = [Turn(each["role"], each["content"]) for each in reference.DIALOG]
    ids = await driver.tokenize(source_destination(turns))
    if ids is None:
        return Finding("tokens", "open", tried, f"{info.backend} does not tell its token ids.")
    return _compared("tokens", tried, ids)


async def _tokenizer(driver: Driver, path: Path, tried: str) -> Finding:
    """Compare what the tokenizer of the settings makes of the card's dialog."""
    if not _is_the_cards(await driver.info()):
        return Finding("tokenizer", "open", tried, NOT_COMPARED)
    return _compared("tokenizer", tried, reference.render(path).ids)


def _is_the_cards(info: ModelInfo) -> bool:
    return formats_of(info).conversation == "source_destination"


def _compared(question: str, tried: str, ids: tuple[int, ...]) -> Finding:
    if ids == reference.IDS:
        came = f"The card's {len(ids)} reference ids came."
        return Finding(question, "good", tried, came)
    came = "Other ids came than the model was trained on, so answers will be poor."
    do = "Serve the model with the tokenizer files of its own repository."
    return Finding(question, "bad", tried, came, do)
