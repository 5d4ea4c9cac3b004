"""The command line as an editor: it starts the real server and speaks to it over stdio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from arriero.cli.output import note
from arriero.cli.places import Cursor, Lines, Place, language_of, root_of
from arriero.errors import ArrieroError
from arriero.lsp.client import CAPABILITIES, Client, as_json
from arriero.lsp.positions import Position, Range
from arriero.programs import PYTHON

SERVER = (*PYTHON, "arriero", "serve")
ERROR, WARNING, INFO = 1, 2, 3  # MessageType
EXPERIMENTAL = {
    "experimental": {"arriero": {"status": True, "explanations": True, "instructions": True}}
}

# How long to wait for a large workspace to be read, and between two looks at it, in seconds.
READ_SECONDS, READ_STEP = 20.0, 0.1


class Session:
    """One open file, and the server that knows it."""

    def __init__(self, client: Client, uri: str, file: Path) -> None:
        self.client = client
        self.uri = uri
        self.file = file

    @property
    def document(self) -> Any:
        """The file as the server was told it, with the edits that were applied since."""
        return self.client.documents[self.uri]

    def position(self, place: Cursor) -> Position:
        """Return a place in the protocol's terms; raises ArrieroError where the file has none."""
        self._check_line(place.line)
        line = self.document.line(place.line - 1)
        if place.column > len(line) + 1:
            raise ArrieroError(
                f"Line {place.line} of {place.file} has {len(line)} characters, so the last column "
                f"for a cursor is {len(line) + 1}."
            )
        return Position(*self.document.position(place.line - 1, place.column - 1))

    def place(self, place: Place) -> Position:
        """Return a place of which less was named; raises ArrieroError where the file has none."""
        line = place.line or self.document.line_count
        self._check_line(line)
        column = place.column or len(self.document.line(line - 1)) + 1
        return self.position(Cursor(place.file, line, column))

    def range(self, place: Lines) -> Range:
        """Return lines as a selection; one line is a cursor, whose definition the action finds."""
        self._check_line(place.last or place.first)
        start = self.position(Cursor(place.file, place.first, place.first_column or 1))
        if place.last is None:
            return Range(start, start)
        if place.last_column is None:
            return Range(start, Position(place.last, 0))
        return Range(start, self.position(Cursor(place.file, place.last, place.last_column)))

    async def act(
        self, action: str, place: Lines, problem: str | None = None, instruction: str = ""
    ) -> dict[str, Any]:
        """Choose an action from the menu; return what the command answers.

        Raises ArrieroError if it is not offered, or the document moved on.
        """
        range_ = self.range(place)
        diagnostics = [{"range": as_json(range_), "message": problem}] if problem else []
        for item in await self.client.code_actions(self.uri, range_, diagnostics=diagnostics):
            command = item["command"]
            [ticket] = command["arguments"]
            if ticket["action"] == action:
                told = {**ticket, "instruction": instruction}
                answer = await self.client.execute(command["command"], [told])
                return dict(answer)
        kept_back = (await self.status()).get("kept_back")
        raise ArrieroError(
            kept_back
            or f"The action {action!r} is not offered here: it has nothing to do on these lines or "
            "in this language, or your settings turn it off."
        )

    async def all_read(self) -> None:
        """Wait until the workspace is read, as it is in an editor that is open for a while."""
        looked = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() < looked + READ_SECONDS:
            workspace = (await self.status())["workspace"]
            if workspace["known"] and not workspace["reading"]:
                return
            await asyncio.sleep(READ_STEP)

    async def status(self) -> Mapping[str, Any]:
        """Return what the server says of itself, of its last answer and of the file."""
        told: Mapping[str, Any] = await self.client.request("arriero/status", {"uri": self.uri})
        return told

    def complaint(self) -> str | None:
        """Return the last error that the server showed."""
        errors = [m["message"] for m in self.client.messages if m["type"] == ERROR]
        return errors[-1] if errors else None

    def _check_line(self, line: int) -> None:
        if line > self.document.line_count:
            raise ArrieroError(f"{self.file} has {self.document.line_count} lines, not {line}.")


@asynccontextmanager
async def session(
    file: Path, *, quiet: bool = False, env: Mapping[str, str] | None = None
) -> AsyncIterator[Session]:
    """Start a server with one file open.

    Its warnings go to stderr; what else it says by the way too, unless `quiet`.

    Raises ArrieroError.
    """
    capabilities = {**CAPABILITIES, **EXPERIMENTAL}
    async with Client.spawn(SERVER, root_of(file), capabilities=capabilities, env=env) as client:
        try:
            uri = client.open_file(file, language_of(file))
        except (OSError, UnicodeDecodeError) as error:
            raise ArrieroError(f"{file} cannot be read as UTF-8 text ({error}).") from error
        try:
            yield Session(client, uri, file)
        finally:
            heard = (WARNING,) if quiet else (WARNING, INFO)
            for message in client.messages:
                if message["type"] in heard:
                    note(message["message"])
