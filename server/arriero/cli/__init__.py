"""The command `arriero`. Each subcommand is a small file with `main(argv) -> exit code`.

Only the file of the command that was typed is imported, so that none pays for another.
Exit codes: 0 done, 1 it failed and said why, 2 the command line was wrong, 3 the model had nothing
to offer, 130 interrupted, 141 nobody reads the output any more (`arriero doctor | head -1`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from arriero import __version__

COMMANDS = (
    ("serve", "run the language server for an editor"),
    ("complete", "suggest code at a place in a file"),
    ("act", "carry out a code action and print its diff"),
    ("actions", "list the code actions"),
    ("prompt", "print a dialog as it goes to the model"),
    ("tokenizer", "get a model's tokenizer.json, to count tokens exactly"),
    ("privacy", "show what would be sent for a suggestion, and what not"),
    ("doctor", "check the model server and say what to mend"),
    ("backend", "run a model server: the local model, or a simulated one"),
    ("try", "see it work on an example, with the local model"),
)

HELP = """\
arriero {version}: code suggestions and actions from a model on your own GPUs

usage: arriero COMMAND [options]

{commands}

`arriero COMMAND --help` tells more. Where the model server is, is said by ARRIERO_URL, or by `url`
in your settings; without one, a small local model is used.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code."""
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Else the interpreter would try to write the rest once more, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _run(args: list[str]) -> int:
    names = [name for name, _ in COMMANDS]
    if not args or args[0] in ("-h", "--help", "help"):
        print(_help(), end="")
        return 0 if args else 2
    if args[0] in ("-V", "--version"):
        print(f"arriero {__version__}")
        return 0
    if args[0] not in names:
        from difflib import get_close_matches  # only for those who need it

        meant = get_close_matches(args[0], [*names, "--help"], n=1)
        advice = f"did you mean `arriero {meant[0]}`?" if meant else "see `arriero --help`."
        print(f"arriero: there is no command {args[0]!r}; {advice}", file=sys.stderr)
        return 2
    return int(import_module(f"arriero.cli.{_module(args[0])}").main(args[1:]))


def _module(name: str) -> str:
    return f"{name}_" if iskeyword(name) else name


def _help() -> str:
    commands = "\n".join(f"  {name:<10}{about}" for name, about in COMMANDS)
    return HELP.format(version=__version__, commands=commands)
