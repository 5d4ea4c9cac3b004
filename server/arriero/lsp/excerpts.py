"""From an open document to an Excerpt: the window around a place, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pygls.uris import to_fs_path

from arriero.core.text import Excerpt
from arriero.lsp.documents import Document
from arriero.lsp.positions import Positioned

# 4096 tokens are about 350 lines of code; a larger window would only be cut again. The top moves
# in steps, so that the text above the cursor begins alike from one key to the next.
LINES_ABOVE = 384
LINES_BELOW = 256
TOP_STEP = 32

# On each side, for the files whose lines have no end: more than 16,384 tokens of code have.
CHARACTERS = 65_536
CHARACTER_STEP = 4096


def at(document: Document, position: Positioned, root: Path | None) -> Excerpt:
    """Return what stands around a cursor."""
    line, index = document.index(position)
    text = document.line(line)
    before, after = _from_step(text[:index]), text[index : index + CHARACTERS]
    above = _above(document, line, CHARACTERS - index)
    below = _below(document, line + 1, CHARACTERS - (len(text) - index))
    return Excerpt(
        path=shown_path(document.uri, root),
        language=document.language_id,
        before="".join(f"{each}\n" for each in above) + before,
        after="\n".join([after, *below]),
        top=line - len(above),
        uri=document.uri,
    )


def of(document: Document, start: int, stop: int, root: Path | None) -> Excerpt:
    """Return what stands around the lines `start` to `stop` (half-open), with them selected."""
    above = _above(document, start, CHARACTERS)
    return Excerpt(
        path=shown_path(document.uri, root),
        language=document.language_id,
        before="".join(f"{each}\n" for each in above),
        selected="\n".join(document.lines(start, stop)),
        after="".join(f"\n{each}" for each in _below(document, stop, CHARACTERS)),
        top=start - len(above),
        uri=document.uri,
    )


def _above(document: Document, line: int, room: int) -> list[str]:
    """Return the lines above one, from a step on; whole ones, as many as have room."""
    top = max(line - LINES_ABOVE, 0)
    top -= top % TOP_STEP
    lines = document.lines(top, line)
    skipped = len(lines) - _fitting(lines[::-1], room)
    if skipped:
        skipped = min(skipped + -(top + skipped) % TOP_STEP, len(lines))
    return lines[skipped:]


def _below(document: Document, line: int, room: int) -> list[str]:
    lines = document.lines(line, line + LINES_BELOW)
    return lines[: _fitting(lines, room)]


def _fitting(lines: Sequence[str], room: int) -> int:
    """Return how many of the lines, the first ones, have room: characters with their line ends."""
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return number
    return len(lines)


def _from_step(text: str) -> str:
    """Return the end of what stands before the cursor in its line."""
    excess = max(len(text) - CHARACTERS, 0)
    return text[excess + -excess % CHARACTER_STEP :]


def path_of(uri: str) -> Path | None:
    """Return the file behind a uri, or None where there is none: an unsaved buffer, a cell."""
    path = to_fs_path(uri)
    return Path(path) if path else None


def place_of(uri: str) -> Path:
    """Return where a document is, or would be, whatever its scheme.

    Rules about names hold for unsaved buffers, remote files and cells of notebooks as well.
    """
    return path_of(uri) or Path("/", unquote(urlsplit(uri).path))


def shown_path(uri: str, root: Path | None) -> str:
    """Return a document's path as people and the model know it: inside the workspace."""
    path = path_of(uri)
    if path is None:
        return place_of(uri).name or "untitled"
    if root and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name
