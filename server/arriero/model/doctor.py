"""All that `arriero doctor` finds out about one model server, from its name to its prefix cache.

reach (name, connection, TLS) -> probe (kind, health, key, model, limits, stops)
      -> dialog (tokens, chat template) -> trial (generation, stop, cancel, prefix cache)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from arriero.errors import ArrieroError
from arriero.model import dialog, trial
from arriero.model.driver import Late
from arriero.model.finding import Finding, failed
from arriero.model.probe import probe
from arriero.model.reach import reach
from arriero.model.remote import Remote
from arriero.settings import Settings

T = TypeVar("T")


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
    yield await _found("tokens", dialog.TO_TOKENIZE, dialog.tokens(driver))
    if written := await _found("template", dialog.TO_CHAT, dialog.template(driver, settings)):
        yield written
    if settings.tokenizer:
        tried = f"read the tokenizer in {settings.tokenizer}"
        yield await _found("tokenizer", tried, dialog.tokenizer(driver, settings.tokenizer))
    for question, ask in trial.TRIALS:
        yield await _found(question, "generate", ask(driver))


async def _found(question: str, tried: str, asking: Awaitable[T]) -> T | Finding:
    try:
        return await asking
    except ArrieroError as error:
        return failed(question, tried, error)
