"""One answer of the model, listened to until it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from arriero.assist.seam import End, Model
from arriero.core.dialects import Prompt


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
) -> Answer:
    """Ask, and close the stream as soon as the answer is complete: that frees the GPU.

    Raises `BackendError`, or `NoBackend`.
    """
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
