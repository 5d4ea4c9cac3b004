"""How a question to the model is worded: the code, parts of other files, and no secrets.

Everything that a model is shown of anybody's files comes together here, and is looked through.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from arriero.assist.context import Context
from arriero.assist.place import Question
from arriero.assist.seam import Model
from arriero.core import completion
from arriero.core.acting import Choice
from arriero.core.budget import room
from arriero.core.context import Block
from arriero.core.dialects import Dialect, Sampling
from arriero.core.models import ModelInfo
from arriero.core.redaction import Redactor
from arriero.core.syntax import Syntax
from arriero.settings import Settings

# One part in so many of a prompt, at most, is for parts of other files.
OTHERS = 3


@dataclass(slots=True)
class Wording:
    """Words questions by the settings in force."""

    syntax: Syntax
    redactor: Redactor
    context: Context
    settings: Settings = field(default_factory=Settings)

    def suggestion(
        self, model: Model, info: ModelInfo, dialect: Dialect, question: Question
    ) -> completion.Ask:
        """Word the question for a suggestion. Raises TooLong, and NotSent at a secret."""
        told, asked_at = self.settings, question.excerpt
        others = self.context.around(asked_at, self._for_others(info))
        excerpt, texts, secrets = self.redactor.excerpt(asked_at, *(each.text for each in others))
        asked = completion.ask(
            excerpt,
            dialect,
            model.count,
            info,
            completion.Generation(
                told.system_prompt, told.max_new_tokens, told.completion.one_line_tokens
            ),
            self._sampling(question.again),
            held=question.held,
            opens=self.syntax.opens(asked_at.before, asked_at.language),
            others=[Block(each.path, text) for each, text in zip(others, texts, strict=True)],
        )
        prompt = replace(asked.prompt, topic=asked_at.path)
        return replace(asked, prompt=prompt, secrets=secrets)

    def action(self, info: ModelInfo, choice: Choice) -> Choice:
        """Return what somebody chose, with what is shown of other files."""
        others = self.context.beside(choice.excerpt, self._for_others(info))
        return replace(choice, others=others)

    def _for_others(self, info: ModelInfo) -> int:
        """Return how many tokens of a prompt parts of other files may have."""
        told = self.settings
        return min(told.context.limit, room(info, told.max_new_tokens) // OTHERS)

    def _sampling(self, again: int) -> Sampling | None:
        """Return how to choose tokens: the likeliest first, others where that did not please."""
        told = self.settings.sampling
        return Sampling(told.temperature, told.top_p, told.seed + again - 1) if again else None
