"""How busy a shared model server is, and what it is asked while nobody waits for the answer.

What a server has to read of a prompt anew costs it far more than the few tokens of a suggestion.
Where it was asked a moment ago that is next to nothing; at another place it is a third of a prompt,
and all of one that it has no room to remember. So while answers come slower than they can, prompts
are shorter, and questions at new places rarer; the others stay. The rule is that of networks
(additive increase, multiplicative decrease): all who share the server see it grow slow, and give
way alike, without knowing of each other. What is asked for by hand is always asked, in full.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from arriero.assist.clock import now
from arriero.assist.generation import Answer
from arriero.core.text import alike

# Characters to read anew that are always worth asking for: a line, and the end of the one above.
LITTLE = 160

# Characters to read anew in a second. The most is twice what somebody who never rests needs; the
# least a new place in a minute. What is not used is saved up: for a whole prompt, and for those who
# then go here and there. With room for the prompt alone, somebody who had the server for themselves
# was kept waiting for it (bench-replay: 0.936 of the oracle's suggestions in time, not 0.961).
MOST, LEAST = 600.0, 20.0
SAVED = 18_000.0

# Whoever comes begins low, and doubles the rate in so many seconds until there is a sign of load.
START = 100.0
DOUBLE = 15.0

# From then on it rises by so much a second, and by each sign of load in a second falls to a share.
COME_BACK, GIVE_WAY = 3.0, 0.5

# A sign of load is that a token takes so much longer than it can, or the first one comes later than
# twice the time that it can and a tenth of a second, which is what networks vary by. The first one
# counts only where we go on from what the server read last: anywhere else it waits for our own
# prompt to be read, which on a CPU takes a hundred times as long, whoever else is there.
SLOWER, LATER = 1.5, 0.1

# What a token takes is the median of so many answers, as two of them may have come in one piece;
# and at least this, in seconds, since behind a proxy that collects an answer all of them do.
ANSWERS, QUICKEST = 5, 0.005

# What a server can do is forgotten slowly: it may be another one by now.
FORGET = 1.002

# The share of the model's context that prompts take under load, and prompts that the server may
# still know.
SHORT = 0.4
REMEMBERED = 8


@dataclass(slots=True)
class Load:
    """One server's load, as far as we see it. Times are in seconds, texts in characters."""

    rate: float = START
    room: float = 1.0  # share of the model's context that a prompt may take now
    withheld: int = 0  # how many questions were not asked
    _saved: float = SAVED
    _counted: float | None = None  # until when what is saved was counted
    _slow: float | None = None  # when the last sign of load was heeded
    _read: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _first: float | None = None  # the soonest first token
    _token: float | None = None  # the quickest token
    _tokens: deque[float] = field(default_factory=lambda: deque(maxlen=ANSWERS))

    def admits(self, prompt: str) -> bool:
        """Tell whether to ask this now; if so, it counts as asked."""
        self._count()
        new = len(prompt) - self._known(prompt)
        if new > LITTLE:
            if self._saved < min(new, SAVED):
                self.withheld += 1
                return False
            self._saved -= new
        return True

    def answered(self, prompt: str, answer: Answer) -> None:
        """Take in how long an answer took; the server has read its prompt."""
        self._judge(prompt, answer.ttft_s)
        self._read.appendleft(prompt)
        self._first = min(answer.ttft_s, (self._first or answer.ttft_s) * FORGET)
        if answer.tokens >= 3:
            self._tokens.append((answer.seconds - answer.ttft_s) / (answer.tokens - 1))
            self._judge_tokens()

    def given_up(self, prompt: str, seconds: float) -> None:
        """Take in that nobody waits any more for an answer that has not begun for so long."""
        self._judge(prompt, seconds)

    def give_way(self) -> None:
        """Ask for less, as a server wants that is too busy."""
        if self._slow is None or now() >= self._slow + 1:
            self._count()
            self._slow = now()
            self.rate = max(self.rate * GIVE_WAY, LEAST)
            if self.rate <= MOST / 2:
                self.room = SHORT

    def _judge(self, prompt: str, waited: float) -> None:
        if self._first is None or waited <= 2 * self._first + LATER:
            return
        if len(prompt) - alike(prompt, self._read[0]) <= LITTLE:
            self.give_way()

    def _judge_tokens(self) -> None:
        if len(self._tokens) < ANSWERS:
            return
        usual = max(median(self._tokens), QUICKEST)
        self._token = min(usual, (self._token or usual) * FORGET)
        if usual > SLOWER * self._token:
            self.give_way()

    def _count(self) -> None:
        """Let pass the time since the last count."""
        time = now()
        passed = time - (time if self._counted is None else self._counted)
        self._counted = time
        self._saved = min(self._saved + passed * self.rate, SAVED)
        fast = self.rate * 2 ** (passed / DOUBLE) if self._slow is None else 0.0
        self.rate = min(max(self.rate + passed * COME_BACK, fast), MOST)
        if self.rate == MOST:
            self.room = 1.0

    def _known(self, prompt: str) -> int:
        """Return how much of a prompt's start the server has read before."""
        most = 0
        for read in self._read:
            most = max(most, alike(prompt, read))
            if len(prompt) - most <= LITTLE:
                break
        return most
