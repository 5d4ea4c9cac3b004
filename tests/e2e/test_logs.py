"""The log of the real process, at every level: at none but debug has it code, a prompt or a key."""

import asyncio
import os
from contextlib import suppress

import pytest

from arriero.lsp.client import AUTOMATIC, CAPABILITIES, Client
from arriero.lsp.peer import ResponseError
from arriero.lsp.positions import Position, Range
from e2e.house import SERVE, backend, settings
from e2e.truth import CURSOR, DOCUMENTATION, LENGTH, without, write

KEY = "key-of-the-gateway"
WORDS = ("announce", "Return the length", "größer", "hidden_name", "hidden problem")
PROMPT = "Destination:"


async def log_of(tmp_path, level: str) -> str:
    """Let a day's work happen, failures too, and return what was written to standard error."""
    log = tmp_path / f"{level}.log"
    model_truth = write(tmp_path / "truth").parent
    async with backend(model_truth, key=KEY) as model:
        environment = {**os.environ, "ARRIERO_API_KEY": KEY, "ARRIERO_LOG_LEVEL": level}
        with log.open("wb") as written:
            options = {"settings": settings(model.url), "env": environment, "stderr": written}
            async with Client.spawn(
                SERVE, tmp_path, capabilities=CAPABILITIES, **options
            ) as client:
                await _work(client, tmp_path, model)
    return log.read_text("utf-8", errors="replace")


async def _work(client, root, model) -> None:
    uri = (root / "paths.py").as_uri()
    client.open(uri, without(DOCUMENTATION).replace(CURSOR, ""), "python")
    end = Position(LENGTH + 1, 4)
    for trigger in (AUTOMATIC, 1):
        await client.inline_completion(uri, end, trigger)
    problem = {
        "range": {"start": end._asdict(), "end": end._asdict()},
        "message": "hidden problem: hidden_name",
    }
    for item in await client.code_actions(uri, Range(end, end), diagnostics=[problem]):
        [ticket] = item["command"]["arguments"]
        with suppress(ResponseError):  # what went before may have changed the lines
            now = client.documents[uri].version
            await client.execute(item["command"]["command"], [{**ticket, "version": now}])
    model.order(fault_at=0)
    client.change(uri, Range(end, end), "hidden_name = ")
    await client.inline_completion(uri, end)
    # What no client should send: it is refused, and told in the log without its words.
    for method, params in (
        ("textDocument/inlineCompletion", {"textDocument": {"uri": "hidden_name"}}),
        ("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": "hidden_name"}),
        ("workspace/executeCommand", {"command": "arriero.act", "arguments": ["hidden_name"]}),
        ("arriero/prompt", {"uri": uri, "position": "hidden_name"}),
    ):
        with suppress(ResponseError):
            await client.request(method, params)
    wrong = {"textDocument": {"uri": uri, "version": 1}, "contentChanges": ["hidden_name"]}
    client.notify("textDocument/didChange", wrong)
    client.notify("hidden/notification", {"text": "hidden_name"})
    await client.request("arriero/status", {})


@pytest.mark.parametrize("level", ["info", "warning", "error"])
async def test_above_debug_no_code_prompt_or_key_is_written(tmp_path, level):
    log = await asyncio.wait_for(log_of(tmp_path, level), 120)
    assert [word for word in (*WORDS, PROMPT, KEY) if word in log] == []
    assert ("INFO arriero" in log) == (level == "info")


async def test_at_debug_code_is_written_but_no_key(tmp_path):
    """Else the test above could not fail."""
    log = await log_of(tmp_path, "debug")
    assert "Return the length" in log
    assert KEY not in log
