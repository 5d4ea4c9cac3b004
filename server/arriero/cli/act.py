"""`arriero act ID FILE:LINE[:COL][-LINE[:COL]]`: carry out a code action, print what it changes."""

from __future__ import annotations

import argparse
import asyncio
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from arriero.cli.complete import NOTHING, told
from arriero.cli.output import emit, emit_json, fail, note
from arriero.cli.places import Lines, lines, root_of
from arriero.cli.session import Session, session
from arriero.core.actions import BY_ID
from arriero.core.text import whole_lines
from arriero.errors import ArrieroError
from arriero.settings_kinds import one_of
from arriero.settings_sources import load_all

# How a diff writes a last line that no line end follows.
UNENDED = "\n\\ No newline at end of file\n"
MACHINE_MADE = "This is written by a machine, and nobody has checked it: it may be wrong."


def main(argv: Sequence[str]) -> int:
    """Print a unified diff, or the model's prose for an action that explains."""
    parser = argparse.ArgumentParser(
        prog="arriero act",
        description="Carry out a code action and print its diff. The files are left as they are.",
    )
    add = parser.add_argument
    add("action", metavar="ID", help="see `arriero actions`")
    add(
        "place",
        metavar="FILE:LINE[:COL][-LINE[:COL]]",
        type=lines,
        help="the code it is about, from 1; one line stands for the definition around it",
    )
    add("--message", help="the problem to fix, for the actions that need one (fix)")
    add("--instruction", default="", metavar="TEXT", help="what to do, for `edit`")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--diff", action="store_true", help="print the change; the default")
    shown.add_argument("--write", action="store_true", help="write it into the file, or a new one")
    add("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    _check(parser, args)
    try:
        return asyncio.run(_act(args))
    except ArrieroError as error:
        return fail(str(error))


def _check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End with the parser's error where the command line cannot be right."""
    own = load_all([root_of(args.place.file)]).settings.actions.own
    ids = [*BY_ID, *own]
    if args.action not in ids:
        parser.error(f"there is no action {args.action!r}; it has to be {one_of(args.action, ids)}")
    needs = BY_ID[args.action].needs if args.action in BY_ID else "code"
    if needs.startswith("diagnostic") and not args.message:
        parser.error(f"{args.action} needs to know what is wrong: --message TEXT")
    if needs == "instruction" and not args.instruction.strip():
        parser.error(f"{args.action} needs to know what to do: --instruction TEXT")


async def _act(args: argparse.Namespace) -> int:
    place: Lines = args.place
    async with session(place.file, quiet=args.json) as opened:
        before = opened.document.text
        result = await opened.act(args.action, place, args.message, args.instruction)
        status = await opened.status()
        texts = _texts(opened, place.file)
    changed = "".join(diff(file, _now(file, place, before), texts[file]) for file in texts)
    if args.write and changed:
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("w", encoding="utf-8", newline="") as written:
                written.write(text)
    reason = result.get("reason")
    if args.json:
        emit_json({"action": args.action, "diff": changed, **result, **told(status)})
    elif reason:
        fail(reason)
    else:
        emit(changed or result.get("text", "") + "\n")
        if result.get("text"):
            note(MACHINE_MADE)
    if reason:
        # An answer that cannot be used is no trouble of the model server's.
        return 1 if reason == status.get("trouble") else NOTHING
    return 0 if changed or result.get("text") else NOTHING


def _texts(opened: Session, file: Path) -> Mapping[Path, str]:
    """Return the texts of all open files, under the name that was given and those of the others."""
    return {
        file if each.uri == opened.uri else Path(url2pathname(urlsplit(each.uri).path)): each.text
        for each in opened.client.documents
    }


def _now(file: Path, place: Lines, before: str) -> str:
    if file == place.file:
        return before
    return file.read_bytes().decode("utf-8", "replace") if file.exists() else ""


def diff(file: Path, before: str, after: str) -> str:
    """Return a unified diff, "" where nothing changed."""
    name = file.as_posix().lstrip("/")
    lines = difflib.unified_diff(whole_lines(before), whole_lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else line + UNENDED for line in lines)
