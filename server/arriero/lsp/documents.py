"""The open documents, kept as lists of lines, so that an edit costs the same in any document."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol
from urllib.parse import unquote

from arriero.errors import NotOpen
from arriero.lsp.lines import split, whole_characters
from arriero.lsp.positions import (
    DEFAULT,
    Encoding,
    Position,
    Positioned,
    Range,
    Ranged,
    to_index,
    to_units,
)

_ENDS = re.compile("[\r\n]")

logger = logging.getLogger(__name__)


class Change(Protocol):
    """One content change: a new text, for a range or (with none) for the whole document."""

    @property
    def text(self) -> str: ...


class Edit(NamedTuple):
    """A new text for a range; a range of None is the whole document."""

    range: Ranged | None
    text: str


class Document:
    """One open document, made of a text or of its lines as `lines_of` gives them.

    `version` is the client's, `revision` our own count of changes.
    A request that has to know whether the text moved on compares revisions. A version says less:
    there are clients that never raise it, and it starts anew when a document is opened again.
    """

    def __init__(
        self,
        uri: str,
        language_id: str,
        version: int,
        text: str | list[str],
        encoding: Encoding = DEFAULT,
        revisions: Iterator[int] | None = None,
    ) -> None:
        self.uri = uri
        self.language_id = language_id
        self.version = version
        self.encoding = encoding
        self._revisions = itertools.count() if revisions is None else revisions
        self.revision = next(self._revisions)
        self._lines = split(whole_characters(text)) if isinstance(text, str) else text

    def apply(self, changes: Iterable[Change], version: int) -> None:
        """Apply the changes one after the other: each one's range is in the text before it."""
        if version < self.version:
            # What the client sent is still what its text became, so it has to be applied.
            logger.warning("%s went from version %d back to %d", self.uri, self.version, version)
        for change in changes:
            range_: Ranged | None = getattr(change, "range", None)
            text = whole_characters(change.text)
            if range_ is None:
                self._lines = split(text)
            else:
                self._replace(range_, text)
            self.revision = next(self._revisions)
        self.version = version

    @property
    def text(self) -> str:
        """The whole text. It costs a copy of the document: rather take `lines` or `slice`."""
        return "".join(self._lines)

    @property
    def line_count(self) -> int:
        """How many lines there are; after a last line end there is one more, empty."""
        return len(self._lines)

    @property
    def eol(self) -> str:
        r"""The line end that the document uses, by its first line; `\n` where it has only one."""
        return self._lines[0][len(_bare(self._lines[0])) :] or "\n"

    def line(self, number: int) -> str:
        """Return a line (from 0) without its line end; "" beyond the last."""
        return _bare(self._lines[number]) if 0 <= number < len(self._lines) else ""

    def lines(self, start: int, stop: int) -> list[str]:
        """Return the lines from `start` up to, not including, `stop`, without their line ends."""
        return [_bare(line) for line in self._lines[max(start, 0) : max(stop, 0)]]

    def slice(self, range_: Ranged) -> str:
        """Return the text of a range, line ends as they are in the document."""
        (first, begin), (last, end) = self.index(range_.start), self.index(range_.end)
        if first == last:
            return self._lines[first][begin:end]
        between = self._lines[first + 1 : last]
        return "".join((self._lines[first][begin:], *between, self._lines[last][:end]))

    def index(self, position: Positioned) -> tuple[int, int]:
        """Return line and character index of a position, clamped into the document.

        A line beyond the last gives the end of the document, a character beyond the line's end
        gives that end, before its line end.
        """
        if position.line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        line = _bare(self._lines[position.line])
        return position.line, to_index(line, position.character, self.encoding)

    def position(self, line: int, index: int) -> Position:
        """Return the position of a character index in a line, in the client's units."""
        return Position(line, to_units(self.line(line), index, self.encoding))

    @property
    def end(self) -> Position:
        """The position behind the last character."""
        last = len(self._lines) - 1
        return self.position(last, len(self._lines[last]))

    @property
    def range(self) -> Range:
        """The whole document."""
        return Range(Position(0, 0), self.end)

    def _replace(self, range_: Ranged, text: str) -> None:
        first, begin = self.index(range_.start)
        last, end = (first, begin) if range_.end == range_.start else self.index(range_.end)
        if (last, end) < (first, begin):
            (first, begin), (last, end) = (last, end), (first, begin)
        block = "".join((self._lines[first][:begin], text, self._lines[last][end:]))
        if first == last and not _ENDS.search(text) and not block.startswith("\n"):
            self._lines[first] = block  # typing within a line, however long that is
            return
        if first and block.startswith("\n") and self._lines[first - 1].endswith("\r"):
            # A \n has come to stand right behind a lone \r: together they are one line end.
            first -= 1
            block = self._lines[first] + block
        lines = split(block)
        if last + 1 < len(self._lines):
            # The block ends with the line end of its last line, and that line was not the last.
            lines.pop()
        self._lines[first : last + 1] = lines


class Documents:
    """The documents that the client has open, by uri."""

    def __init__(self, encoding: Encoding = DEFAULT) -> None:
        self.encoding = encoding
        self._open: dict[str, Document] = {}
        self._revisions = itertools.count()

    def __getitem__(self, uri: str) -> Document:
        """Return an open document; raises NotOpen."""
        document = self.get(uri)
        if document is None:
            raise NotOpen(
                f"{uri} is not open here, so its text is not known. "
                "Open the file in the editor and try again."
            )
        return document

    def __contains__(self, uri: str) -> bool:
        return _key(uri) in self._open

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def __len__(self) -> int:
        return len(self._open)

    def get(self, uri: str) -> Document | None:
        """Return an open document, or None."""
        return self._open.get(_key(uri))

    def open(self, uri: str, language_id: str, version: int, text: str | list[str]) -> Document:
        """Keep a document; one that is open already starts anew."""
        document = Document(uri, language_id, version, text, self.encoding, self._revisions)
        self._open[_key(uri)] = document
        return document

    def change(self, uri: str, version: int, changes: Iterable[Change]) -> None:
        """Apply changes to an open document; raises NotOpen."""
        self[uri].apply(changes, version)

    def close(self, uri: str) -> None:
        """Forget a document; one that is not open is none of our business."""
        self._open.pop(_key(uri), None)


def _key(uri: str) -> str:
    # Clients do not always escape the same characters: `c%3A` and `c:` are one drive.
    return unquote(uri)


def _bare(line: str) -> str:
    return line.rstrip("\r\n")
