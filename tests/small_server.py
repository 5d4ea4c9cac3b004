"""A server with one handler of every kind and no model: in memory, or as a process.

python small_server.py            serves standard input and output
python small_server.py PORT       serves 127.0.0.1:PORT
"""

from __future__ import annotations

import asyncio
import sys

from lsprotocol import types

from arriero import errors
from arriero.lsp.progress import progress
from arriero.lsp.server import Server
from arriero.lsp.transport import serve_stdio, serve_tcp

FAILURES = {
    "changed": errors.DocumentChanged("The text moved on."),
    "key": errors.WrongKey("The key is refused."),
    "bug": ZeroDivisionError("in /home/somebody/secret.py"),
    "unwritable": None,
}


class NoAssistant:
    """Stands where the work behind the server would be."""

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


def small_server() -> Server:
    server = Server(NoAssistant())
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION)(echo)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(offer)
    server.feature("test/line")(line)
    server.feature("test/fail")(fail)
    server.feature("test/failLater")(fail_later)
    server.feature("test/wait")(wait)
    server.feature("test/configuration")(configuration)
    server.feature("test/patience")(patience)
    server.command("wait")(wait_as_command)
    server.command("work")(work)
    return server


async def echo(ls: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    """Suggest what the request said: the trigger, and the text that the server has."""
    trigger = types.InlineCompletionItem(str(int(params.context.trigger_kind)))
    text = types.InlineCompletionItem(ls.documents[params.text_document.uri].text)
    return types.InlineCompletionList([trigger, text])


def offer(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    problems = [problem.message for problem in params.context.diagnostics]
    return [types.CodeAction("Look", data={"jsonrpc": "in data", "problems": problems})]


def line(ls: Server, params: dict) -> str:
    return ls.documents[params["uri"]].line(params["line"])


def fail(ls: Server, params: dict) -> object:
    error = FAILURES[params["how"]]
    if error is None:
        return {"set"}
    raise error


async def fail_later(ls: Server, params: dict) -> object:
    await asyncio.sleep(0)
    return fail(ls, params)


async def wait(ls: Server, params: object) -> None:
    """Wait to be cancelled, and tell when it begins and ends."""
    ls.protocol.notify("test/waiting")
    try:
        await asyncio.Event().wait()
    finally:
        ls.protocol.notify("test/released")


async def wait_as_command(ls: Server) -> None:
    await wait(ls, None)


async def work(ls: Server) -> str:
    """Show progress."""
    async with progress(ls, "Working") as report:
        report("half way")
        await asyncio.sleep(0)
    return "done"


async def configuration(ls: Server, params: object) -> object:
    asked = types.ConfigurationParams([types.ConfigurationItem(section="arriero")])
    return (await ls.workspace_configuration_async(asked))[0]


async def patience(ls: Server, params: object) -> str:
    """Ask the client something, and give up before it answers."""
    asked = types.ConfigurationParams([])
    asking = asyncio.ensure_future(ls.workspace_configuration_async(asked))
    await asyncio.sleep(0)
    asking.cancel()
    return "gave up"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve_tcp(small_server, "127.0.0.1", int(sys.argv[1])))
    else:
        sys.exit(asyncio.run(serve_stdio(small_server)))
