"""Files that are kept back try to get out by every road, from the real process to a model server.

Each has a word in it that stands nowhere else, and the model server keeps every byte that it is
sent. A road is told to leave with the word; a file that nothing keeps back shows that words arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from arriero.lsp.client import AUTOMATIC, CAPABILITIES, Client
from arriero.lsp.peer import ResponseError
from arriero.lsp.positions import Position, Range
from arriero_backend.simulated.application import app as simulated_app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.orders import Orders
from benchmarks import made_up, redaction
from e2e.house import SERVE, settings
from engines import on_loopback

ABLE = {
    **CAPABILITIES,
    "notebookDocument": {"synchronization": {}},
    "experimental": {"arriero": {"instructions": True}},
}
RULES = "kept/\n*.sql\nbook.ipynb\ntest_plain.py\n"
numbers = count()


@dataclass
class Journey:
    """An editor with a workspace of two folders, and all that reached the model server."""

    client: Client
    one: Path
    two: Path
    sent: bytearray = field(default_factory=bytearray)

    def written(self, path: Path, code: str = "") -> tuple[Path, str]:
        """Write a file that has a word of its own; return both."""
        word = f"canary{next(numbers)}zzq"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code or f"def helper(a, {word}=1):\n    return {word} + a\n", "utf-8")
        return path, word

    async def everything(self, uri: str, text: str, language: str = "python") -> None:
        """Open a document and ask all that can be asked about it."""
        self.client.open(uri, text, language)
        await self.ask(uri)

    async def ask(self, uri: str) -> None:
        """Ask all that can be asked about an open document, by the menu and behind its back."""
        end = Position(1, 4)
        client = self.client
        place = {"textDocument": {"uri": uri}, "position": end._asdict()}
        await client.inline_completion(uri, end)
        await client.inline_completion(uri, end, AUTOMATIC)
        await client.request("textDocument/completion", {**place, "context": {"triggerKind": 1}})
        problem = {"range": {"start": end._asdict(), "end": end._asdict()}, "message": "wrong"}
        for span in (Range(end, end), Range(Position(0, 0), Position(2, 0))):
            for item in await client.code_actions(uri, span, diagnostics=[problem]):
                await self.act(item["command"]["arguments"][0])
        await self.act(self.ticket(uri))
        for method in ("arriero/prompt", "arriero/privacy"):
            with suppress(ResponseError):
                told = await client.request(method, {"uri": uri, "position": end._asdict()})
                assert "canary" not in str(told)

    def ticket(self, uri: str, action: str = "explain") -> dict:
        """Return what chooses an action that no menu offered."""
        version = self.client.documents[uri].version
        ticket = {"action": action, "uri": uri, "version": version, "start": 0, "stop": 2}
        return {**ticket, "problems": [], "instruction": "Do it."}

    async def act(self, ticket: dict) -> None:
        await self.client.execute("arriero.act", [ticket])

    async def work_beside(self) -> None:
        """Ask in a file that may be sent, which uses what the others define."""
        uri = (self.one / f"beside{next(numbers)}.py").as_uri()
        code = "from kept.a import helper\nfrom lib import told\nhelper(told(\n\n\nselect = 1\n"
        self.client.open(uri, code, "python")
        await self.client.inline_completion(uri, Position(2, 12))
        await self.act(self.ticket(uri))
        self.client.close(uri)

    async def until_indexed(self) -> None:
        """Work until a file that nobody has opened is shown to the model."""
        path, word = self.written(self.one / "lib.py")
        path.write_text(f"def told({word}):\n    return {word}\n", "utf-8")
        changes = {"changes": [{"uri": path.as_uri(), "type": 1}]}
        self.client.notify("workspace/didChangeWatchedFiles", changes)
        while word.encode() not in self.sent:
            await self.work_beside()


@asynccontextmanager
async def journey(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / ".arrieroignore").write_text(RULES)
    sent = bytearray()
    app = simulated_app(SimulatedEngine(tmp_path, Orders()))

    async def recording(scope, receive, send):
        async def heard():
            message = await receive()
            sent.extend(message.get("body", b""))
            return message

        sent.extend(scope.get("raw_path", b"") + scope.get("query_string", b""))
        await app(scope, heard, send)

    async with on_loopback(recording) as backend:
        told = settings(str(backend.base_url).rstrip("/"), completion={"pace": 0})
        async with Client.spawn(SERVE, one, settings=told, capabilities=ABLE) as client:
            added = {"added": [{"uri": two.as_uri(), "name": "two"}], "removed": []}
            client.notify("workspace/didChangeWorkspaceFolders", {"event": added})
            yield Journey(client, one, two, sent)


# The roads: each returns the word that must not arrive -------------------------------------------

Road = Callable[[Journey], Awaitable[str]]


def opened(name: str, language: str = "python") -> Road:
    async def road(to: Journey) -> str:
        path, word = to.written(to.one / name)
        await to.everything(path.as_uri(), path.read_text("utf-8"), language)
        return word

    return road


def at(uri: str) -> Road:
    """Return the road of a document that is no file of this computer."""

    async def road(to: Journey) -> str:
        _, word = to.written(to.one / "kept" / "none.py")
        await to.everything(uri, f"def helper(a):\n    return {word}\n")
        return word

    return road


async def in_the_second_folder(to: Journey) -> str:
    path, word = to.written(to.two / "deep" / "a.sql")
    await to.everything(path.as_uri(), path.read_text("utf-8"), "sql")
    return word


async def by_a_link(to: Journey) -> str:
    path, word = to.written(to.one / "kept" / "secret.py")
    try:
        (to.one / "plain_link.py").symlink_to(path)
    except OSError:
        return word  # Windows lets only some people make links
    await to.everything((to.one / "plain_link.py").as_uri(), path.read_text("utf-8"))
    return word


async def by_a_roundabout_path(to: Journey) -> str:
    path, word = to.written(to.one / "kept" / "round.py")
    (to.one / "other").mkdir()
    uri = f"{to.one.as_uri()}/other/../kept/round.py"
    await to.everything(uri, path.read_text("utf-8"))
    return word


async def as_a_cell(to: Journey) -> str:
    book, word = to.written(to.one / "book.ipynb")
    uri = book.as_uri().replace("file://", "vscode-notebook-cell://") + "#W0"
    cell = {"uri": uri, "languageId": "python", "version": 1, "text": f"if a:\n    {word} +\n"}
    to.client.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": book.as_uri(),
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": uri}],
            },
            "cellTextDocuments": [cell],
        },
    )
    to.client.open(uri, cell["text"], "python")
    await to.ask(uri)
    return word


async def as_tests_to_write_into(to: Journey) -> str:
    _, word = to.written(to.one / "test_plain.py")
    plain, _ = to.written(to.one / "plain.py", "def plain(a):\n    return a\n")
    to.client.open(plain.as_uri(), plain.read_text("utf-8"), "python")
    await to.act(to.ticket(plain.as_uri(), "tests"))
    return word


async def renamed_while_it_is_open(to: Journey) -> str:
    """What was not sent before is not sent under the new name either."""
    _, word = to.written(to.one / "kept" / "named.py")
    old, new = (to.one / "named.py").as_uri(), (to.one / "kept" / "named.py").as_uri()
    to.client.open(old, "def helper(a):\n    return a\n", "python")
    files = {"files": [{"oldUri": old, "newUri": new}]}
    to.client.notify("workspace/didRenameFiles", files)
    to.client.close(old)
    await to.everything(new, f"def helper(a):\n    return {word}\n")
    return word


async def from_when_a_rule_is_written(to: Journey) -> str:
    path, word = to.written(to.one / "late.py", "def helper(a):\n    return a\n")
    uri = path.as_uri()
    to.client.open(uri, path.read_text("utf-8"), "python")
    await to.client.inline_completion(uri, Position(1, 12))
    (to.one / ".arrieroignore").write_text(f"{RULES}late.py\n")
    to.client.change(uri, Range(Position(1, 4), Position(1, 4)), f"{word} = 1; ")
    await to.ask(uri)
    return word


async def typed_into_it(to: Journey) -> str:
    path, word = to.written(to.one / "kept" / "typed.py", "x = 1\n\n\n")
    uri = path.as_uri()
    to.client.open(uri, "x = 1\n\n\n", "python")
    to.client.change(uri, Range(Position(1, 0), Position(1, 0)), f"{word} = ")
    await to.ask(uri)
    to.client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    return word


async def from_the_disk(to: Journey) -> str:
    """The file is only there, told as created and changed, and defines what others use."""
    path, word = to.written(to.one / "kept" / "a.py")
    for kind in (1, 2):
        changes = {"changes": [{"uri": path.as_uri(), "type": kind}]}
        to.client.notify("workspace/didChangeWatchedFiles", changes)
    return word


async def in_a_folder_with_a_rule_of_its_own(to: Journey) -> str:
    path, word = to.written(to.one / "private" / "deep" / "a.py")
    (to.one / "private" / ".arrieroignore").write_text("*\n")
    await to.everything(path.as_uri(), path.read_text("utf-8"))
    return word


ROADS: dict[str, Road] = {
    "a rule of the workspace": opened("a.sql", "sql"),
    "a folder": opened("kept/b.py"),
    "another case": opened("KEPT/B.SQL", "sql"),
    "an environment file": opened(".env", "shellscript"),
    "an environment file in another case": opened("Prod.ENV", "shellscript"),
    "a private key": opened("id_ed25519", "plaintext"),
    "a copy of a secret file": opened(".env.bak~", "plaintext"),
    "a name with escapes": at("file:///somewhere/%2Eenv"),
    "a remote file": at("vscode-remote://ssh-remote+host/home/me/.env"),
    "an unsaved buffer": at("untitled:secrets.yaml"),
    "a side of a diff": at("git:/project/.env?ref=HEAD"),
    "the second folder": in_the_second_folder,
    "a link": by_a_link,
    "a roundabout path": by_a_roundabout_path,
    "a cell": as_a_cell,
    "tests": as_tests_to_write_into,
    "a new name": renamed_while_it_is_open,
    "a rule that comes late": from_when_a_rule_is_written,
    "typing": typed_into_it,
    "the disk": from_the_disk,
    "a rule in a folder": in_a_folder_with_a_rule_of_its_own,
}


async def test_nothing_that_is_kept_back_reaches_the_model_server(tmp_path):
    async with journey(tmp_path) as to:
        words = {}
        for name, road in ROADS.items():
            words[name] = await road(to)
            await to.work_beside()
        await asyncio.wait_for(to.until_indexed(), 120)
        plain, allowed = to.written(to.one / "allowed.py")
        to.client.open(plain.as_uri(), plain.read_text("utf-8"), "python")
        await to.client.inline_completion(plain.as_uri(), Position(1, 4))
        assert allowed.encode() in to.sent
        assert [name for name, word in words.items() if word.encode() in to.sent] == []


async def test_no_secret_in_a_file_reaches_the_model_server(tmp_path):
    """Nor is it sent to be counted, from the file itself or as part of another one's question."""
    made = [(kind, secret) for kind, secret in made_up.secrets(1) if "\n" not in secret]
    secrets = [secret for _, secret in made]
    code = [f'    {kind.own_name or "client"} = "{secret}"' for kind, secret in made]
    async with journey(tmp_path) as to:
        lines = "\n".join(["def told(a):", *code, "    return a", ""])
        path, _ = to.written(to.one / "lib.py", lines)
        uri = path.as_uri()
        to.client.open(uri, lines, "python")
        for place in (Position(0, 10), Position(len(code) + 1, 12)):
            await to.client.inline_completion(uri, place)
        to.client.change(uri, Range(Position(5, 0), Position(5, 0)), " ")
        await to.act({**to.ticket(uri), "stop": len(code)})
        while b"From lib.py" not in to.sent:
            await to.work_beside()
        assert b"REDACTED_" in to.sent
        assert [s for s in secrets if redaction.is_left(s, to.sent.decode())] == []


async def test_a_file_that_nothing_keeps_back_takes_the_same_roads(tmp_path):
    """Else the test above could not fail."""
    async with journey(tmp_path) as to:
        for road in (opened("main.py"), at("untitled:Untitled-1")):
            with pytest.raises(AssertionError, match="canary"):
                await road(to)
        assert b"canary" in to.sent
