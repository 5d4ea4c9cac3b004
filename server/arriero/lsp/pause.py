"""arriero.pause and arriero.resume: suggestions while people type, off and on again.

    {"command": "arriero.pause"}                            in every document
    {"command": "arriero.pause", "arguments": ["python"]}   in documents of some languages

What is asked for by hand is answered all the same. The status tells what is paused; it is so until
the server ends.
"""

from __future__ import annotations

from arriero.assist.assistant import EVERY
from arriero.lsp.capabilities import PAUSE, RESUME
from arriero.lsp.server import Server


def register(server: Server) -> None:
    server.command(PAUSE)(pause)
    server.command(RESUME)(resume)


def pause(ls: Server, *languages: object) -> None:
    ls.assistant.pause(_read(ls, languages))


def resume(ls: Server, *languages: object) -> None:
    ls.assistant.resume(_read(ls, languages))


def _read(ls: Server, languages: tuple[object, ...]) -> frozenset[str]:
    """Return the languages that were named, or EVERY. pygls gives such arguments as they came."""
    named: tuple[str, ...] = ls.structured(languages, tuple[str, ...])
    return frozenset(named) or frozenset({EVERY})
