"""One code action: word it, ask, read, check, hand back a new text or a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from arriero.assist.generation import Answer, listen
from arriero.assist.seam import Model
from arriero.core import acting
from arriero.core.acting import Choice
from arriero.core.dialects import Dialect
from arriero.core.models import ModelInfo
from arriero.core.redaction import Redactor
from arriero.core.rewriting import Rewriting
from arriero.errors import AnswerError

Objection = Callable[[Rewriting], str]

STILL_WRONG = (
    "The model's code would break the syntax of the file, also when it was asked again, so nothing "
    "was changed. Select less code, or try again."
)
ONCE_MORE = "Your last answer cannot be used: {objection} Give the whole code once more, corrected."


async def act(
    model: Model,
    info: ModelInfo,
    dialect: Dialect,
    choice: Choice,
    redactor: Redactor,
    on_token: Callable[[Answer], None],
    answered: Callable[[Answer], None],
    system: str = "",
    object_to: Objection = lambda rewriting: "",
) -> Rewriting:
    """Carry out what was chosen; `system` is what the model is told it is.

    `redactor` takes secrets out of all that the model is shown. They stay out of prose, which goes
    into documents that people pass on.
    `answered` hears of each answer, also of one that cannot be used. `object_to` says what is wrong
    with the new text, "" if nothing is; the model is told, and asked once more. Returns the new
    text, or prose to show. Raises `AnswerError` when the answer cannot be used, `TooLong`, and what
    the model raises.
    """
    shown, secrets = acting.without_secrets(choice, redactor)

    def word(info: ModelInfo, complaint: str) -> acting.Ask:
        asked = acting.ask(shown, dialect, model.count, info, system, complaint)
        return replace(asked, prompt=replace(asked.prompt, topic=choice.excerpt.path))

    complaint = ""
    for _ in range(2):
        asked = word(info, complaint)
        answer = await listen(
            model,
            asked.prompt,
            explicit=True,
            complete=partial(acting.complete, asked=asked, choice=shown),
            on_token=on_token,
            shorter=partial(word, info.smaller(), complaint),
        )
        answered(answer)
        new = acting.read(answer.text, asked, shown, whole=answer.whole)
        if choice.action.answer == "show":
            return new
        new = Rewriting(secrets.checked(new.text), tuple(map(secrets.checked, new.imports)))
        if not (objection := object_to(new)):
            return new
        (complaint,), _ = redactor.redact(secrets.hide(ONCE_MORE.format(objection=objection)))
    raise AnswerError(STILL_WRONG)
