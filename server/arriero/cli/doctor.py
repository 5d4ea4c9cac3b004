"""`arriero doctor`: is everything there, and if not, what mends it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from arriero.cli.output import emit_json, fail
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
    args = parser.parse_args(argv)
    from arriero import app  # only now: `--help` must not wait for it

    return asyncio.run(_examine(app.loaded(workspace_of(Path.cwd()), args.url), as_json=args.json))


async def _examine(loaded: Loaded, *, as_json: bool) -> int:
    from arriero import app

    findings = []
    try:
        async for finding in app.examine(loaded):
            findings.append(finding)
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
