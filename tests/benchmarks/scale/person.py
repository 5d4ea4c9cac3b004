"""Somebody at work: they type, now and then have code explained, and see what they see."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from arriero import app, syntax
from arriero.assist.assistant import Assistant
from arriero.core.acting import PROSE_TOKENS, Choice
from arriero.core.actions import BY_ID
from arriero.core.dialects import Prompt
from arriero.core.text import Excerpt
from arriero.errors import ArrieroError
from arriero.model.endpoints import Replicas
from benchmarks import typist
from benchmarks.desk import Pause, Text, Typist
from benchmarks.scale.server import SharedServer
from benchmarks.scale.wire import Known
from benchmarks.speaker import SURE, Luck, Said, Speaker, Speed

# What is explained, in lines above the cursor; how long the explanation is, in tokens; and how many
# seconds of typing pass on average between two. Nobody has published any of these: all are assumed.
EXPLAINED = 20
WORDS = (60, 160)
EVERY = float(os.environ.get("EVERY") or 600)

# How good the model is; how fast, the server decides.
GOOD = Speed(0.250, 0.030)


@dataclass(frozen=True, slots=True)
class Explained:
    """One action: how long it took, and what the model was asked and said."""

    seconds: float
    prompt: str
    said: Sequence[Said]


@dataclass(slots=True)
class Seen:
    """What somebody saw go wrong: requests that came to nothing, and messages."""

    lost: int = 0
    messages: list[str] = field(default_factory=list)


class Person:
    """Has an assistant of their own, and shares the servers with everybody else.

    They are what the typist asks for suggestions.
    """

    def __init__(self, number: int, plan: typist.Plan, servers: Sequence[SharedServer]) -> None:
        self.uri = f"file:///work/file{number}"
        text, luck = Text(plan, f"work/file{number}"), Luck(plan.truth, plan.seed, GOOD)
        self.seen = Seen()
        self.explained: list[Explained] = []
        self._text, self._speaker = text, Speaker(text, luck)
        self._draw = random.Random(f"person {number}")
        self._last: ArrieroError | None = None
        self._asked: tuple[str, list[Said]] = ("", [])
        model = Replicas([Known(n, server, self._said) for n, server in enumerate(servers)])

        async def connect(settings: object) -> Replicas:
            return model

        self._assistant = Assistant(connect, lambda *_: None, app.redactor(), syntax)
        self._typist = Typist(text, luck, self)

    @property
    def pauses(self) -> list[Pause]:
        return self._typist.pauses

    def forget(self) -> None:
        """Count from now on."""
        self.seen = Seen()
        self.explained.clear()
        self.pauses.clear()

    async def work(self, begins: float) -> None:
        """Type and ask; cancelled when the day is over."""
        await asyncio.sleep(begins)
        asking = asyncio.create_task(self._ask_now_and_then())
        try:
            await self._typist.work()
        finally:
            asking.cancel()
            await self._assistant.close()

    async def suggest(self, uri: str, excerpt: Excerpt, *, explicit: bool) -> str | None:
        """Ask for a suggestion; what goes wrong is seen only if the server would tell it."""
        try:
            return await self._assistant.suggest(uri, excerpt, explicit=explicit)
        except ArrieroError as error:
            self._failed(error, asked=False)
            return None

    async def _ask_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(self._draw.expovariate(1 / EVERY))
            started = asyncio.get_running_loop().time()
            try:
                await self._assistant.act(self._choice(), lambda answer: None)
            except ArrieroError as error:
                self._failed(error, asked=True)
            else:
                taken = asyncio.get_running_loop().time() - started
                self.explained.append(Explained(taken, *self._asked))

    def _choice(self) -> Choice:
        now = self._text.excerpt()
        lines = now.before.split("\n")
        start = "\n".join(lines[:-EXPLAINED])
        selected = now.before.removeprefix(start)
        excerpt = Excerpt(now.path, now.language, start, now.after, selected)
        return Choice(BY_ID["explain"], excerpt)

    def _said(self, prompt: Prompt) -> list[Said]:
        if prompt.max_new_tokens != PROSE_TOKENS:
            return self._speaker.said(prompt.text, prompt.max_new_tokens)
        words = self._draw.randint(*WORDS)
        self._asked = (prompt.text, [(" word", None, SURE)] * words)
        return self._asked[1]

    def _failed(self, error: ArrieroError, *, asked: bool) -> None:
        # While a server is left alone, what it said last is raised again.
        self.seen.lost += error is not self._last
        self._last = error
        if self._assistant.is_news(error, asked=asked):
            self.seen.messages.append(str(error))
