"""`arriero act ID FILE:LINE[-LINE]`: carry out a code action and print what it changes."""

from __future__ import annotations

import argparse
import asyncio
import difflib
from collections.abc import Sequence

from arriero.cli.complete import NOTHING, told
from arriero.cli.output import emit, emit_json, fail
from arriero.cli.places import Lines, lines
from arriero.cli.session import session
from arriero.core.actions import ACTIONS, BY_ID
from arriero.core.text import whole_lines
from arriero.errors import ArrieroError

# How a diff writes a last line that no line end follows.
UNENDED = "\n\\ No newline at end of file\n"


def main(argv: Sequence[str]) -> int:
    """Print a unified diff, or the model's prose for an action that explains."""
    parser = argparse.ArgumentParser(
        prog="arriero act",
        description="Carry out a code action and print its diff. The file is left as it is.",
    )
    parser.add_argument("action", metavar="ID", choices=[action.id for action in ACTIONS])
    parser.add_argument(
        "place",
        metavar="FILE:LINE[-LINE]",
        type=lines,
        help="the lines it is about, from 1; one line stands for the definition around it",
    )
    parser.add_argument("--message", help="the problem to fix, for the actions that need one (fix)")
    parser.add_argument("--write", action="store_true", help="write the result into the file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    if BY_ID[args.action].needs.startswith("diagnostic") and not args.message:
        parser.error(f"{args.action} needs to know what is wrong: --message TEXT")
    try:
        return asyncio.run(_act(args))
    except ArrieroError as error:
        return fail(str(error))


async def _act(args: argparse.Namespace) -> int:
    place: Lines = args.place
    async with session(place.file, quiet=args.json) as opened:
        before = opened.document.text
        result = await opened.act(args.action, place, args.message)
        status = await opened.status()
        after = opened.document.text
    changed = diff(place, before, after)
    if args.write and changed:
        with place.file.open("w", encoding="utf-8", newline="") as file:
            file.write(after)
    reason = result.get("reason")
    if args.json:
        emit_json({"action": args.action, "diff": changed, **result, **told(status)})
    elif reason:
        fail(reason)
    else:
        emit(changed or result.get("text", "") + "\n")
    if reason:
        # An answer that cannot be used is no trouble of the model server's.
        return 1 if reason == status.get("trouble") else NOTHING
    return 0 if changed or result.get("text") else NOTHING


def diff(place: Lines, before: str, after: str) -> str:
    """Return a unified diff, "" where nothing changed."""
    name = place.file.as_posix().lstrip("/")
    lines = difflib.unified_diff(whole_lines(before), whole_lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else line + UNENDED for line in lines)
