"""`arriero complete FILE:LINE:COL`: a suggestion at a place in a file."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from arriero.cli.output import emit, emit_json, fail, note
from arriero.cli.places import Cursor, cursor
from arriero.cli.session import session
from arriero.errors import ArrieroError

NOTHING = 3


def main(argv: Sequence[str]) -> int:
    """Print the suggestion, or with --json one object that tells how it came about."""
    parser = argparse.ArgumentParser(
        prog="arriero complete",
        description="Suggest code at a place in a file, as an editor would show it.",
    )
    parser.add_argument(
        "place",
        metavar="FILE:LINE:COL",
        type=cursor,
        help="where the cursor is; both counted from 1, COL = characters before the cursor + 1",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        return asyncio.run(_complete(args.place, as_json=args.json))
    except ArrieroError as error:
        return fail(str(error))


async def _complete(place: Cursor, *, as_json: bool) -> int:
    async with session(place.file, quiet=as_json) as opened:
        items = await opened.client.inline_completion(opened.uri, opened.position(place))
        status = await opened.status()
        if complaint := opened.complaint():
            return fail(complaint, NOTHING if status.get("last") else 1)
    text = items[0]["insertText"] if items else ""
    if as_json:
        emit_json({"text": text, **told(status)})
    elif text:
        emit(text + "\n")
    else:
        note("the model has no suggestion for this place.")
    return 0 if text else NOTHING


def told(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a status tells of the last answer: tokens, times in seconds, and whose it is."""
    last = status.get("last") or {}
    seconds = last.get("seconds", 0.0) - last.get("ttft_s", 0.0)
    rate = round((last["tokens"] - 1) / seconds, 1) if last and seconds > 0 else None
    return {
        "ttft_s": last.get("ttft_s"),
        "tokens": last.get("tokens"),
        "tokens_per_s": rate,
        **{name: status.get(name) for name in ("backend", "model", "dialect")},
    }
