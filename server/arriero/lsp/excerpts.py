"""From an open document to an Excerpt: the window around a place, as plain values."""

from __future__ import annotations

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


def at(document: Document, position: Positioned, root: Path | None) -> Excerpt:
    """Return what stands around a cursor."""
    line, index = document.index(position)
    top = _top(line)
    text = document.line(line)
    above = "".join(f"{each}\n" for each in document.lines(top, line))
    below = "\n".join([text[index:], *document.lines(line + 1, line + 1 + LINES_BELOW)])
    return Excerpt(
        path=shown_path(document.uri, root),
        language=document.language_id,
        before=above + text[:index],
        after=below,
        top=top,
    )


def of(document: Document, start: int, stop: int, root: Path | None) -> Excerpt:
    """Return what stands around the lines `start` to `stop` (half-open), with them selected."""
    top = _top(start)
    return Excerpt(
        path=shown_path(document.uri, root),
        language=document.language_id,
        before="".join(f"{each}\n" for each in document.lines(top, start)),
        selected="\n".join(document.lines(start, stop)),
        after="".join(f"\n{each}" for each in document.lines(stop, stop + LINES_BELOW)),
        top=top,
    )


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


def _top(line: int) -> int:
    top = max(line - LINES_ABOVE, 0)
    return top - top % TOP_STEP
