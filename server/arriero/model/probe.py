"""Small questions about a model server, for `arriero doctor`: each gives one plain line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from arriero.errors import BackendError
from arriero.model.driver import Driver


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question. `said` is a sentence for people."""

    question: str
    good: bool
    said: str


async def health(driver: Driver) -> str:
    """Ask whether the server is up and can generate."""
    await driver.health()
    return f"{driver.endpoint.shown} is up and says that it can generate."


async def model(driver: Driver) -> str:
    """Ask which model it serves, and how much fits."""
    info = await driver.info()
    return (
        f"{info.id} on {info.backend} {info.version}: {info.max_total_tokens} tokens in all, "
        f"{info.max_input_tokens} of them for the prompt."
    )


async def key(driver: Driver) -> str:
    """Ask whether the key is accepted, by the cheapest route that is behind it."""
    await driver.admitted()
    return "The key is accepted." if driver.endpoint.key else "No key is asked for."


QUESTIONS: tuple[tuple[str, Callable[[Driver], Awaitable[str]]], ...] = (
    ("health", health),
    ("model", model),
    ("key", key),
)


async def probe(driver: Driver) -> AsyncIterator[Finding]:
    """Yield one finding per question; after the first bad one the others would only repeat it."""
    for name, ask in QUESTIONS:
        try:
            said = await ask(driver)
        except BackendError as error:
            yield Finding(name, False, str(error))
            return
        yield Finding(name, True, said)
