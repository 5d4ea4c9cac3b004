"""`arriero privacy FILE[:LINE[:COL]]`: what would be sent for a suggestion there, part by part."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from arriero.cli.output import emit, emit_json, fail
from arriero.cli.places import Place, place
from arriero.cli.session import session
from arriero.core.disclosure import as_markdown
from arriero.errors import ArrieroError


def main(argv: Sequence[str]) -> int:
    """Print the report, which is made on the very path that a suggestion takes."""
    parser = argparse.ArgumentParser(
        prog="arriero privacy",
        description="Show exactly what would be sent for a suggestion at a place in a file, with "
        "token counts; what is redacted in it; and which files beside it are kept back, and why. "
        "No suggestion is asked for; the model server may be asked to count that text's tokens.",
    )
    parser.add_argument(
        "place",
        metavar="FILE[:LINE[:COL]]",
        type=place,
        help="where the cursor is, counted from 1; by default the end of the line, or of the file",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        return asyncio.run(_show(args.place, as_json=args.json))
    except ArrieroError as error:
        return fail(str(error))


async def _show(place: Place, *, as_json: bool) -> int:
    async with session(place.file, quiet=as_json) as opened:
        await opened.all_read()
        asked = {"uri": opened.uri, "position": opened.place(place)._asdict()}
        told = await opened.client.request("arriero/privacy", asked)
    if as_json:
        emit_json(told)
    else:
        emit(as_markdown(told))
    return 0
