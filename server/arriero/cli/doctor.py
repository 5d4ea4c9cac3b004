"""`arriero doctor`: is everything there, and if not, what mends it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from arriero.cli import bundle
from arriero.cli.output import emit_json, fail, note
from arriero.cli.places import workspace_of

if TYPE_CHECKING:
    from arriero.settings_sources import Loaded

ASCII = {"✓": "ok", "✗": "!", "–": "-"}


def main(argv: Sequence[str]) -> int:
    """Print one line per check; the exit code is 1 if any of them found something to mend."""
    parser = argparse.ArgumentParser(
        prog="arriero doctor",
        description="Check the settings, and of every model server the way to it, its key, model, "
        "limits and tokens; try a few short generations. Each line says what was tried, what came, "
        "and what to do.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    parser.add_argument("--url", type=_address, default="", help="look at this model server alone")
    bundle_ = parser.add_argument_group("a file for those who are to help, without code")
    bundle_.add_argument("--bundle", type=Path, metavar="FILE", help="write what was found there")
    bundle_.add_argument("--log", type=Path, metavar="FILE", help="add the end of a log of arriero")
    bundle_.add_argument("--with-code", action="store_true", help="leave nothing out of the log")
    args = parser.parse_args(argv)
    if args.bundle is None and (args.log or args.with_code):
        parser.error("--log and --with-code are for --bundle")
    from arriero import app  # only now: `--help` must not wait for it

    loaded = app.loaded(workspace_of(Path.cwd()), args.url)
    found: list[str] = []
    code = asyncio.run(_examine(loaded, found, as_json=args.json))
    if args.bundle is None:
        return code
    return max(code, _bundle(args, loaded, found))


def _bundle(args: argparse.Namespace, loaded: Loaded, found: Sequence[str]) -> int:
    try:
        written = bundle.read(args.log)
        text = bundle.made(loaded, found, written, code=args.with_code)
        args.bundle.write_text(text, "utf-8")
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}.")
    note(f"{args.bundle} is written. Read it before you pass it on.")
    return 0


async def _examine(loaded: Loaded, found: list[str], *, as_json: bool) -> int:
    """Print what is found, and add it to `found` as items of a list."""
    from arriero import app

    findings = []
    try:
        async for finding in app.examine(loaded):
            findings.append(finding)
            found.append(app.as_markdown(finding))
            if not as_json:
                print(_line(finding.mark, finding.question, f"{finding.tried}: {finding.came}"))
                if finding.do:
                    print(" " * INDENT + finding.do, flush=True)
    except Exception as error:
        fail(f"This is a fault in arriero itself ({type(error).__name__}). Please report it.")
        return 1
    finally:
        if as_json:  # what was found out before is worth knowing all the same
            emit_json([asdict(finding) for finding in findings])
    return 1 if any(finding.state == "bad" for finding in findings) else 0


INDENT = 17


def _line(mark: str, question: str, said: str) -> str:
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    return f"{ASCII[mark] if plain else mark:<2} {question:<14}{said}"


def _address(text: str) -> str:
    from arriero.settings_kinds import ADDRESS

    try:
        return str(ADDRESS.read(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"it has to be {error}") from None
