"""arriero/privacy: what would be sent for a suggestion at a position, part by part, and what not.

{"uri": ..., "position": {...}}
-> {"file": ..., "kept_back": "", "to": "http://...", "model": ..., "tokens": 812,
    "parts": [{"part": "Code before the cursor", "tokens": 400, "text": ...}, ...],
    "redacted": [{"kind": "Password", "placeholder": "REDACTED_k3v9q2mx_", "lines": [12]}, ...],
    "beside": [{"file": ".env", "why": ...}, ...]}

No suggestion is asked for; where no `tokenizer` is set, the model server may be asked to count the
tokens of the same text. `kept_back` says why nothing would be sent at all; `beside` are the files
kept back of those that are open or lie in the same folder. The command `arriero.privacy` shows it
as a document; its argument is the same, or none for the place where a suggestion was asked for
last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types

from arriero.assist.assistant import Worded
from arriero.core import disclosure
from arriero.core.disclosure import Report
from arriero.core.text import Excerpt
from arriero.errors import ArrieroError, NotPossible, NotSent
from arriero.lsp import excerpts, reports
from arriero.lsp.capabilities import PRIVACY
from arriero.lsp.server import Server

REQUEST = "arriero/privacy"
MOST_BESIDE = 1000  # files of a folder that are looked at
NO_PLACE = (
    "arriero does not know where you are: no suggestion was asked for yet. Ask for one, and call "
    "the command again."
)


@dataclass(frozen=True, slots=True)
class PrivacyParams:
    """The parameters: a place in an open document."""

    uri: str
    position: types.Position


def register(server: Server) -> None:
    server.feature(REQUEST)(tell)
    server.command(PRIVACY)(show)


async def tell(ls: Server, params: Any) -> Report:
    """Answer with what would be sent."""
    return await _report(ls, *_place(ls, ls.structured(params, PrivacyParams)))


async def show(ls: Server, *arguments: object) -> Report:
    """Show what would be sent as a document: at the place that is named, else where one is."""
    try:
        if arguments:
            place = _place(ls, ls.structured(arguments[0], PrivacyParams))
        else:
            place = _last_place(ls)
        told = await _report(ls, *place)
    except ArrieroError as error:
        ls.tell(error, asked=True)
        return {"reason": str(error)}
    await reports.show(ls, "privacy.md", disclosure.as_markdown(told))
    return told


def _place(ls: Server, asked: PrivacyParams) -> tuple[str, Excerpt]:
    document = ls.documents[asked.uri]
    return document.uri, excerpts.at(document, asked.position, ls.root_of(document.uri))


def _last_place(ls: Server) -> tuple[str, Excerpt]:
    """Return where the editor asked for a suggestion last: menus of commands tell no place."""
    places = ls.assistant.completer.places.items()
    asked = [(place.at, uri, place.now) for uri, place in places if place.now]
    if not asked:
        raise NotPossible(NO_PLACE)
    _, uri, excerpt = max(asked, key=lambda each: each[0])
    return uri, excerpt


async def _report(ls: Server, uri: str, excerpt: Excerpt) -> Report:
    """Return what would be sent; the question is worded as for a suggestion, to the letter."""
    told: Report = {"file": excerpt.path, "line": excerpt.line + 1, "kept_back": ""}
    told["beside"] = await asyncio.to_thread(_kept_back, ls, _beside(ls, uri), ls.root_of(uri))
    try:
        ls.check_may_send(uri)
        worded = await ls.assistant.worded(excerpt)
    except NotSent as error:
        return {**told, "kept_back": str(error), "tokens": 0, "parts": [], "redacted": []}
    prompt, count = worded.asked.prompt, worded.count
    return {
        **told,
        "to": worded.info.url,
        "model": worded.info.id,
        "dialect": worded.dialect.name,
        "tokens": count(prompt.text),
        "parts": [
            {"part": part.label, "tokens": count(part.text), "text": part.text}
            for part in disclosure.parts(worded.asked, worded.dialect)
        ],
        "redacted": _redacted(worded, excerpt),
    }


def _redacted(worded: Worded, excerpt: Excerpt) -> list[dict[str, Any]]:
    """Return what is shown as a placeholder, and the lines (from 1) that have it in the file."""
    secrets = worded.asked.secrets
    lines = (excerpt.before + excerpt.after).split("\n")
    return [
        {
            "kind": secrets.kinds[name],
            "placeholder": name,
            "lines": [
                number for number, line in enumerate(lines, excerpt.top + 1) if secret in line
            ],
        }
        for name, secret in secrets.values.items()
        if name in worded.asked.prompt.text
    ]


def _beside(ls: Server, uri: str) -> set[Path]:
    """Return the files that are open, and those that lie beside one."""
    folder = excerpts.place_of(uri).parent
    found = {excerpts.place_of(each.uri) for each in ls.documents}
    if folder.is_dir():
        found |= {file for file, _ in zip(folder.iterdir(), range(MOST_BESIDE), strict=False)}
    return found - {excerpts.place_of(uri)}


def _kept_back(ls: Server, files: Iterable[Path], root: Path | None) -> list[dict[str, str]]:
    reasons = ((file, ls.assistant.keeps_back(file, root)) for file in sorted(files))
    return [{"file": file.name, "why": reason} for file, reason in reasons if reason]
