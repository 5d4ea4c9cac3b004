"""`arriero prompt`: a dialog, or a gap in a text, exactly as it would go to the model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from arriero.cli.output import emit, emit_json, fail, note
from arriero.core.dialects import BY_NAME, Dialect, Turn, infill, lone_surrogate
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo, formats_of, recognised
from arriero.errors import ArrieroError, DialogError, SettingsError

# What is asked for is wrong, as for a wrong command line.
REFUSED = 2

ANOTHER = "it gets its own chat template if its name says that it chats, else plain text."


def main(argv: Sequence[str]) -> int:
    """Print the prompt's text and nothing else; no line end is added."""
    args = _parser().parse_args(argv)
    if not recognised(args.model):
        note(f"{args.model} is none of the Code Llamas: {ANOTHER}")
    formats = formats_of(ModelInfo(args.model, "", ""))
    try:
        if args.prefix is not None or args.suffix is not None:
            dialect = BY_NAME[formats.completion]
            text = _gap(args, dialect)
        else:
            dialect = BY_NAME[formats.conversation]
            text = _dialog(args, dialect)
        ids = _ids(args, text)
    except SettingsError as error:
        return fail(str(error))
    except ArrieroError as error:
        return fail(str(error), REFUSED)
    if args.json:
        told = {"text": text, "stop": dialect.stop, "dialect": dialect.name}
        emit_json(told | ({} if ids is None else {"ids": ids}))
    elif ids is not None:
        emit_json(ids)
    else:
        emit(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arriero prompt",
        description="Read a JSON list of messages on stdin and print what would go to /generate, "
        "without the leading <s>, which the server adds.",
    )
    add = parser.add_argument
    add("--model", default=CODELLAMA_70B_INSTRUCT, help="(default: %(default)s)")
    add("--prefill", default="", metavar="TEXT", help="what the reply begins with")
    add("--json", action="store_true", help="print one JSON object, with the stops")
    gap = parser.add_argument_group("a gap instead of messages, for models that infill")
    gap.add_argument("--prefix", type=Path, metavar="FILE", help="the text before the gap")
    gap.add_argument("--suffix", type=Path, metavar="FILE", help="the text after the gap")
    gap.add_argument("--suffix-first", action="store_true", help="write the suffix first")
    ids = parser.add_argument_group("token ids")
    ids.add_argument("--ids", action="store_true", help="print the ids instead, <s> included")
    ids.add_argument("--tokenizer", type=Path, metavar="FILE", help="the model's tokenizer.json")
    return parser


def _gap(args: argparse.Namespace, dialect: Dialect) -> str:
    if not dialect.infills:
        raise DialogError(f"{args.model} was not trained to fill gaps; give it messages on stdin.")
    return infill(_text(args.prefix), _text(args.suffix), suffix_first=args.suffix_first)


def _text(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise DialogError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise DialogError(f"{file} cannot be read: it is no text in UTF-8.") from None


def _dialog(args: argparse.Namespace, dialect: Dialect) -> str:
    turns = _turns(sys.stdin.buffer.read())
    _check_whole("The prefill", args.prefill)
    if not dialect.by_template:
        return dialect.render(turns, args.prefill)
    if args.tokenizer is None:
        raise DialogError(
            f"{args.model} has a chat template of its own: give --tokenizer the folder that holds "
            "its tokenizer_config.json."
        )
    from arriero import app

    return app.by_template(args.tokenizer, dialect, turns, args.prefill)


def _ids(args: argparse.Namespace, text: str) -> list[int] | None:
    if not args.ids:
        return None
    if args.tokenizer is None:
        raise DialogError("--ids needs --tokenizer: the model's own tokenizer.json.")
    from arriero import app

    return app.token_ids(args.tokenizer, text)


def _turns(given: bytes) -> list[Turn]:
    """Read the messages; raises DialogError for whatever is none."""
    try:
        messages = json.loads(given)
    except json.JSONDecodeError as error:
        raise DialogError(f"What came on stdin is no JSON ({error}).") from None
    except (ValueError, RecursionError):
        raise DialogError(
            "What came on stdin is no JSON that can be read: it has to be UTF-8, and neither nest "
            "a thousand deep nor hold numbers of a thousand digits."
        ) from None
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
    for text in (role, content, to or ""):
        _check_whole(f"Turn {number}", text)
    return Turn(role, content, to)


def _check_whole(what: str, text: str) -> None:
    place = lone_surrogate(text)
    if place is not None:
        raise DialogError(
            f"{what} has half a character at place {place + 1} (a lone surrogate, "
            f"{text[place]!a}), which no model can read. Take it out."
        )
