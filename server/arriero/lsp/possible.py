"""Whether an action can be done at all: what is wrong is said before the model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arriero.core.actions import Action
from arriero.errors import NotPossible
from arriero.lsp.capabilities import Client
from arriero.lsp.documents import Document

if TYPE_CHECKING:
    from arriero.lsp.code_action import Ticket


@dataclass(frozen=True, slots=True)
class _Job:
    uri: str
    start: int
    stop: int
    task: asyncio.Task[object] | None


@dataclass(slots=True)
class Work:
    """The actions that run, and the lines that each of them has."""

    _jobs: list[_Job] = field(default_factory=list)

    @contextmanager
    def on(self, uri: str, start: int, stop: int) -> Iterator[None]:
        """Keep lines (half-open) for one action. Raises NotPossible if another has some of them."""
        if any(uri == job.uri and start < job.stop and job.start < stop for job in self._jobs):
            raise NotPossible(
                "arriero is at work on these lines already. Wait until it is done, or cancel it."
            )
        job = _Job(uri, start, stop, asyncio.current_task())
        self._jobs.append(job)
        try:
            yield
        finally:
            self._jobs.remove(job)

    def cancel(self) -> int:
        """Cancel all that runs; return how many that were."""
        for job in self._jobs:
            if job.task:
                job.task.cancel()
        return len(self._jobs)


def check(action: Action, document: Document, ticket: Ticket, client: Client) -> None:
    """Raise NotPossible where an action on the ticket's lines makes no sense."""
    start, stop = ticket.start, ticket.stop
    if action.answer != "show" and not client.apply_edit:
        raise NotPossible(
            "This editor takes no edits from a language server (workspace/applyEdit), so the "
            "action could change nothing. Explanations work here."
        )
    if not 0 <= start <= stop <= document.line_count:
        raise NotPossible(
            f"The action is about lines {start + 1} to {stop}, but the document has "
            f"{document.line_count}. Choose the action again."
        )
    if is_binary(document, start, stop):
        raise NotPossible("This file is no text, so it is sent to no model.")
    if action.needs == "cursor":
        return
    if not any(line.strip() for line in document.lines(start, stop)):
        raise NotPossible("There is no code on these lines. Select some, and choose again.")
    if action.needs == "instruction" and not ticket.instruction.strip():
        raise NotPossible(f"“{action.name}” has to be told what to do, and was told nothing.")


def is_binary(document: Document, start: int, stop: int) -> bool:
    """Tell whether lines hold what no text has."""
    return any("\0" in line for line in document.lines(start, stop))
