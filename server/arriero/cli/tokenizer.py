"""`arriero tokenizer fetch`: a model's tokenizer.json, to count tokens exactly."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from arriero import app
from arriero.cli.output import emit_json, fail, note
from arriero.errors import SettingsError


def main(argv: Sequence[str]) -> int:
    """Save a tokenizer.json, after the check of the model card where there is one."""
    parser = argparse.ArgumentParser(prog="arriero tokenizer")
    commands = parser.add_subparsers(required=True, metavar="fetch")
    fetch = commands.add_parser(
        "fetch",
        help="get a tokenizer.json from the hub or from a folder",
        description="Get a model's tokenizer.json, and check that of CodeLlama-70b-Instruct "
        "against the ids of its card. A gated model needs your hub token: HF_TOKEN, or "
        "`hf auth login`.",
    )
    fetch.add_argument("model", metavar="MODEL|FOLDER", help="a name on the hub, or a folder")
    fetch.add_argument("--to", type=Path, default=Path("tokenizer.json"), metavar="FILE")
    fetch.add_argument("--revision", metavar="NAME", help="a branch, tag or commit on the hub")
    fetch.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        checked = app.fetch_tokenizer(args.model, args.to, args.revision)
    except SettingsError as error:
        return fail(str(error))
    if args.json:
        emit_json({"file": str(args.to), "checked": checked})
        return 0
    if checked:
        note("It makes the model card's 49 reference ids of the card's dialog.")
    note(f"Saved {args.to}. Set ARRIERO_TOKENIZER to it, and lengths are counted exactly.")
    return 0
