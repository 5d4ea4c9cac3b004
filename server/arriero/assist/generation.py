"""One answer of the model, listened to until it is complete."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from arriero.assist.seam import End, Model
from arriero.core.dialects import Prompt
from arriero.errors import TooLong


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said. Not `whole`: the model was cut off by its token limit.

    `ttft_s` is the time to the first token and `seconds` the time to the last, from the request.
    `ended` tells that the model said all it had to say. `logprob` is that of the last token.
    """

    text: str
    whole: bool
    tokens: int
    ttft_s: float
    seconds: float
    ended: bool = False
    logprob: float | None = None


class Asked(Protocol):
    """A question to the model: that of a suggestion, or of an action."""

    @property
    def prompt(self) -> Prompt: ...


async def follow(
    model: Model,
    prompt: Prompt,
    *,
    explicit: bool,
    shorter: Callable[[], Asked] | None = None,
) -> AsyncGenerator[Answer]:
    """Ask, and yield the answer so far after each token. Closing the generator frees the GPU.

    Raises `BackendError`, `NoBackend`, or `TooLong`; that only where `shorter` does not help.
    """
    if shorter:
        try:
            async with aclosing(follow(model, prompt, explicit=explicit)) as answers:
                async for answer in answers:
                    yield answer
            return
        except TooLong:
            prompt = shorter().prompt
    clock = asyncio.get_running_loop().time
    started = clock()
    first = 0.0
    text, tokens, whole, ended = "", 0, True, False
    logprob = None
    async with model.stream(prompt, explicit=explicit) as pieces:
        async for piece in pieces:
            if isinstance(piece, End):
                whole, ended = piece.reason != "length", True
            else:
                first = first or clock() - started
                tokens += 1
                logprob = piece.logprob
                # The ids are what the model means; the end of a turn may come as visible text and
                # as a hidden special token.
                ended = piece.id in prompt.end_ids
                if not ended and not piece.special:
                    text += piece.text
            taken = clock() - started
            yield Answer(text, whole, tokens, first or taken, taken, ended, logprob)
            if ended:
                return


async def listen(
    model: Model,
    prompt: Prompt,
    *,
    explicit: bool,
    complete: Callable[[str], bool],
    on_token: Callable[[Answer], None] = lambda answer: None,
    shorter: Callable[[], Asked] | None = None,
) -> Answer:
    """Ask, and close the stream as soon as the answer is complete: that frees the GPU.

    A server that counts more tokens than were estimated is asked once more, with the
    `shorter` prompt. Raises `BackendError`, or `NoBackend`.
    """
    answer = Answer("", True, 0, 0.0, 0.0)
    async with aclosing(follow(model, prompt, explicit=explicit, shorter=shorter)) as answers:
        async for answer in answers:
            if not answer.ended:
                on_token(answer)
            if complete(answer.text):
                break
    return answer
