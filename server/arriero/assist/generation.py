"""One answer of the model, listened to until it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from arriero.assist.seam import End, Model
from arriero.core.dialects import Prompt
from arriero.errors import TooLong


class Asked(Protocol):
    """A question to the model: that of a suggestion, or of an action."""

    @property
    def prompt(self) -> Prompt: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said. Not `whole`: the model was cut off by its token limit.

    `ttft_s` is the time to the first token and `seconds` the time to the last, from the request.
    """

    text: str
    whole: bool
    tokens: int
    ttft_s: float
    seconds: float


async def listen(
    model: Model,
    prompt: Prompt,
    *,
    explicit: bool,
    complete: Callable[[str], bool],
    on_token: Callable[[int], None] = lambda tokens: None,
    shorter: Callable[[], Asked] | None = None,
) -> Answer:
    """Ask, and close the stream as soon as the answer is complete: that frees the GPU.

    A server that counts more tokens than were estimated is asked once more, with the
    `shorter` prompt. Raises `BackendError`, or `NoBackend`.
    """
    if shorter:
        try:
            return await listen(
                model, prompt, explicit=explicit, complete=complete, on_token=on_token
            )
        except TooLong:
            prompt = shorter().prompt
    started = time.perf_counter()
    first = None
    text, tokens, whole = "", 0, True
    async with model.stream(prompt, explicit=explicit) as pieces:
        async for piece in pieces:
            if isinstance(piece, End):
                whole = piece.reason != "length"
                break
            first = first or time.perf_counter()
            tokens += 1
            on_token(tokens)
            # The ids are what the model means; `<step>` may come as visible text and as a
            # hidden special token.
            if piece.id in prompt.end_ids:
                break
            if not piece.special:
                text += piece.text
            if complete(text):
                break
    now = time.perf_counter()
    return Answer(text, whole, tokens, (first or now) - started, now - started)
