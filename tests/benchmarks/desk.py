"""A typist at an editor that shows ghost text, in virtual time, noting what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from arriero.assist.assistant import Assistant
from arriero.core.text import Excerpt, held_back
from benchmarks import typist
from benchmarks.speaker import Luck, token_number, tokens_of
from benchmarks.typist import Plan
from benchmarks.why import reason

PAUSE = 0.5  # seconds; a gap in which people look
READING = 0.35  # seconds that a suggestion is looked at before it is taken
SHORTEST = 3  # characters worth taking
INSTANT = 1e-6  # seconds; less is lost in the clock's last digits
URI = "file:///pkg/file"
NOTICED = 0.1  # seconds; what takes longer is waited for


class Text:
    """The document as it stands, and from where in the true file each character is (-1: wrong)."""

    def __init__(self, plan: Plan, path: str = "pkg/file") -> None:
        self.plan = plan
        self.path = path
        before, after = plan.truth[: plan.start], plan.truth[plan.stop :]
        self.text = before + after
        self.origin = [*range(plan.start), *range(plan.stop, len(plan.truth))]
        self.cursor = plan.start
        self.unfilled = set(plan.holes)
        self.holes = sorted(plan.holes.items())
        self.filling: int | None = None

    def put(self, text: str, origin: Sequence[int]) -> None:
        """Insert at the cursor; `origin` is where each character stands in the truth, or -1."""
        at = self.cursor
        self.text = self.text[:at] + text + self.text[at:]
        self.origin[at:at] = origin
        self.cursor += len(text)

    def delete(self) -> None:
        self.cursor -= 1
        self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]
        del self.origin[self.cursor]

    def place(self, origin: int) -> int:
        """Return where in the document a true offset's character would stand."""
        return next(
            (n + 1 for n in range(len(self.origin) - 1, -1, -1) if -1 < self.origin[n] < origin), 0
        )

    def find(self, code: str) -> int | None:
        """Return where code ends that the document has, near the cursor where it has it twice."""
        found, at = [], self.text.find(code)
        while at >= 0:
            found.append(at + len(code))
            at = self.text.find(code, at + 1)
        return min(found, key=lambda end: abs(end - self.cursor), default=None)

    def goes_on(self, end: int) -> int | None:
        """Return the true offset that follows a place; None where the text is wrong or complete."""
        line = self.text.rfind("\n", 0, end) + 1
        if end == 0 or -1 in self.origin[line:end]:
            return None
        following = self.origin[end - 1] + 1
        stop = end
        while stop < len(self.origin) and self.origin[stop] == following + stop - end:
            stop += 1
        # A prompt may hold back the blanks and the word before the cursor.
        there = stop - end > len(held_back(self.text[:stop]))
        return None if there and following != self.plan.stop else following

    def skipped(self, start: int, stop: int, luck: Luck, asked_at: int):
        """Yield what the model writes of a span: it does not know of every hole to be left."""
        for hole, end in self.holes:
            if hole not in self.unfilled or hole == self.filling or not hole < stop or end <= start:
                continue
            if luck.fills(hole):
                continue
            if start < hole:
                yield start, hole
            start = end
        if start < stop:
            yield start, stop

    def excerpt(self) -> Excerpt:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        return Excerpt(self.path, self.plan.language, before, after, uri=URI)


@dataclass(slots=True)
class Pause:
    """A gap of at least half a second before a key that inserts text.

    `seen` is the time into the gap at which an answer was in hand; `right` that at which it was a
    right one. Infinite: never. `ideal` is the same for the oracle; `why` says what kept a right one
    away that the oracle would have had in time.
    """

    predictable: bool
    ideal: float
    seen: float = float("inf")
    right: float = float("inf")
    empty: bool = False
    why: str = ""


@dataclass(slots=True)
class State:
    """A moment at which the document changed: what an oracle might have asked from."""

    time: float
    before: str
    after: str
    offset: int
    seen: int


class Typist:
    """Carries out a plan."""

    def __init__(self, text: Text, luck: Luck, assistant: Assistant) -> None:
        self.text, self.plan, self.luck = text, text.plan, luck
        self.assistant = assistant
        self.pauses: list[Pause] = []
        self.keys = 0
        self.accepted_tokens = 0
        self.accepted = 0
        self._shown = ""  # the ghost text at the cursor
        self._since = 0.0
        self._asking: asyncio.Task[str | None] | None = None
        self._states: list[State] = []

    async def work(self) -> None:
        """Type the region; everything planned on the way happens where it was planned."""
        at = self.plan.start
        done: set[object] = set()
        while at < self.plan.stop:
            if (to := self.plan.pastes.get(at)) and at not in done:
                self._insert(self.plan.truth[at:to], range(at, to))
                at = await self._gap(to)
            elif at in self.plan.trips and ("trip", at) not in done:
                done.add(("trip", at))
                at = await self._travel(self.plan.trips[at], at)
            elif at in self.plan.typos and ("typo", at) not in done:
                done.add(("typo", at))
                await self._mistype(self.plan.typos[at], at)
            elif at in self.plan.holes:
                at = self.plan.holes[at]
            else:
                at = await self._key(at)
        if self._asking:
            self._asking.cancel()

    async def _key(self, at: int, bound: int | None = None) -> int:
        """Type one key, rest, and perhaps take what is shown; return where that leads."""
        ahead = self._ahead(at, bound)
        size = 1
        if self.plan.truth[at] == "\n":  # the editor indents
            while size < len(ahead) and self.plan.truth[ahead[size]] in " \t":
                size += 1
        self._insert(self._truth(ahead[:size]), ahead[:size])
        self.keys += 1
        return await self._gap(ahead[size - 1] + 1, bound)

    def _ahead(self, at: int, bound: int | None) -> list[int]:
        """Return the true offsets of the characters that are sure to be typed next, in order."""
        if bound is None:
            bound = min(e for e in (*self.plan.trips, *self.plan.pastes, self.plan.stop) if e > at)
        left_out = [
            (a, b) for a, b in self.text.holes if at < b and a < bound and a != self.text.filling
        ]
        return [o for o in range(at, bound) if not any(a <= o < b for a, b in left_out)]

    def _truth(self, offsets: Sequence[int]) -> str:
        return "".join(self.plan.truth[offset] for offset in offsets)

    async def _gap(self, at: int, bound: int | None = None) -> int:
        """Let the gap before the next key pass."""
        if at == bound or at >= self.plan.stop:
            await self._rest(self.plan.gap(at), "", at)
            return at
        planned = at in self.plan.trips or at in self.plan.pastes
        ahead = [] if planned and bound is None else self._ahead(at, bound)
        taken = await self._rest(self.plan.gap(at), self._truth(ahead), at)
        if not taken:
            return at
        self._insert(taken, ahead[: len(taken)])
        self.accepted += 1
        after = ahead[len(taken) - 1] + 1
        self.accepted_tokens += token_number(self.plan.truth, after) - token_number(
            self.plan.truth, at
        )
        return await self._gap(after, bound)

    async def _rest(self, gap: float, upcoming: str, at: int) -> str:
        """Wait for the next key; return the suggestion that is taken meanwhile, or ""."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        line = upcoming.partition("\n")[0]
        pause = self._opportunity(line, at, began) if gap >= PAUSE and upcoming else None
        if pause:
            self.pauses.append(pause)
            if pause.ideal <= NOTICED and isinstance(self.assistant, Assistant):
                loop.call_later(NOTICED + INSTANT, self._explain, pause)
        self._ask()
        while True:
            right = self._right(line)
            if pause:
                self._note(pause, right, loop.time() - began)
            left = began + gap - loop.time()
            takes = right and len(right) >= SHORTEST and self.plan.attends(at)
            until = max(self._since + READING - loop.time(), 0.0) if takes else left
            until = until if until > INSTANT else 0.0  # so that the clock moves at all
            if takes and until <= 0:
                return right
            waiting = {self._asking} if self._asking else set()
            if takes and until < left:
                await self._wait(waiting, until)
                if loop.time() >= self._since + READING - INSTANT and self._right(line):
                    return self._right(line)
            else:
                await self._wait(waiting, left)
            if loop.time() >= began + gap - INSTANT:
                return ""
            self._take_in()

    async def _wait(self, tasks: set[asyncio.Task[str | None]], seconds: float) -> None:
        if tasks:
            await asyncio.wait(tasks, timeout=max(seconds, 0.0))
        else:
            await asyncio.sleep(max(seconds, 0.0))
        self._take_in()

    def _take_in(self) -> None:
        if self._asking and self._asking.done():
            text = "" if self._asking.cancelled() else self._asking.result() or ""
            self._asking = None
            if text != self._shown:
                self._show(text)

    def _show(self, text: str) -> None:
        # What is read, and can be taken, is the first line.
        if text.partition("\n")[0] != self._shown.partition("\n")[0]:
            self._since = asyncio.get_running_loop().time()
        self._shown = text

    def _right(self, line: str) -> str:
        """Return the first line of what is shown if it is truly what comes next.

        One line of several can be taken, so the first is what counts.
        """
        shown = self._shown.partition("\n")[0]
        worth = len(shown) >= min(SHORTEST, len(line.rstrip()))
        return shown if shown and worth and line.startswith(shown) else ""

    def _note(self, pause: Pause, right: str, waited: float) -> None:
        if self._shown:
            pause.seen = min(pause.seen, waited)
        elif self._asking is None:
            pause.empty = True
        if right:
            pause.right = min(pause.right, waited)

    def _explain(self, pause: Pause) -> None:
        if pause.right > NOTICED:
            asking = self._asking is not None
            now = self.text.excerpt()
            pause.why = reason(self.assistant.completer, URI, now, self._shown, asking=asking)

    def _insert(self, text: str, origin: Sequence[int]) -> None:
        self.text.put(text, origin)
        if self._shown.startswith(text):
            self._shown = self._shown[len(text) :]
        else:
            self._shown = ""

    def _ask(self) -> None:
        """Do as editors do: cancel the request before, and ask at every change."""
        loop = asyncio.get_running_loop()
        if self._asking:
            self._asking.cancel()
        excerpt = self.text.excerpt()
        self._remember(excerpt, loop.time())
        self._asking = loop.create_task(self.assistant.suggest(URI, excerpt, explicit=False))

    # The oracle ----------------------------------------------------------------------------------

    def _remember(self, excerpt: Excerpt, now: float) -> None:
        at = self.text.goes_on(self.text.cursor)
        if at is not None and at < len(self.plan.truth):
            start, _ = self._span(at)
            self._states.append(State(now, excerpt.before, excerpt.after, at, at - start))

    def _span(self, at: int) -> tuple[int, int]:
        return tokens_of(self.plan.truth)[token_number(self.plan.truth, at)]

    def _opportunity(self, line: str, at: int, now: float) -> Pause:
        """Rate a pause: would the model be right, and how soon could that be had at best.

        The oracle knows which answers will be right, and has asked for one at the best of all the
        moments so far from which it leads here.
        """
        if not line.strip():
            return Pause(False, float("inf"))
        excerpt, end = self.text.excerpt(), at + len(line)
        here = State(now, excerpt.before, excerpt.after, at, at - self._span(at)[0])
        if not self._true_to(here, end, excerpt):
            return Pause(False, float("inf"))
        speed = self.luck.speed
        ideal = float("inf")
        for state in [*self._states[-400:], here]:
            if self._true_to(state, end, excerpt):
                truth = self.plan.truth
                tokens = token_number(truth, end - 1) - token_number(truth, state.offset) + 1
                took = speed.first_token + (tokens - 1) * speed.per_token
                ideal = min(ideal, max(state.time + took - now, 0.0))
        return Pause(True, ideal)

    def _true_to(self, state: State, end: int, now: Excerpt) -> bool:
        """Tell whether what the model says from a state is true up to `end`, and leads here."""
        if state.after != now.after or not now.before.startswith(state.before):
            return False
        if -1 in self.text.origin[len(state.before) : len(now.before)]:
            return False
        unknown = [(a, b) for a, b in self.plan.holes.items() if a in self.text.unfilled]
        tokens = tokens_of(self.plan.truth)
        first, last = (token_number(self.plan.truth, at) for at in (state.offset, end - 1))
        for start, stop in tokens[first : last + 1]:
            left_out = [a for a, b in unknown if a < stop and start < b and a != self.text.filling]
            if any(self.luck.fills(hole) for hole in left_out):
                return False
            if not left_out and self.luck.stumbles(start, stop, max(state.offset - start, 0)):
                return False
        return True

    # Revisions -----------------------------------------------------------------------------------

    async def _mistype(self, typo: typist.Typo, at: int) -> None:
        for character in typo.wrong:
            self._insert(character, [-1])
            self.keys += 1
            await self._rest(self.plan.gap(at, typist.IN_WORD), "", at)
        await self._rest(self.plan.gap(at, typist.TYPO), "", at)
        for _ in range(len(typo.wrong) + typo.also):
            self.text.delete()
            self._shown = ""
            self.keys += 1
            await self._rest(self.plan.gap(at, typist.STOP), "", at)
        again = at - typo.also
        while again < at:
            again = await self._key(again, at)

    async def _travel(self, trip: typist.Trip, at: int) -> int:
        await self._rest(self.plan.gap(at, typist.LEAVE), "", at)
        await self._stops(trip.stops, at, 1)
        for hole, end in trip.holes:
            if hole not in self.text.unfilled:
                continue
            self.text.filling = hole
            await self._go(self.text.place(hole), hole)
            place = hole
            while place < end:
                place = await self._key(place, end)
            self.text.unfilled.discard(hole)
            self.text.filling = None
        await self._stops(trip.stops_back, at, -1)
        self.text.cursor = self.text.place(at)
        self._shown = ""
        self.keys += 1
        return await self._gap(at)

    async def _stops(self, stops: int, at: int, seed: int) -> None:
        for number in range(stops):
            lines = self.text.text.rfind("\n", 0, max(self.text.cursor - 1, 0))
            await self._go(max(lines, 1), at + seed * number)

    async def _go(self, place: int, at: int) -> None:
        self.text.cursor = place
        self._shown = ""
        self.keys += 1
        await self._rest(self.plan.gap(at, typist.STOP), "", at)
