"""What comes of an action: an edit of the lines, code at the cursor, a file of tests, or prose."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from arriero.assist.generation import Answer
from arriero.core import checks, testing
from arriero.core.acting import Choice
from arriero.core.actions import Action
from arriero.core.rewriting import Rewriting
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, NotPossible
from arriero.lsp import excerpts
from arriero.lsp.applying import Seen, Target, apply, changed_meanwhile, edit_of, sent
from arriero.lsp.code_action import Ticket
from arriero.lsp.documents import Document
from arriero.lsp.explanations import explanation
from arriero.lsp.progress import progress
from arriero.lsp.server import Server

Result = dict[str, object]


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that was chosen, and the document as it is now."""

    ls: Server
    action: Action
    ticket: Ticket
    document: Document

    @property
    def excerpt(self) -> Excerpt:
        """The lines that the action is about, with what is around them."""
        ticket, root = self.ticket, self.ls.root_of(self.document.uri)
        return excerpts.of(self.document, ticket.start, ticket.stop, root)

    @property
    def heading(self) -> str:
        """What people read of it: the action and the file."""
        return f"{self.action.name} ({self.excerpt.path})"

    def choice(self, target: Excerpt | None = None) -> Choice:
        """Return what the model is asked about."""
        ticket = self.ticket
        return Choice(self.action, self.excerpt, ticket.problems, ticket.instruction, target)


def _so_far(answer: Answer) -> str:
    return "1 token" if answer.tokens == 1 else f"{answer.tokens} tokens"


async def rewritten(deed: Deed) -> Result:
    """Put new code into the place of the lines, or below them."""
    seen = Seen.of(deed.document, deed.ticket.start, deed.ticket.stop)
    return await _written(deed, seen, deed.choice())


async def _written(deed: Deed, seen: Seen, choice: Choice, target: Target | None = None) -> Result:
    ls = deed.ls

    def object_to(new: Rewriting) -> str:
        return checks.broken(ls.assistant.syntax, seen.language, seen.lines, seen.region, new)

    async with progress(ls, deed.heading) as report:
        new = await ls.assistant.act(choice, lambda answer: report(_so_far(answer)), object_to)
    return await apply(ls, seen, new, deed.action.name, target)


async def explained(deed: Deed) -> Result:
    """Show what the model says; the result has its `text`, and a `note` on the first one."""
    ls, ticket = deed.ls, deed.ticket
    place = f"{deed.excerpt.path}, lines {ticket.start + 1} to {ticket.stop}"
    with explanation(ls, f"{deed.action.name}: {place}") as shown:
        async with progress(ls, deed.heading) as report:

            def hear(answer: Answer) -> None:
                report(_so_far(answer))
                shown.grow(answer.text)

            said = await ls.assistant.act(deed.choice(), hear)
        await shown.finish(said.text)
    return {"applied": False, "text": said.text, **({"note": shown.note} if shown.note else {})}


async def inserted(deed: Deed) -> Result:
    """Put a suggestion in at the cursor, as one asked for by hand."""
    ls, document, cursor = deed.ls, deed.document, deed.ticket.cursor
    if cursor is None:
        raise NotPossible("The action needs to know where the cursor is. Choose it from the menu.")
    revision = document.revision
    excerpt = excerpts.at(document, cursor, ls.root_of(document.uri))
    async with progress(ls, deed.heading):
        text = await ls.assistant.suggest(document.uri, excerpt, explicit=True)
    if not text:
        raise AnswerError("The model has nothing to add at the cursor.")
    async with ls.applying:
        document = ls.documents[document.uri]
        if document.revision != revision:
            raise changed_meanwhile()
        new = text.replace("\n", document.eol)
        edits = [types.TextEdit(types.Range(cursor, cursor), new)]
        return await sent(ls, edit_of(ls, document, edits, deed.action.name), deed.action.name)


async def tested(deed: Deed) -> Result:
    """Write tests into the file where they belong, or into a new one."""
    ls = deed.ls
    root = ls.root_of(deed.document.uri)
    if root is None:
        raise NotPossible("Where tests belong is known in a folder only. Open the file's folder.")
    files = await asyncio.to_thread(ls.files, root)
    place = testing.place(deed.excerpt.path, deed.document.language_id, files)
    if place is None or place == deed.excerpt.path:
        raise NotPossible(f"arriero does not know where the tests of {deed.excerpt.path} belong.")
    uri = (root / place).as_uri()
    ls.check_may_send(uri)
    target = None if ls.documents.get(uri) else _on_disk(deed, root / place)
    document = target.document if target else ls.documents[uri]
    end = document.line_count - (not document.line(document.line_count - 1))
    shown = excerpts.of(document, end, end, root)
    result = await _written(deed, Seen.of(document, end, end), deed.choice(shown), target)
    return {**result, "uri": uri}


def _on_disk(deed: Deed, file: Path) -> Target:
    """Return a file that the client has not opened, or one that is still to be created."""
    language = deed.document.language_id
    if file.exists():
        try:
            with file.open(encoding="utf-8", newline="") as opened:
                text = opened.read()
        except (OSError, UnicodeDecodeError) as error:
            raise NotPossible(f"The tests belong into {file}, which cannot be read.") from error
        return Target(Document(file.as_uri(), language, 0, text), create=False)
    if not deed.ls.client.creates_files:
        raise NotPossible(
            f"The tests belong into {file}, and this editor creates no files for a language "
            "server. Create it, and choose the action again."
        )
    return Target(Document(file.as_uri(), language, 0, ""), create=True)
