"""What the simulated 70B says: the true file, and what is wrong where its luck says so.

Where it goes on is looked up in the document by what the prompt ends with. Each token of the truth
is hard with a fixed probability; at a hard one it goes wrong, and stays so, unless the prompt shows
enough of the token. Most errors, not all, show as a low log-probability.
"""

from __future__ import annotations

import codecs
import random
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from arriero_backend.simulated import tokenizer

if TYPE_CHECKING:
    from benchmarks.desk import Text

SURE, UNSURE = -0.15, -2.5
_OPENED = re.compile(r"(?P<fence>`{3,})[^\n`]*\n")

# A token of an answer: its text, the true span where it is right, and its log-probability.
Said = tuple[str, tuple[int, int] | None, float | None]


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast and how good it is. Times in seconds; `round_trip` is part of the first token's."""

    first_token: float
    per_token: float
    per_prompt_token: float = 0.00005
    round_trip: float = 0.02
    accuracy: float = 0.90
    errors_seen: float | None = 0.70  # share of its errors with a low log-probability
    sure: float = SURE  # log-probability of each other token
    slots: int = 8


@cache
def tokens_of(truth: str) -> list[tuple[int, int]]:
    """Cut a true file into tokens, as offsets."""
    spans, at = [], 0
    for _, piece in tokenizer.pieces(truth):
        spans.append((at, at + len(piece)))
        at += len(piece)
    return spans


def tokens_in(characters: int) -> int:
    """Return about how many tokens of code so many characters are."""
    return characters * 2 // 5


@cache
def _numbers(truth: str) -> list[int]:
    return [number for number, span in enumerate(tokens_of(truth)) for _ in range(*span)]


def token_number(truth: str, offset: int) -> int:
    """Return which token of a true file an offset is in."""
    numbers = _numbers(truth)
    return numbers[offset] if offset < len(numbers) else len(tokens_of(truth))


@dataclass(slots=True)
class Luck:
    """Which tokens of a file are hard: how much of one makes it easy, and whether errors show."""

    truth: str
    seed: int
    speed: Speed
    hard: dict[int, tuple[int, bool]] = field(init=False)  # token's start -> characters, shows

    def __post_init__(self) -> None:
        draw = random.Random(f"luck {self.seed}")
        self.hard = {}
        for start, stop in tokens_of(self.truth):
            hard, known = draw.random() >= self.speed.accuracy, draw.randint(1, stop - start)
            shows = draw.random() < (self.speed.errors_seen or 0.0)
            if hard:
                self.hard[start] = (known, shows)

    def fills(self, hole: int) -> bool:
        """Tell whether the model writes what the typist leaves out at first: half the times."""
        return random.Random(f"{self.seed} hole {hole}").random() < 0.5

    def stumbles(self, start: int, stop: int, seen: int) -> bool:
        """Tell whether the token goes wrong when its first `seen` characters are shown."""
        return start in self.hard and seen < self.hard[start][0]


class Speaker:
    """Knows what one typist writes. `text` is the document, with where each part is from."""

    def __init__(self, text: Text, luck: Luck) -> None:
        self.text = text
        self.luck = luck
        self.speed = luck.speed

    def said(self, prompt: str, most: int) -> list[Said]:
        """Return the tokens of an answer.

        `errors_seen` of None stands for a backend that gives no log-probabilities.
        """
        opened = list(_OPENED.finditer(prompt))[-1]
        code = prompt[opened.end() :]
        end = self.text.find(code)
        at = self._foreseen(code) if end is None else self.text.goes_on(end)
        wrong = at is None
        if at is None:
            at = self.luck.truth.find("\n", len(self.luck.truth) // 2)
        said = []
        for start, stop in islice(self._path(at), most):
            logprob = None if self.speed.errors_seen is None else self.speed.sure
            if not wrong and self.luck.stumbles(*self._token(start), start - self._token(start)[0]):
                wrong = True
                shows = self.luck.hard[self._token(start)[0]][1]
                logprob = UNSURE if shows and logprob is not None else logprob
            true = self.luck.truth[start:stop]
            if not wrong:
                said.append((true, (start, stop), logprob))
            elif not said or said[-1][1]:  # the first wrong one, which has to differ
                said.append((_garbled(true), None, logprob))
            else:
                said.append((codecs.encode(true, "rot13"), None, logprob))
        fence = opened["fence"]
        return [*said, ("\n", None, SURE), (fence, None, SURE)][:most]

    def _foreseen(self, code: str) -> int | None:
        """Return the true offset after code that is ahead of the cursor, if it is what comes."""
        at = self.text.goes_on(self.text.cursor)
        if at is None:
            return None
        coming = [offset for span in islice(self._path(at), 200) for offset in range(*span)]
        before = self.text.text[: self.text.cursor]
        text = before + "".join(self.luck.truth[offset] for offset in coming)
        ends = text.find(code, max(len(before) - len(code), 0)) + len(code)
        return coming[ends - len(before)] if len(before) < ends < len(text) else None

    def _path(self, at: int):
        """Yield the spans from an offset on, by tokens, past what the document has left out."""
        stop_at = self.text.plan.stop if at < self.text.plan.stop else len(self.luck.truth)
        first = token_number(self.luck.truth, at)
        for start, stop in islice(tokens_of(self.luck.truth), first, None):
            start = max(start, at)
            if start >= stop:
                continue
            if start >= stop_at:
                return
            yield from self.text.skipped(start, min(stop, stop_at), self.luck, at)

    def _token(self, offset: int) -> tuple[int, int]:
        return tokens_of(self.luck.truth)[token_number(self.luck.truth, offset)]


def _garbled(text: str) -> str:
    """Return something else of the same shape, so that lines and blocks end where they would."""
    other = codecs.encode(text, "rot13")
    return other if other != text else text + "w"
