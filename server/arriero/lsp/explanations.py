"""Explanations as documents, which fill while the model speaks, where the client can show that.

workspace/textDocumentContent (LSP 3.18), else a Markdown file of ours, else a message. The first
one of a session says what it is.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from arriero.lsp.capabilities import SCHEME

if TYPE_CHECKING:
    from arriero.lsp.server import Server

KEPT = 16  # documents that can be asked for again
MACHINE_MADE = "This is written by a machine, {model}, and nobody has checked it: it may be wrong."
BROKEN_OFF = "*It breaks off here.*"
GONE = "arriero no longer has this explanation. Ask for it again."


class Explanations:
    """What was explained to one client."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._count = 0
        # A client keeps the text of a uri also when the server was restarted meanwhile.
        self._session = secrets.token_hex(4)
        self._folder: Path | None = None
        self._told = False

    def note(self, model: str) -> str:
        """Return what has to be said with the first explanation, "" from then on."""
        told, self._told = self._told, True
        return "" if told else MACHINE_MADE.format(model=model or "the model")

    def name(self) -> str:
        """Return a new document's name."""
        self._count += 1
        return f"explanation-{self._count}.md"

    def uri(self, name: str) -> str:
        """Return where a document is found that clients ask for."""
        return f"{SCHEME}:/{self._session}/{name}"

    def keep(self, uri: str, text: str) -> None:
        """Remember a document's text, and let go of the oldest."""
        self.texts[uri] = text
        while len(self.texts) > KEPT:
            del self.texts[next(iter(self.texts))]

    def write(self, name: str, text: str) -> str:
        """Write a file that only this person can read; return its uri."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="arriero-"))
        file = self._folder / name
        file.write_text(text, encoding="utf-8")
        return file.as_uri()

    def close(self) -> None:
        """Remove the files."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def register(server: Server) -> None:
    server.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)(content)


def content(ls: Server, params: types.TextDocumentContentParams) -> types.TextDocumentContentResult:
    return types.TextDocumentContentResult(ls.explanations.texts.get(params.uri, GONE))


class Explanation:
    """One explanation while it is made."""

    def __init__(self, ls: Server, heading: str) -> None:
        self._ls = ls
        self._heading = heading
        self._name = ls.explanations.name()
        self._silent = bool(ls.client.extension.get("explanations"))  # it shows the result itself
        self._text = ""
        self._ends = 0  # of lines and sentences, so far
        self._uri = ""  # of the document that is shown already

    @cached_property
    def _note(self) -> str:
        """What has to be said with it: known once there is text, by a model that has a name."""
        model = self._ls.assistant.status.model
        return self._ls.explanations.note(model.info.id if model else "")

    @property
    def note(self) -> str:
        """What has to be said with it by a client that shows it itself."""
        return self._note if self._silent else ""

    def grow(self, text: str) -> None:
        """Take the text so far; it is shown line by line and sentence by sentence."""
        client = self._ls.client
        if self._silent or not (client.text_document_content and client.show_document):
            return
        self._text = text
        if not self._uri:
            self._uri = self._ls.explanations.uri(self._name)
            self._ls.explanations.keep(self._uri, self._document(text))
            self._ls.window_show_document(_shown(self._uri))
        elif (ends := text.count("\n") + text.count(". ")) > self._ends:
            self._ends = ends
            self._refresh(text)

    async def finish(self, text: str) -> None:
        """Show the whole."""
        ls = self._ls
        if self._silent:
            return
        if self._uri:
            self._refresh(text)
        elif ls.client.show_document:
            uri = ls.explanations.write(self._name, self._document(text))
            answer = await ls.window_show_document_async(_shown(uri))
            if not answer.success:
                self._say(text)
        else:
            self._say(text)

    def break_off(self) -> None:
        """Say in what is shown already that no more will come."""
        if self._uri:
            self._refresh(f"{self._text}\n\n{BROKEN_OFF}")

    def _refresh(self, text: str) -> None:
        self._ls.explanations.keep(self._uri, self._document(text))
        params = types.TextDocumentContentRefreshParams(self._uri)
        self._ls.workspace_text_document_content_refresh(params)

    def _say(self, text: str) -> None:
        said = f"{text} ({self._note})" if self._note else text
        self._ls.say(types.MessageType.Info, said)

    def _document(self, text: str) -> str:
        note = f"\n> {self._note}\n" if self._note else ""
        return f"# {self._heading}\n{note}\n{text.strip()}\n"


@contextmanager
def explanation(ls: Server, heading: str) -> Iterator[Explanation]:
    """Give an explanation to fill; where filling it fails, what is shown says so."""
    made = Explanation(ls, heading)
    try:
        yield made
    except BaseException:
        made.break_off()
        raise


def _shown(uri: str) -> types.ShowDocumentParams:
    return types.ShowDocumentParams(uri, take_focus=False)
