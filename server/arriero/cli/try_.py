"""`arriero try`: what arriero does, shown on a file with the embedded model.

Everything shown is what just happened: the real server, the real model, its real answer. The one
thing that is not the model's is labelled so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from arriero.cli import picture
from arriero.cli.act import diff
from arriero.cli.complete import NOTHING, told
from arriero.cli.output import fail
from arriero.cli.places import Cursor, Lines, cursor
from arriero.cli.session import Session, session
from arriero.core.models import CODELLAMA_70B_INSTRUCT
from arriero.errors import ArrieroError
from arriero.programs import PYTHON

EXAMPLES = Path("examples")
EXAMPLE = f"{EXAMPLES}/warehouse.py:17:5"
EXAMPLE_ACTION = 27  # the line of a definition without documentation
FINISHED = EXAMPLES / "finished"


def main(argv: Sequence[str]) -> int:
    """Show a suggestion, an action, and the same request as the 70B would get it."""
    parser = argparse.ArgumentParser(
        prog="arriero try",
        description="See a suggestion and an action by the embedded model, on an example or on a "
        "file of yours.",
    )
    parser.add_argument(
        "place",
        metavar="FILE:LINE:COL",
        nargs="?",
        help="where to suggest, both from 1 (default: a place in examples/)",
    )
    parser.add_argument("--svg", metavar="FILE", type=Path, help="save what is shown as a picture")
    args = parser.parse_args(argv)
    if not args.place and not EXAMPLES.is_dir():
        parser.error("there is no folder examples/ here, so name a place: FILE:LINE:COL")
    try:
        place = cursor(args.place or EXAMPLE)
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))
    if code := fetch():
        return code
    console = Console(record=bool(args.svg), highlight=False, width=picture.WIDTH)
    example = args.place is None
    try:
        suggested = asyncio.run(_show(console, place, example=example))
    except ArrieroError as error:
        return fail(str(error))
    if args.svg:
        picture.save(console, args.svg, "make try")
    # In a file of your own there may be nothing to suggest; in the example there is.
    return 0 if suggested or not example else NOTHING


def fetch() -> int:
    """Bring the embedded model, unless it is there; return the exit code of its program."""
    return subprocess.run([*PYTHON, "arriero_backend.local", "--fetch"], check=False).returncode


async def _show(console: Console, place: Cursor, *, example: bool) -> bool:
    """Show everything; return whether there was a suggestion."""
    with tempfile.TemporaryDirectory() as folder:
        env = _nobodys_settings(Path(folder))
        line = EXAMPLE_ACTION if example else place.line
        async with session(place.file, quiet=True, env=env) as opened:
            suggested = await _suggestion(console, opened, place)
            request = await _request(opened, place)
            refusal = await _action(console, opened, line)
        if refusal and example:
            await _simulated_action(console, place.file, line, env)
    picture.request(console, CODELLAMA_70B_INSTRUCT, request)
    picture.next_steps(console)
    return suggested


def _nobodys_settings(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is set: this is about the embedded model."""
    nobodys = folder / "config.toml"
    nobodys.touch()
    cache = {"ARRIERO_CACHE"}
    others = {n: v for n, v in os.environ.items() if n in cache or not n.startswith("ARRIERO_")}
    return {**others, "ARRIERO_CONFIG": str(nobodys)}


async def _suggestion(console: Console, opened: Session, place: Cursor) -> bool:
    position = opened.position(place)
    items = await opened.client.inline_completion(opened.uri, position)
    if complaint := opened.complaint():
        raise ArrieroError(complaint)
    status = told(await opened.status())
    picture.heading(console, f"A suggestion in {place.file}, by {status['model']} on this computer")
    lines = opened.document.lines(0, opened.document.line_count)
    picture.ghost(console, lines, place, items[0]["insertText"] if items else "")
    if items:
        picture.figures(console, status)
    else:
        picture.nothing(console)
    return bool(items)


async def _request(opened: Session, place: Cursor) -> str:
    """Return what the same request would be for the 70B."""
    position = opened.position(place)._asdict()
    params = {"uri": opened.uri, "position": position, "model": CODELLAMA_70B_INSTRUCT}
    return str((await opened.client.request("arriero/prompt", params))["text"])


async def _action(console: Console, opened: Session, line: int) -> str | None:
    """Show the action that writes documentation; return the reason if the answer was refused."""
    before = opened.document.text
    place = Lines(opened.file, line, None)
    try:
        result = await opened.act("document", place)
    except ArrieroError as error:
        result = {"reason": str(error)}
    model = (await opened.status()).get("model", "no model")
    picture.heading(console, f"The action “Write documentation” on line {line}, by {model}")
    if reason := result.get("reason"):
        picture.reason(console, str(reason))
        if result.get("refused"):
            picture.refused(console)
        return str(reason)
    picture.diff(console, diff(place.file, before, opened.document.text))
    return None


async def _simulated_action(
    console: Console, file: Path, line: int, env: Mapping[str, str]
) -> None:
    """Show the same action by the simulated 70B, which knows the finished file."""
    command = ("arriero_backend.simulated", "--truth", str(FINISHED), "--until-stdin-closes")
    process = await asyncio.create_subprocess_exec(
        *PYTHON, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = json.loads(await process.stdout.readline())["url"]
        async with session(file, quiet=True, env={**env, "ARRIERO_URL": url}) as opened:
            picture.simulated(console)
            await _action(console, opened, line)
    finally:
        process.stdin.close()
        await process.wait()
