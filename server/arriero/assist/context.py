"""What is shown of other files: chosen for a place, and then left as it is.

    Context.around(excerpt) -> gathering.py -> core/context.py -> Blocks, for the layout of a prompt

Nothing is waited for. What is not known yet comes along when the choice is made anew: at another
place, or where the code needs a definition that is not shown. Between two keys it stays the same,
so that the model server finds the prompt's beginning in its cache.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from arriero.assist.gathering import FAR, Gathering
from arriero.core import context
from arriero.core.context import Block, Snippet
from arriero.core.text import Excerpt

# Places of one document whose choices are kept: who edits elsewhere comes back.
PLACES = 3

# Names by which similar code is looked for, and how long they are at least.
SIMILAR_NAMES, SIMILAR_NAME = 24, 4

Permitted = Callable[[Path, Path | None], bool]


@dataclass(slots=True)
class Choice:
    """What is shown for a document, and what it was chosen by.

    `looked_for` are the names whose definitions were looked for then, or since without being found.
    `news` is what the index had told; `reading` says that there was more to come. `origins` are the
    files that it shows parts of, each with its folder.
    """

    blocks: tuple[Block, ...]
    names: frozenset[str]
    line: int
    limit: int
    looked_for: set[str]
    news: int
    reading: bool
    origins: frozenset[tuple[str, str]]


@dataclass(slots=True)
class Context:
    """What is shown of other files, for all open documents.

    `permitted` says of a file, and its folder, whether it may be sent. It is asked at the very end
    for every file of which something is to be shown, whatever road that came by; and for each
    question again, since a rule counts from the moment that it is written.
    """

    permitted: Permitted
    gathering: Gathering = field(default_factory=Gathering)
    kinds: Collection[str] = tuple(context.SHARES)
    _choices: dict[str, list[Choice]] = field(default_factory=dict)
    _similar: dict[str, list[Snippet]] = field(default_factory=dict)
    _searches: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def around(self, excerpt: Excerpt, limit: int) -> tuple[Block, ...]:
        """Return what to show beside an excerpt, within about `limit` tokens.

        They are estimated here, and not counted: there are model servers that count for us, and
        nothing may go to one before it is certain that it may, and without its secrets.
        """
        if limit <= 0 or not self.kinds or self.gathering.is_alone(excerpt):
            return ()
        choice = self._made(excerpt)
        if choice is None or choice.limit != limit or self._is_stale(choice, excerpt):
            choices = self._choices.setdefault(excerpt.uri, [])
            if choice:
                choices.remove(choice)
            choice = self._choose(excerpt, limit)
            self._choices[excerpt.uri] = [choice, *choices][:PLACES]
        return choice.blocks

    def beside(self, excerpt: Excerpt, limit: int) -> tuple[Block, ...]:
        """Return the same for one question alone, such as an action."""
        return self._choose(excerpt, limit).blocks if limit > 0 and self.kinds else ()

    def prepare(self, excerpt: Excerpt) -> None:
        """Look for similar code while the typing rests, if a choice is to be made."""
        if self.gathering.index.folders and self._made(excerpt) is None:
            self._search(excerpt)

    def _made(self, excerpt: Excerpt) -> Choice | None:
        """Return the choice that was made for a place."""
        choices = self._choices.get(excerpt.uri, ())
        return next((each for each in choices if abs(excerpt.line - each.line) <= FAR), None)

    def forget(self, uri: str) -> None:
        """Drop what is known of a closed document."""
        self._choices.pop(uri, None)
        self._similar.pop(uri, None)
        self.gathering.trail.forget(uri)
        if search := self._searches.pop(uri, None):
            search.cancel()

    def forget_all(self) -> None:
        """Choose anew for every document: the settings are others."""
        self._choices.clear()
        self._similar.clear()

    async def settled(self) -> None:
        """Wait until nothing is looked for."""
        await asyncio.gather(*self._searches.values())

    async def close(self) -> None:
        """End what is running."""
        searches = [*self._searches.values()]
        for search in searches:
            search.cancel()
        await asyncio.gather(*searches, return_exceptions=True)
        await self.gathering.index.close()

    def _is_stale(self, choice: Choice, excerpt: Excerpt) -> bool:
        """Tell whether it shows what may not be any more, or lacks what is needed and known."""
        index = self.gathering.index
        if choice.reading and not index.reading:
            return True
        if not all(map(self._may_be_shown, choice.origins)):
            return True
        if choice.news != index.news:
            choice.news = index.news
            choice.looked_for = {*choice.names}
        new = context.near_names(excerpt).keys() - choice.looked_for
        if not new:
            return False
        choice.looked_for |= new
        place = self.gathering.needs(excerpt)
        found = self.gathering.definitions(excerpt, new)
        return any(context.is_imported(definition, place) for _, definition in found)

    def _choose(self, excerpt: Excerpt, limit: int) -> Choice:
        place = self.gathering.needs(excerpt)
        ranked = [*self.gathering.snippets(excerpt, place), *self._similar.get(excerpt.uri, ())]
        chosen = context.chosen(ranked, excerpt, context.roughly, limit, self.kinds)
        shown = [snippet for snippet in chosen if self._may_be_shown(snippet.origin)]
        return Choice(
            context.blocks(shown),
            frozenset(name for snippet in shown for name in snippet.names),
            excerpt.line,
            limit,
            {*place.names, *place.near},
            self.gathering.index.news,
            self.gathering.index.reading,
            frozenset(snippet.origin for snippet in shown),
        )

    def _may_be_shown(self, origin: tuple[str, str]) -> bool:
        file, folder = origin
        return self.permitted(Path(file), Path(folder) if folder else None)

    def _search(self, excerpt: Excerpt) -> None:
        folder = self.gathering.folder(excerpt)
        if folder not in self.gathering.index.folders or excerpt.uri in self._searches:
            return
        near = context.near_names(excerpt)
        names = sorted(
            (name for name in near if len(name) >= SIMILAR_NAME), key=lambda name: -near[name]
        )
        if folder is None or not names or "similar" not in self.kinds:
            return
        search = asyncio.create_task(self._found(excerpt, folder, names[:SIMILAR_NAMES]))
        self._searches[excerpt.uri] = search
        search.add_done_callback(lambda _: self._searches.pop(excerpt.uri, None))

    async def _found(self, excerpt: Excerpt, folder: Path, names: Collection[str]) -> None:
        similar = self.gathering.similar
        self._similar[excerpt.uri] = await asyncio.to_thread(similar, excerpt, folder, names)
