"""textDocument/codeAction: offers at once; the model is asked only for the one that is chosen.

The server remembers nothing between offer and choice: everything the command needs travels in its
arguments, as a `Ticket`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lsprotocol import types

from arriero.core.acting import Problem
from arriero.core.actions import ACTIONS, Action, has_gap
from arriero.core.regions import enclosing, paragraph
from arriero.errors import NotPossible
from arriero.lsp.capabilities import ACT
from arriero.lsp.documents import Document
from arriero.lsp.possible import is_binary
from arriero.lsp.server import Server
from arriero.settings_kinds import one_of

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
    instruction: str = ""  # what the person wants, for an action that needs to be told
    cursor: types.Position | None = None  # for an action that inserts


def register(server: Server) -> None:
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(offer)


def offer(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """List the actions that make sense here, in table order, and then the person's own."""
    document = ls.documents[params.text_document.uri]
    # Editors ask at every step of the cursor, so only the lines in question are looked at.
    first, last = params.range.start.line, params.range.end.line
    if ls.reason_not_to_send(document.uri) or is_binary(document, first, last + 1):
        return []
    selected = _selected(document, params.range)
    region = cache(lambda: _region(ls, document, selected))  # most actions ask for it
    return [
        _offered(ls, document, action, chance)
        for action in offered_actions(ls)
        if _wanted(action.kind, params.context)
        and (not action.languages or document.language_id in action.languages)
        for chance in _chances(ls, document, action, selected, params.context.diagnostics, region)
    ]


def _selected(document: Document, range_: types.Range) -> types.Range:
    """Return what is selected; one character is none.

    Helix has no cursor without a selection: there it is the character below the cursor, be it the
    end of the line.
    """
    (first, begin), (last, end) = document.index(range_.start), document.index(range_.end)
    end_of_line = (last, end) == (first + 1, 0) and begin == len(document.line(first))
    if end_of_line or (first == last and end == begin + 1):
        return types.Range(range_.start, range_.start)
    return range_


def offered_actions(ls: Server) -> list[Action]:
    """Return the actions that the settings want, and those that they define."""
    told = ls.assistant.settings.actions
    return [*(action for action in ACTIONS if told.wants(action.id)), *_own(ls)]


def known(ls: Server, id: str) -> Action:
    """Return the action with this id. Raises NotPossible."""
    ids = {action.id: action for action in (*ACTIONS, *_own(ls))}
    if action := ids.get(id):
        return action
    raise NotPossible(f"There is no action {id!r}; it has to be {one_of(id, ids)}.")


def _own(ls: Server) -> list[Action]:
    own = ls.assistant.settings.actions.own
    return [
        Action(id, each.title, each.kind, each.instruction, each.answer, languages=each.languages)
        for id, each in own.items()
    ]


def _wanted(kind: str, context: types.CodeActionContext) -> bool:
    """Tell whether a kind, or one that it belongs to, was asked for (LSP: kinds are a tree)."""
    return not context.only or any(
        f"{kind}.".startswith(f"{getattr(only, 'value', only)}.") or only == ""
        for only in context.only
    )


@dataclass(frozen=True, slots=True)
class _Chance:
    """Lines on which an action makes sense, and what it is about there."""

    title: str
    lines: tuple[int, int]
    diagnostics: Sequence[types.Diagnostic] = ()
    cursor: types.Position | None = None


def _chances(
    ls: Server,
    document: Document,
    action: Action,
    selected: types.Range,
    reported: Sequence[types.Diagnostic],
    region: Callable[[], tuple[int, int]],
) -> Iterator[_Chance]:
    match action.needs:
        case "diagnostic":
            for each in reported:
                lines = _around(ls, document, document.index(each.range.start)[0])
                yield _Chance(_titled(action, each), lines, [each])
        case "diagnostics":
            if len(reported) > 1:
                yield _Chance(action.title, _around_all(ls, document, reported), reported)
        case "cursor":
            if selected.start == selected.end:
                line = document.index(selected.start)[0]
                yield _Chance(action.title, (line, line + 1), cursor=selected.start)
        case "instruction" if not ls.client.extension.get("instructions"):
            return  # the protocol has no way to ask the person; a plug-in can
        case _:
            start, stop = region()
            gap = action.needs != "gap" or has_gap("\n".join(document.lines(start, stop)))
            if start < stop and gap:
                yield _Chance(action.title, (start, stop))


def _titled(action: Action, diagnostic: types.Diagnostic) -> str:
    title = action.title.replace("{message}", " ".join(diagnostic.message.split()))
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def _offered(ls: Server, document: Document, action: Action, chance: _Chance) -> types.CodeAction:
    problems = [
        Problem(each.range.start.line, each.message, each.source or "", str(each.code or ""))
        for each in chance.diagnostics
    ]
    start, stop = chance.lines
    ticket = Ticket(
        action.id, document.uri, document.version, start, stop, problems, cursor=chance.cursor
    )
    tag = types.CodeActionTag.LlmGenerated
    return types.CodeAction(
        chance.title,
        kind=action.kind,
        diagnostics=[*chance.diagnostics] or None,
        tags=[tag] if tag in ls.client.code_action_tags else None,
        command=types.Command(chance.title, ACT, arguments=[ls.plain(ticket)]),
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
