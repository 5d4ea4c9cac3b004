"""A person at a desk: an editor, the server and a scripted model, joined in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from arriero import app, syntax
from arriero.assist.assistant import Assistant
from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero.lsp.client import AUTOMATIC, CAPABILITIES, INVOKED
from arriero.lsp.positions import Position, Range
from arriero.lsp.server import Server
from arriero.model.tokens import estimate
from arriero.workspace.files import listed
from arriero.workspace.ignore import reason_not_to_send
from wire import wired

FULL = {**CAPABILITIES, "experimental": {"arriero": {"status": True}}}
SIMPLE = {**CAPABILITIES, "workspace": {"applyEdit": True}}  # like eglot 1.9
# A client without inline completion, like Neovim 0.11.
LISTS = {
    **CAPABILITIES,
    "textDocument": {
        name: value
        for name, value in CAPABILITIES["textDocument"].items()
        if name != "inlineCompletion"
    },
}


class ScriptedModel:
    """Says its `replies` in turn, in pieces; a reply that is an exception is raised.

    `asked` are the prompts, `prompts` their texts. While `hold` is set, a stream waits before each
    piece.
    """

    def __init__(self, id: str = CODELLAMA_70B_INSTRUCT, backend: str = "tgi") -> None:
        self.about = ModelInfo(id, backend, "http://127.0.0.1:1")
        self.replies: list[str | Exception] = []
        self.asked: list[Prompt] = []
        self.before_reply = lambda: None
        self.hold: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()
        self.closed = False

    @property
    def prompts(self) -> list[str]:
        return [prompt.text for prompt in self.asked]

    async def info(self):
        return self.about

    def count(self, text):
        return estimate(text)

    async def close(self):
        self.closed = True

    @asynccontextmanager
    async def stream(self, prompt, *, explicit):
        self.asked.append(prompt)
        try:
            yield self._pieces(self.replies.pop(0))
        finally:
            self.ended.set()

    async def _pieces(self, reply):
        self.before_reply()
        self.begun.set()
        if isinstance(reply, Exception):
            raise reply
        for place in range(0, len(reply), 5):
            if self.hold:
                await self.hold.wait()
            await asyncio.sleep(0)
            yield Piece(reply[place : place + 5])
        yield End("eos_token")


class Desk:
    """What a person does in an editor, and what they see."""

    def __init__(self, model: ScriptedModel, client, root) -> None:
        self.model = model
        self.client = client
        self.root = root
        self.uri = ""

    @classmethod
    @asynccontextmanager
    async def at(
        cls, root, *, model=None, capabilities=FULL, settings=None, connect=None, index=None
    ):
        model = model or ScriptedModel()

        async def to_the_model(settings):
            if isinstance(model, Exception):
                raise model
            return model

        assistant = Assistant(
            connect or to_the_model, reason_not_to_send, app.redactor(), syntax, index
        )
        server = Server(assistant, listed)
        for method in app.METHODS:
            method.register(server)
        options = {"root": root, "capabilities": capabilities, "settings": settings}
        async with wired(server, **options) as client:
            yield cls(model, client, root)

    def open(self, marked: str, name: str = "example.py", language: str = "python") -> None:
        """Open a document; `‸` marks the cursor, `⟦` and `⟧` the selection."""
        self.open_uri((self.root / name).as_uri(), marked, language)

    def open_uri(self, uri: str, marked: str, language: str) -> None:
        """Open a document that may be no file; marked as for `open`."""
        marks = [place for place, character in enumerate(marked) if character in "‸⟦⟧"]
        text = "".join(character for character in marked if character not in "‸⟦⟧")
        self.uri = uri
        self.client.open(self.uri, text, language)
        places = [self._position(text, mark - n) for n, mark in enumerate(marks)]
        self.cursor = places[0] if places else Position(0, 0)
        self.selection = Range(self.cursor, places[-1] if places else self.cursor)

    def _position(self, text: str, offset: int) -> Position:
        before = text[:offset].replace("\r\n", "\n")
        line = before.count("\n")
        return self.client.documents[self.uri].position(line, len(before.rpartition("\n")[2]))

    @property
    def text(self) -> str:
        return self.client.documents[self.uri].text

    @property
    def messages(self) -> list[str]:
        return [message["message"] for message in self.client.messages]

    def type(self, text: str) -> None:
        """Type at the cursor."""
        self.client.change(self.uri, Range(self.cursor, self.cursor), text)
        self.cursor = Position(self.cursor.line, self.cursor.character + len(text))

    def type_at_top(self, text: str) -> None:
        self.client.change(self.uri, Range(Position(0, 0), Position(0, 0)), text)

    async def suggestion(self, trigger: int = INVOKED) -> str | None:
        """Ask for ghost text at the cursor."""
        items = await self.suggestions(trigger)
        return items[0]["insertText"] if items else None

    async def suggestions(self, trigger: int = INVOKED) -> list[dict]:
        """Ask for all ghost texts that the editor can show at the cursor, one after the other."""
        return await self.client.inline_completion(self.uri, self.cursor, trigger)

    async def accept(self, item: dict) -> None:
        """Take a ghost text, in an editor that runs its command."""
        self.type(item["insertText"])
        command = item["command"]
        await self.client.execute(command["command"], command["arguments"])

    async def counts(self) -> dict:
        """Return what became of suggestions."""
        return (await self.client.request("arriero/status", {}))["suggestions"]

    async def suggestion_while_typing(self) -> str | None:
        return await self.suggestion(AUTOMATIC)

    async def listed(self) -> dict:
        """Ask for the ordinary list at the cursor, as editors do for every key."""
        return await self.client.request(
            "textDocument/completion",
            {
                "textDocument": {"uri": self.uri},
                "position": self.cursor._asdict(),
                "context": {"triggerKind": 1},
            },
        )

    async def offers(self, **context) -> list[dict]:
        return await self.client.code_actions(self.uri, self.selection, **context)

    async def choose(self, action: str, problem: str | None = None):
        """Choose the action from the menu; return what the command answers."""
        item = await self.offered(action, problem)
        return await self.client.execute(item["command"]["command"], item["command"]["arguments"])

    async def offered(self, action: str, problem: str | None = None) -> dict:
        span = {"start": self.cursor._asdict(), "end": self.cursor._asdict()}
        diagnostics = [{"range": span, "message": problem}] if problem else []
        items = await self.offers(diagnostics=diagnostics)
        return next(i for i in items if i["command"]["arguments"][0]["action"] == action)
