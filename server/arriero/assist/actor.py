"""One code action: word it, ask, read, check, hand back a new text or a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from arriero.assist.generation import Answer, listen
from arriero.assist.seam import Model
from arriero.core import actions
from arriero.core.actions import Action, Problem
from arriero.core.dialects import Dialect
from arriero.core.models import ModelInfo
from arriero.core.rewriting import Rewriting
from arriero.core.text import Excerpt
from arriero.errors import AnswerError

Objection = Callable[[Rewriting], str]

STILL_WRONG = (
    "The model's code would break the syntax of the file, also when it was asked again, so nothing "
    "was changed. Select less code, or try again."
)
ONCE_MORE = "Your last answer cannot be used: {objection} Give the whole code once more, corrected."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action: the new text of the region, or prose to show."""

    text: str
    prose: bool
    answer: Answer
    imports: tuple[str, ...] = ()


async def act(
    model: Model,
    info: ModelInfo,
    dialect: Dialect,
    action: Action,
    excerpt: Excerpt,
    problems: Sequence[Problem],
    on_token: Callable[[int], None],
    system: str = "",
    object_to: Objection = lambda rewriting: "",
) -> Outcome:
    """Carry out one action on the excerpt's selection; `system` is what the model is told it is.

    `object_to` says what is wrong with the new text, "" if nothing is; the model is told, and asked
    once more. Raises `AnswerError` when the answer cannot be used, `TooLong`, and what the model
    raises.
    """

    def word(info: ModelInfo, complaint: str) -> actions.Ask:
        asked = actions.ask(
            action,
            excerpt,
            problems,
            dialect,
            model.count,
            info,
            system=system,
            complaint=complaint,
        )
        return replace(asked, prompt=replace(asked.prompt, topic=excerpt.path))

    complaint = ""
    for _ in range(2):
        asked = word(info, complaint)
        answer = await listen(
            model,
            asked.prompt,
            explicit=True,
            complete=partial(actions.complete, asked=asked, excerpt=excerpt),
            on_token=on_token,
            shorter=partial(word, info.smaller(), complaint),
        )
        new = actions.read(answer.text, asked, excerpt, whole=answer.whole)
        if action.answer == "show" or not (objection := object_to(new)):
            return Outcome(new.text, action.answer == "show", answer, new.imports)
        complaint = ONCE_MORE.format(objection=objection)
    raise AnswerError(STILL_WRONG)
