"""Small questions about a model server, for `arriero doctor`: each gives one plain line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from arriero.errors import BackendError
from arriero.model.tgi import Tgi


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question. `said` is a sentence for people."""

    question: str
    good: bool
    said: str


async def health(tgi: Tgi) -> str:
    """Ask whether the server is up and can generate."""
    await tgi.health()
    return f"{tgi.endpoint.shown} is up and says that it can generate."


async def model(tgi: Tgi) -> str:
    """Ask which model it serves, and how much fits."""
    info = await tgi.info()
    return (
        f"{info.id} on {info.backend} {info.version}: {info.max_total_tokens} tokens in all, "
        f"{info.max_input_tokens} of them for the prompt."
    )


async def key(tgi: Tgi) -> str:
    """Ask whether the key is accepted, by the cheapest route that is behind it."""
    await tgi.tokenize("x")
    return "The key is accepted." if tgi.endpoint.key else "No key is asked for."


QUESTIONS: tuple[tuple[str, Callable[[Tgi], Awaitable[str]]], ...] = (
    ("health", health),
    ("model", model),
    ("key", key),
)


async def probe(tgi: Tgi) -> AsyncIterator[Finding]:
    """Yield one finding per question; after the first bad one the others would only repeat it."""
    for name, ask in QUESTIONS:
        try:
            said = await ask(tgi)
        except BackendError as error:
            yield Finding(name, False, str(error))
            return
        yield Finding(name, True, said)
