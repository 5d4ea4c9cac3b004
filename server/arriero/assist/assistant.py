"""The work behind the server: the settings in force, the model behind them, and what was asked.

lsp/ -> Assistant -> Completer, actor -> core/ and, across the seam, the model
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from arriero.assist import actor, clock
from arriero.assist.completer import Completer, Failed
from arriero.assist.context import Context
from arriero.assist.gathering import Gathering
from arriero.assist.generation import Answer, follow
from arriero.assist.line import Connect, Line
from arriero.assist.load import Load
from arriero.assist.news import News
from arriero.assist.place import Question
from arriero.assist.seam import Model
from arriero.assist.sources import Index, NoIndex
from arriero.assist.wording import Wording
from arriero.core import completion, context, dialects, reply
from arriero.core.acting import Choice
from arriero.core.budget import Counter
from arriero.core.dialects import Dialect
from arriero.core.models import Formats, ModelInfo, formats_of
from arriero.core.redaction import Redactor
from arriero.core.reuse import Known
from arriero.core.rewriting import Rewriting
from arriero.core.syntax import NoSyntax, Syntax
from arriero.core.tally import Offer
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, ArrieroError, BackendError, NoBackend
from arriero.settings import Settings

Gate = Callable[[Path, Path | None, Sequence[str]], str | None]
State = Literal["starting", "ready", "thinking", "unreachable", "no backend"]

# An ordinary completion list must not hold up the other sources of the editor's pop-up.
LIST_PATIENCE = 0.05  # seconds

# The log-probability below which a token counts as a guess: less than one in three.
UNSURE = -1.1

DECLINED = "The model declined to suggest anything here. Ask again, or a few lines further on."

# Stands for all languages where suggestions are paused.
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Met:
    """A model that answered, and the name of its format for suggestions."""

    info: ModelInfo
    dialect: str


@dataclass(frozen=True, slots=True)
class Status:
    """How things are, for a status line.

    `trouble` is the last failure, in a sentence. `model` is the one that people ask, and `typing`
    the one that serves them while they type, where that is another. `paused` are languages, or
    EVERY one of them.
    """

    state: State = "starting"
    trouble: str = ""
    model: Met | None = None
    typing: Met | None = None
    last: Answer | None = None
    paused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worded:
    """A question as it would be asked, of which model, and how that counts tokens."""

    asked: completion.Ask
    dialect: Dialect
    info: ModelInfo
    count: Counter


class Assistant:
    """Suggestions and actions by the models that the settings name.

    There can be one for what people ask for, and another for suggestions while they type. `connect`
    makes a model, when it is first needed and after every change of settings. `gate`
    says of a file, its workspace and the ignore rules in force why it is sent to no model, and
    `redactor` takes the secrets out of what is. `syntax` knows languages, `index` the files of the
    workspace.
    """

    def __init__(
        self,
        connect: Connect,
        gate: Gate,
        redactor: Redactor,
        syntax: Syntax | None = None,
        index: Index | None = None,
    ) -> None:
        self.syntax: Syntax = syntax or NoSyntax()
        self.status = Status()
        self.on_status: Callable[[Status], None] = lambda status: None
        self.completer = Completer(self._completion, several=self._several)
        self._connect = connect
        self._gate = gate
        self.context = Context(self._may_send, Gathering(index or NoIndex()))
        self._wording = Wording(self.syntax, redactor, self.context)
        self._news = News()
        self._busy = 0
        self._closing: set[asyncio.Task[None]] = set()
        self.settings = Settings()

    @property
    def settings(self) -> Settings:
        """The settings in force. New ones put new lines in the place of the old ones."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._settings = self._wording.settings = settings
        self._line = Line(settings, self._connect)
        typing = settings.while_typing()
        self._typing = Line(typing, self._connect) if typing else self._line
        self.context.kinds = [*filter(settings.context.wants, context.SHARES)]

    async def configure(self, settings: Settings) -> None:
        """Take on new settings; the next request meets the model that they name."""
        old = {self._line, self._typing}
        self.settings = settings
        self.completer.forget_all()
        self.context.forget_all()
        self._news.forget()
        self._tell(Status(paused=self.status.paused))
        for line in old:
            task = asyncio.create_task(line.hang_up())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End what is being made, and let go of the models."""
        self.completer.forget_all()
        await self.context.close()
        for line in {self._line, self._typing}:
            await line.close()
        await asyncio.gather(*self._closing)

    async def meet(self, *, explicit: bool = True) -> tuple[Model, ModelInfo, Formats]:
        """Return the model, what is known of it, and its prompt formats.

        Raises `NoBackend` or `BackendError`; the status then says so too.
        """
        line = self._line_for(explicit)
        try:
            model, info, formats = await line.meet()
        except (NoBackend, BackendError) as error:
            self._failed(error, line)
            raise
        met = Met(info, formats.completion)
        if line is self._line and self.status.model != met:
            self._tell(replace(self.status, state="ready", model=met))
        elif line is not self._line and self.status.typing != met:
            self._tell(replace(self.status, typing=met))
        return model, info, formats

    @property
    def load(self) -> Load:
        """How busy the server is that suggestions while typing come from."""
        return self._line_for(explicit=False).load

    def _line_for(self, explicit: bool) -> Line:
        return self._line if explicit else self._typing

    def suggests(self, language: str) -> bool:
        """Return whether to suggest code unasked in documents of a language."""
        paused = {EVERY, language} & set(self.status.paused)
        wanted = self.settings.trusted and self.settings.completion.wants(language)
        return wanted and not paused

    def pause(self, languages: frozenset[str]) -> None:
        """Suggest no code unasked in these languages, or in EVERY one."""
        self._pause(languages.union(self.status.paused))

    def resume(self, languages: frozenset[str]) -> None:
        """Take pauses back; EVERY takes them all back."""
        self._pause(frozenset(self.status.paused if EVERY not in languages else ()) - languages)

    def _pause(self, languages: frozenset[str]) -> None:
        self._tell(replace(self.status, paused=tuple(sorted(languages))))

    async def suggest(self, uri: str, excerpt: Excerpt, *, explicit: bool) -> str | None:
        """Return the text to insert at the cursor, or None. Raises `ArrieroError`."""
        pace = self.settings.completion.pace
        return await self.completer.suggest(uri, excerpt, explicit=explicit, pace=pace)

    async def offer(self, uri: str, excerpt: Excerpt, *, explicit: bool) -> Offer | None:
        """Return one text or several to insert at the cursor; see `Completer.offer`."""
        self.context.prepare(excerpt)
        pace = self.settings.completion.pace
        return await self.completer.offer(uri, excerpt, explicit=explicit, pace=pace)

    async def glance(self, uri: str, excerpt: Excerpt, failed: Failed) -> str | None:
        """Return what is known at once; see `Completer.glance`."""
        self.context.prepare(excerpt)
        pace = self.settings.completion.pace
        return await self.completer.glance(
            uri, excerpt, pace=pace, patience=LIST_PATIENCE, failed=failed
        )

    async def worded(self, excerpt: Excerpt, model_id: str = "") -> Worded:
        """Return what would be asked for a suggestion, of the model in use or of another one.

        Raises NotSent where the cursor stands at a secret.
        """
        model, info, formats = await self.meet()
        if model_id:
            info = ModelInfo(model_id, "", "")
            formats = formats_of(info)
        dialect = dialects.BY_NAME[formats.completion]
        asked = self._wording.suggestion(model, info, dialect, Question.at(excerpt))
        return Worded(asked, dialect, info, model.count)

    async def act(
        self,
        choice: Choice,
        on_token: Callable[[Answer], None],
        object_to: actor.Objection = lambda rewriting: "",
    ) -> Rewriting:
        """Carry out what was chosen; see `actor.act`. Raises `ArrieroError`."""
        model, info, formats = await self.meet()
        dialect = dialects.BY_NAME[formats.conversation]
        choice = self._wording.action(info, choice)
        with self._thinking(self._line) as note:
            return await actor.act(
                model,
                info,
                dialect,
                choice,
                self._wording.redactor,
                on_token,
                note,
                self.settings.system_prompt,
                object_to,
            )

    def is_news(self, error: ArrieroError, *, asked: bool) -> bool:
        """Return whether to tell the person of a failure, and count it as told."""
        return self._news.to_tell(error, asked=asked, worked=self.status.last is not None)

    def keeps_back(self, path: Path, root: Path | None) -> str | None:
        """Return why a file is sent to no model, or None."""
        return self._gate(path, root, self.settings.ignore)

    def _may_send(self, path: Path, root: Path | None) -> bool:
        return self.keeps_back(path, root) is None

    def watch(self, folders: Sequence[Path]) -> None:
        """Know the files of these folders, as far as parts of them may be shown."""
        wanted = folders if self.context.kinds else ()
        self.context.gathering.index.watch(wanted, self.settings.ignore)

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self.completer.forget(uri)
        self.context.forget(uri)

    async def _completion(self, question: Question) -> AsyncGenerator[Known]:
        """Ask for a suggestion and yield what is known of it after each token."""
        line = self._line_for(question.explicit)
        if not question.explicit:
            line.breaker.check()
        model, info, formats = await self.meet(explicit=question.explicit)
        dialect = dialects.BY_NAME[formats.completion]
        if not question.explicit:
            info = info.share(line.load.room)
        asked = self._wording.suggestion(model, info, dialect, question)
        if not asked.prompt.text:
            return  # nothing to continue: the model has no word before the cursor
        if not question.explicit and not line.load.admits(asked.prompt.text):
            return  # others wait for the server

        def shorter() -> completion.Ask:
            return self._wording.suggestion(model, info.smaller(), dialect, question)

        shown = question.excerpt.before.removesuffix(asked.held)
        known = Known(replace(question.excerpt, before=shown))
        answer, earlier = None, self.status.last
        asked_at = clock.now()
        following = follow(model, asked.prompt, explicit=question.explicit, shorter=shorter)
        async with aclosing(following) as answers:
            with self._thinking(line) as note:
                try:
                    async for answer in answers:
                        # Now: part of an answer can be shown, and asked about, before its end.
                        self.status = replace(self.status, last=answer)
                        known = _known(known, answer, asked, question.explicit)
                        if known.ending != "running":
                            break
                        yield known
                except BackendError:
                    answer = None  # one that broke off is no sign of a server that works
                    self.status = replace(self.status, last=earlier)
                    raise
                finally:
                    if answer:
                        self.completer.rhythm = self.completer.rhythm.answer(answer.ttft_s)
                        line.load.answered(asked.prompt.text, answer)
                        note(answer)
                    else:
                        line.load.given_up(asked.prompt.text, clock.now() - asked_at)
            if answer:
                yield known  # before the stream is closed, for whose end a server may take its time

    def _several(self, excerpt: Excerpt) -> bool:
        return completion.wants_several(excerpt, self._opens(excerpt))

    def _opens(self, excerpt: Excerpt) -> bool | None:
        return self.syntax.opens(excerpt.before, excerpt.language)

    @contextmanager
    def _thinking(self, line: Line) -> Iterator[Callable[[Answer], None]]:
        def answered(answer: Answer) -> None:
            line.breaker.worked()
            self._tell(replace(self.status, last=answer, trouble=""))

        self._busy += 1
        self._tell(replace(self.status, state="thinking"))
        try:
            with line.used():
                yield answered
        except BackendError as error:
            self._failed(error, line)
            raise
        finally:
            self._busy -= 1
            if self.status.state == "thinking" and not self._busy:
                self._tell(replace(self.status, state="ready"))

    def _failed(self, error: ArrieroError, line: Line) -> None:
        if isinstance(error, BackendError):
            line.failed(error)
        state: State = "no backend" if isinstance(error, NoBackend) else "unreachable"
        self._tell(replace(self.status, state=state, trouble=str(error)))

    def _tell(self, status: Status) -> None:
        self.status = status
        self.on_status(status)


def _known(known: Known, answer: Answer, asked: completion.Ask, explicit: bool) -> Known:
    """Return what is known after one more token. Raises AnswerError, to who asked, if it is no."""
    if not explicit and answer.logprob is not None and answer.logprob < UNSURE:
        return replace(known, ending="unsure")  # without the token: it is a guess
    if explicit and reply.refuses(answer.text):
        raise AnswerError(DECLINED)
    if explicit and not answer.ended and reply.may_refuse(answer.text):
        return known
    text, closed = completion.heard(answer.text, asked, over=answer.ended)
    if answer.logprob is not None:
        known = replace(known, certainty=known.certainty * math.exp(answer.logprob))
    if answer.ended and not answer.whole:
        return replace(known, text=text, ending="cut")
    return replace(known, text=text, ending="ended" if closed or answer.ended else "running")
