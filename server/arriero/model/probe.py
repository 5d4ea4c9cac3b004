"""Small questions about a model server and its model: each gives one finding."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from arriero.core.dialects import BY_NAME
from arriero.core.models import Formats, ModelInfo, formats_of, recognised
from arriero.errors import BackendError, WrongAddress
from arriero.model.driver import Driver
from arriero.model.finding import Finding, failed
from arriero.settings import Settings

MEANT = "codellama/CodeLlama-70b-Instruct-hf"

# Below this, a prompt with some context and an answer do not fit together.
SMALL = 1024  # tokens

Ask = Callable[[Driver, Settings, str], Awaitable[Finding]]


async def probe(driver: Driver, settings: Settings) -> AsyncIterator[Finding]:
    """Yield one finding per question; what a server fails to answer ends them."""
    for question, tried, ask in QUESTIONS:
        try:
            finding = await ask(driver, settings, tried)
        except BackendError as error:
            yield failed(question, tried, error)
            return
        yield finding


async def _kind(driver: Driver, settings: Settings, tried: str) -> Finding:
    info = await driver.info()
    return Finding("kind", "good", tried, f"It is {f'{info.backend} {info.version}'.rstrip()}.")


async def _health(driver: Driver, settings: Settings, tried: str) -> Finding:
    await driver.health()
    return Finding("health", "good", tried, "It is up, and says that it can generate.")


async def _key(driver: Driver, settings: Settings, tried: str) -> Finding:
    """Ask the cheapest route that is behind the key."""
    try:
        await driver.admitted()
    except WrongAddress:
        came = "There is no cheap one here; the generation tries the key."
        return Finding("key", "open", tried, came)
    came = "The key is accepted." if driver.endpoint.key else "No key is asked for."
    return Finding("key", "good", tried, came)


async def _model(driver: Driver, settings: Settings, tried: str) -> Finding:
    info = await driver.info()
    formats = _formats(settings, info)
    came = (
        f"It is {info.id}: suggestions by {formats.completion}, actions by {formats.conversation}."
    )
    if settings.model and settings.model != info.id:
        do = f"Serve {settings.model}, or set `model` to what is served."
        return Finding("model", "bad", tried, came, do)
    if recognised(info.id) is None and not info.demo and not settings.dialect:
        do = f"That is no Code Llama. If you meant one, start the server with {MEANT}."
        return Finding("model", "open", tried, came, do)
    if not BY_NAME[formats.conversation].converses:
        do = "It does not chat, so actions will be poor: an Instruct model is better at them."
        return Finding("model", "open", tried, came, do)
    return Finding("model", "good", tried, came)


def _formats(settings: Settings, info: ModelInfo) -> Formats:
    named = settings.dialect
    return Formats(named, named) if named else formats_of(info)


async def _limits(driver: Driver, settings: Settings, tried: str) -> Finding:
    info = await driver.info()
    total = min(info.max_total_tokens, settings.context_tokens or info.max_total_tokens)
    came = f"{total} tokens in all, {min(info.max_input_tokens, total - 1)} of them for the prompt."
    if total < SMALL or info.max_input_tokens < SMALL // 2:
        do = (
            "That is too little for code. Start TGI with --max-total-tokens 4096 and "
            "--max-input-tokens 3584, vLLM with --max-model-len 4096, llama.cpp with -c 4096."
        )
        return Finding("limits", "bad", tried, came, do)
    return Finding("limits", "good", tried, came)


async def _stops(driver: Driver, settings: Settings, tried: str) -> Finding:
    """See that the stops of the format fit, and one more for the end of a code block."""
    info = await driver.info()
    formats = _formats(settings, info)
    needed = 1 + max(len(BY_NAME[name].stop) for name in (formats.completion, formats.conversation))
    came = f"It takes {info.max_stop_sequences}, and {needed} will be sent at most."
    if info.max_stop_sequences < needed:
        do = f"Answers will run too long. Start TGI with --max-stop-sequences {needed}."
        return Finding("stops", "bad", tried, came, do)
    return Finding("stops", "good", tried, came)


QUESTIONS: tuple[tuple[str, str, Ask], ...] = (
    ("kind", "ask /info and /v1/models", _kind),
    ("health", "ask /health", _health),
    ("key", "ask a route behind the key", _key),
    ("model", "look at the model", _model),
    ("limits", "look at its limits", _limits),
    ("stops", "count stop strings", _stops),
)
