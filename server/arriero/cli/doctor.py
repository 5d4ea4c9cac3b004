"""`arriero doctor`: is everything there, and if not, what mends it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from arriero.cli.output import emit_json


def main(argv: Sequence[str]) -> int:
    """Print one line per check; the exit code is 1 if any of them found something to mend."""
    parser = argparse.ArgumentParser(
        prog="arriero doctor",
        description="Check the settings, the model server, its model and limits, the prompt's "
        "tokens, and time one generation.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON array")
    args = parser.parse_args(argv)
    return asyncio.run(_examine(as_json=args.json))


async def _examine(*, as_json: bool) -> int:
    from arriero import app  # only now: `--help` must not wait for it

    findings = []
    async for finding in app.examine(Path.cwd()):
        findings.append(finding)
        if not as_json:
            print(_line(finding.good, finding.question, finding.said), flush=True)
    if as_json:
        emit_json([asdict(finding) for finding in findings])
    return 0 if all(finding.good for finding in findings) else 1


def _line(good: bool, question: str, said: str) -> str:
    marks = ("✗", "✓") if (sys.stdout.encoding or "").lower().startswith("utf") else ("!", "ok")
    return f"{marks[good]:<2} {question:<14}{said}"
