"""textDocument/codeAction: offers at once; the model is asked only for the one that is chosen.

The server remembers nothing between offer and choice: everything the command needs travels in its
arguments, as a `Ticket`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from arriero.core.actions import ACTIONS, Action, Problem, has_gap
from arriero.core.regions import enclosing, paragraph
from arriero.lsp.capabilities import ACT
from arriero.lsp.documents import Document
from arriero.lsp.possible import is_binary
from arriero.lsp.server import Server

TITLE_LENGTH = 72  # characters


@dataclass(frozen=True, slots=True)
class Ticket:
    """The arguments of `arriero.act`: which action, and which lines (half-open, from 0) of what."""

    action: str
    uri: str
    version: int
    start: int
    stop: int
    problems: list[Problem]


def register(server: Server) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(offer)


def offer(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """List the actions that make sense here, in table order."""
    document = ls.documents[params.text_document.uri]
    if ls.reason_not_to_send(document.uri) or is_binary(document, 0, document.line_count):
        return []
    return [
        offered
        for action in ACTIONS
        if ls.assistant.settings.actions.wants(action.id)
        and _wanted(action.kind, params.context)
        and (not action.languages or document.language_id in action.languages)
        for offered in _offers(ls, document, action, params)
    ]


def _wanted(kind: str, context: types.CodeActionContext) -> bool:
    """Tell whether a kind, or one that it belongs to, was asked for (LSP: kinds are a tree)."""
    return not context.only or any(
        f"{kind}.".startswith(f"{getattr(only, 'value', only)}.") or only == ""
        for only in context.only
    )


def _offers(
    ls: Server, document: Document, action: Action, params: types.CodeActionParams
) -> Iterator[types.CodeAction]:
    if action.needs in ("code", "gap"):
        start, stop = _region(ls, document, params.range)
        gap = action.needs == "code" or has_gap("\n".join(document.lines(start, stop)))
        if start < stop and gap:
            yield _offer(ls, document, action, action.title, start, stop, [])
        return
    if action.needs == "diagnostics":
        if len(params.context.diagnostics) > 1:
            start, stop = _around_all(ls, document, params.context.diagnostics)
            yield _offer(
                ls, document, action, action.title, start, stop, [*params.context.diagnostics]
            )
        return
    for diagnostic in params.context.diagnostics:
        start, stop = _around(ls, document, document.index(diagnostic.range.start)[0])
        message = " ".join(diagnostic.message.split())
        title = action.title.format(message=message)
        if len(title) > TITLE_LENGTH:
            title = title[: TITLE_LENGTH - 1] + "…"
        yield _offer(ls, document, action, title, start, stop, [diagnostic])


def _offer(
    ls: Server,
    document: Document,
    action: Action,
    title: str,
    start: int,
    stop: int,
    diagnostics: list[types.Diagnostic],
) -> types.CodeAction:
    problems = [
        Problem(each.range.start.line, each.message, each.source or "", str(each.code or ""))
        for each in diagnostics
    ]
    ticket = Ticket(action.id, document.uri, document.version, start, stop, problems)
    tag = types.CodeActionTag.LlmGenerated
    return types.CodeAction(
        title,
        kind=action.kind,
        diagnostics=diagnostics or None,
        tags=[tag] if tag in ls.client.code_action_tags else None,
        command=types.Command(title, ACT, arguments=[ls.plain(ticket)]),
    )


def _region(ls: Server, document: Document, selected: types.Range) -> tuple[int, int]:
    """Return the lines of the selection; where nothing is selected, the definition around it."""
    (first, begin), (last, end) = document.index(selected.start), document.index(selected.end)
    if (first, begin) == (last, end):
        return _around(ls, document, first)
    # A selection of whole lines ends at the start of the next one, which is not part of it.
    stop = last if end == 0 and last > first else last + 1
    while first < stop and not document.line(first).strip():
        first += 1
    while stop > first and not document.line(stop - 1).strip():
        stop -= 1
    if first == stop:
        return first, stop
    # Half a statement can be neither understood nor replaced.
    whole = ls.assistant.syntax.whole(_text(document), document.language_id, first, stop)
    return whole or (first, stop)


def _around(ls: Server, document: Document, line: int) -> tuple[int, int]:
    """Return the definition around a line: by syntax, and where that knows none, by indentation."""
    syntax, language = ls.assistant.syntax, document.language_id
    text = _text(document)
    if found := syntax.enclosing(text, language, line):
        return found[-1].start, found[-1].stop
    faults = syntax.faults(text, language)
    # Far more lines than a model can rewrite are not read.
    top = max(line - 1000, 0)
    near = document.lines(top, line + 1000)
    rule = paragraph if faults and not faults.count else enclosing
    start, stop = rule(near, line - top)
    return top + start, top + stop


def _around_all(
    ls: Server, document: Document, diagnostics: Sequence[types.Diagnostic]
) -> tuple[int, int]:
    """Return the lines that hold the definitions around all the diagnostics."""
    lines = {document.index(each.range.start)[0] for each in diagnostics}
    around = [_around(ls, document, line) for line in lines]
    return min(start for start, _ in around), max(stop for _, stop in around)


def _text(document: Document) -> str:
    return "\n".join(document.lines(0, document.line_count))
