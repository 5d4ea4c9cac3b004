"""`make fuzz`: the real process under messages that no client should send, for MINUTES (10).

Valid requests stand between them, and each has to be answered once, with the process alive and its
memory in bounds. What went wrong is printed with the seed that brings it back.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time

from conformance.lines import line
from conformance.rows import SERVED, URI, raw
from metamodel import Witness

VALUES = [None, True, -1, 0, 1.5, 2**31, 2**70, "", "x", "\ud800", [], [1], {}, {"jsonrpc": "2.0"}]
METHODS = [
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/inlineCompletion",
    "textDocument/completion",
    "textDocument/codeAction",
    "workspace/executeCommand",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWorkspaceFolders",
    "notebookDocument/didOpen",
    "notebookDocument/didChange",
    "window/workDoneProgress/cancel",
    "$/cancelRequest",
    "$/setTrace",
    "arriero/status",
    "arriero/prompt",
    "initialize",
]
PARAMS = {
    "textDocument": {"uri": URI, "version": 2, "languageId": "python", "text": "x = 1\r\n😀"},
    "position": {"line": 0, "character": 1},
    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 9}},
    "context": {"triggerKind": 2, "diagnostics": []},
    "contentChanges": [{"text": "y"}],
    "command": "arriero.act",
    "arguments": [{"action": "fix", "uri": URI}],
    "settings": {"arriero": {"completion": {"pace": 0}}},
    "id": 3,
}


def broken(chance: random.Random, value: object) -> object:
    """Return a value with something in it replaced, left out or repeated."""
    if chance.random() < 0.15:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if chance.random() < 0.9}
        return {key: broken(chance, each) for key, each in kept.items()}
    if isinstance(value, list):
        return [broken(chance, each) for each in value] * chance.randrange(3)
    return value


def nonsense(chance: random.Random) -> bytes:
    """Return a message with correct framing, and anything in it."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.choice(SERVED)[1]
    message: dict[str, object] = {"jsonrpc": "2.0", "method": chance.choice(METHODS)}
    message["params"] = broken(chance, PARAMS)
    if chance.random() < 0.5:
        message["id"] = chance.choice([*VALUES, 1, 2, 3])
    body = json.dumps(message).encode()
    if kind == 2:
        at = chance.randrange(len(body))
        body = body[:at] + bytes([chance.randrange(256)]) + body[at + chance.randrange(3) :]
    return raw(body)


async def one_life(seed: int, messages: int) -> None:
    """Raise AssertionError or TimeoutError if a valid request is not answered exactly once."""
    chance = random.Random(seed)
    async with line() as spoken:
        await spoken.start()
        spoken.witness = Witness()  # ids come again and again here: what they ask for is not told
        listening = asyncio.create_task(_answered(spoken, messages))
        for number in range(messages):
            data = nonsense(chance)
            request = {"jsonrpc": "2.0", "id": f"valid {number}", "method": "arriero/status"}
            data += raw(json.dumps(request).encode())
            cut = chance.randrange(len(data))
            for piece in (data[:cut], data[cut:]):
                spoken.write(piece)
                await spoken.process.stdin.drain()
        await listening
        assert spoken.process.returncode is None
        spoken.witness.check()


async def _answered(spoken: object, messages: int) -> None:
    missing = {f"valid {number}" for number in range(messages)}
    while missing:
        message = await spoken.hear()
        assert message, f"the server ended; unanswered: {len(missing)}"
        msg_id = message.get("id")
        if isinstance(msg_id, str) and msg_id.startswith("valid"):
            assert msg_id in missing, f"answered twice: {msg_id}"
            missing.remove(msg_id)


def main() -> None:
    ends = time.monotonic() + 60 * float(os.environ.get("MINUTES") or 10)
    seed = int(os.environ.get("SEED") or time.time())
    lives = 0
    while time.monotonic() < ends:
        try:
            asyncio.run(one_life(seed + lives, 2000))
        except (AssertionError, TimeoutError) as error:
            sys.exit(f"SEED={seed + lives}: {str(error) or 'no answer'}")
        lives += 1
    print(f"{lives} lives of 2000 messages, every request answered once (SEED={seed})")


if __name__ == "__main__":
    main()
