import asyncio
from contextlib import asynccontextmanager

from lsprotocol import types

from arriero.errors import ResponseError
from arriero.lsp.progress import progress
from arriero.lsp.server import Server
from small_server import NoAssistant
from wire import wired

CAN = {"window": {"workDoneProgress": True}}
TOKEN = "from the request"


class Work:
    """A command that shows progress and waits where the test tells it to."""

    def __init__(self) -> None:
        self.running, self.go_on = asyncio.Event(), asyncio.Event()
        self.cancelled = False
        self.token: str | None = None

    async def run(self, ls: Server) -> str:
        try:
            async with progress(ls, "Working", self.token) as report:
                report("half way")
                self.running.set()
                await self.go_on.wait()
                report("nearly")
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return "done"


@asynccontextmanager
async def working(capabilities=CAN, token=None, answer=None):
    """Yield the work, a client that answers requests by `answer`, and the command's call."""
    work = Work()
    work.token = token
    server = Server(NoAssistant())

    async def run(ls: Server) -> str:
        return await work.run(ls)

    server.command("work")(run)
    async with wired(server, capabilities=capabilities) as client:
        if answer:
            client.answers["window/workDoneProgress/create"] = answer
        call = client.send("workspace/executeCommand", {"command": "work"})
        await work.running.wait()
        yield work, client, call
        assert not server.work_done_progress.tokens


def shown(client) -> list[tuple[str, str | None]]:
    values = [params["value"] for method, params in client.heard if method == "$/progress"]
    return [(value["kind"], value.get("message")) for value in values]


async def finish(work: Work, call) -> object:
    work.go_on.set()
    return await call.answer


async def test_progress_begins_reports_and_ends():
    async with working() as (work, client, call):
        await client.until("$/progress")
        assert await finish(work, call) == "done"
        assert shown(client) == [("begin", "half way"), ("report", "nearly"), ("end", None)]


async def test_a_token_of_the_request_needs_no_creating():
    async with working(capabilities={}, token=TOKEN) as (work, client, call):
        assert await finish(work, call) == "done"
        assert {params["token"] for _, params in client.heard} == {TOKEN}
        assert [kind for kind, _ in shown(client)] == ["begin", "report", "report", "end"]


async def test_a_client_without_progress_is_left_alone():
    async with working(capabilities={}) as (work, client, call):
        assert await finish(work, call) == "done"
        assert client.heard == []


async def test_work_does_not_wait_for_a_client_that_is_busy_itself():
    """Helix answers nothing while it waits for us; the end is sent when it does."""
    blocked = asyncio.get_running_loop().create_future()
    async with working(answer=lambda params: blocked) as (work, client, call):
        assert await finish(work, call) == "done"
        assert shown(client) == []
        blocked.set_result(None)
        await client.until("$/progress", lambda params: params["value"]["kind"] == "end")
        assert [kind for kind, _ in shown(client)] == ["begin", "end"]


async def test_a_client_that_refuses_gets_nothing():
    def refuse(params):
        raise ResponseError("no progress here", -32601)

    async with working(answer=refuse) as (work, client, call):
        assert await finish(work, call) == "done"
        assert client.heard == []


async def test_cancelling_the_progress_cancels_the_work():
    async with working() as (work, client, call):
        token = (await client.until("$/progress"))["token"]
        client.notify("window/workDoneProgress/cancel", {"token": token})
        answer = (await asyncio.gather(call.answer, return_exceptions=True))[0]
        assert answer.code == types.LSPErrorCodes.RequestCancelled
        assert work.cancelled
        assert shown(client)[-1] == ("end", None)


async def test_cancelling_the_request_ends_the_progress():
    async with working() as (work, client, call):
        await client.until("$/progress")
        client.cancel(call)
        await asyncio.gather(call.answer, return_exceptions=True)
        assert work.cancelled
        assert shown(client)[-1] == ("end", None)


async def test_one_token_may_be_used_again():
    async with working(token=TOKEN) as (work, client, call):
        await finish(work, call)
        await client.execute("work")
        assert [kind for kind, _ in shown(client)].count("end") == 2
