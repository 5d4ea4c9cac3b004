"""The driver and a server that says what it was told to, side by side."""

from contextlib import asynccontextmanager

from arriero.assist.seam import Piece
from arriero.model.tgi import Tgi
from model.rawserver import PROMPT, RawServer


@asynccontextmanager
async def served(*answers, **endpoint):
    """A server that gives these answers, and the driver to it."""
    async with RawServer(*answers) as server:
        tgi = Tgi(server.endpoint(**endpoint))
        try:
            yield server, tgi
        finally:
            await tgi.close()


async def everything(tgi, prompt=PROMPT, *, explicit=False):
    """Read a stream to its end; give the items, and the error that broke it off."""
    items = []
    try:
        async with tgi.stream(prompt, explicit=explicit) as pieces:
            async for item in pieces:
                items.append(item)  # one by one: what came before an error counts
    except Exception as error:
        return items, error
    return items, None


async def check(answer, *expected) -> None:
    """Let a server answer so; see these pieces, and at the end this error if it is one."""
    error = expected[-1] if expected and isinstance(expected[-1], type) else type(None)
    async with served(answer) as (_, tgi):
        items, broken = await everything(tgi)
    shown = [item.text if isinstance(item, Piece) else item.reason for item in items]
    assert (shown, type(broken)) == ([x for x in expected if isinstance(x, str)], error)
