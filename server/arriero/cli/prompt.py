"""`arriero prompt`: a dialog, exactly as it would go to the model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from arriero.cli.output import emit, emit_json, fail
from arriero.core.dialects import BY_NAME, Turn
from arriero.core.models import CODELLAMA_70B_INSTRUCT, dialect_of
from arriero.errors import ArrieroError, DialogError


def main(argv: Sequence[str]) -> int:
    """Print the prompt's text and nothing else; no line end is added."""
    parser = argparse.ArgumentParser(
        prog="arriero prompt",
        description="Read a JSON list of messages on stdin and print what would go to /generate, "
        "without the leading <s>, which the server adds.",
    )
    parser.add_argument("--model", default=CODELLAMA_70B_INSTRUCT, help="(default: %(default)s)")
    parser.add_argument("--prefill", default="", metavar="TEXT", help="what the reply begins with")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with the stops")
    args = parser.parse_args(argv)
    dialect = BY_NAME[dialect_of(args.model)]
    try:
        text = dialect.render(_turns(sys.stdin.buffer.read()), args.prefill)
    except ArrieroError as error:
        return fail(str(error))
    if args.json:
        emit_json({"text": text, "stop": dialect.stop, "dialect": dialect.name})
    else:
        emit(text)
    return 0


def _turns(given: bytes) -> list[Turn]:
    """Read the messages; raises DialogError for whatever is none."""
    try:
        messages = json.loads(given)
    except (ValueError, RecursionError) as error:
        raise DialogError(f"What came on stdin is no JSON: {error}.") from error
    if not isinstance(messages, list):
        raise DialogError("What came on stdin has to be a JSON list of messages.")
    return [_turn(number, message) for number, message in enumerate(messages, start=1)]


def _turn(number: int, message: object) -> Turn:
    fields = message if isinstance(message, dict) else {}
    role, content, to = (fields.get(name) for name in ("role", "content", "destination"))
    if not (isinstance(role, str) and isinstance(content, str) and isinstance(to, str | None)):
        raise DialogError(
            f'Turn {number} has to be an object such as {{"role": "user", "content": "..."}}, with '
            "texts as values."
        )
    return Turn(role, content, to)
