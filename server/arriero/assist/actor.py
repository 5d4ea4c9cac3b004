"""One code action: word it, ask, read, check, hand back a new text or a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arriero.assist.generation import Answer, listen
from arriero.assist.seam import Model
from arriero.core import actions
from arriero.core.actions import Action, Problem
from arriero.core.dialects import Dialect
from arriero.core.models import ModelInfo
from arriero.core.text import Excerpt


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action: the new text of the region, or prose to show."""

    text: str
    prose: bool
    answer: Answer


async def act(
    model: Model,
    info: ModelInfo,
    dialect: Dialect,
    action: Action,
    excerpt: Excerpt,
    problems: Sequence[Problem],
    on_token: Callable[[int], None],
    system: str = "",
) -> Outcome:
    """Carry out one action on the excerpt's selection; `system` is what the model is told it is.

    Raises `AnswerError` when the answer cannot be used, `TooLong`, and what the model raises.
    """
    asked = actions.ask(action, excerpt, problems, dialect, model.count, info, system)
    answer = await listen(
        model,
        asked.prompt,
        explicit=True,
        complete=lambda text: actions.complete(text, asked),
        on_token=on_token,
    )
    text = actions.read(answer.text, asked, excerpt, whole=answer.whole)
    return Outcome(text, action.answer == "show", answer)
