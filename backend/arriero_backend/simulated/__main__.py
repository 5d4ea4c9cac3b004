"""`python -m arriero_backend.simulated --truth DIR`: the simulated model as a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from math import inf
from pathlib import Path

from arriero_backend import serve
from arriero_backend.faults import program
from arriero_backend.faults.script import Moment
from arriero_backend.faults.table import FAULTS
from arriero_backend.simulated.application import app
from arriero_backend.simulated.engine import SimulatedEngine
from arriero_backend.simulated.models import CHAT_70B, Model, named
from arriero_backend.simulated.noise import FORMS
from arriero_backend.simulated.orders import Orders


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server and return its exit code."""
    parser = _parser()
    given = parser.parse_args(argv)
    if not given.truth.exists():
        print(f"There is nothing at {given.truth}; --truth needs true files.", file=sys.stderr)
        return 2
    given.noise = tuple(given.noise)
    orders = Orders(**{field.name: getattr(given, field.name) for field in fields(Orders)})
    served = app(SimulatedEngine(given.truth, orders, given.model), key=given.key)
    if given.fault:
        fault, moment = given.fault
        stops = given.until_stdin_closes
        return program.run(served, fault, moment, given.port, until_stdin_closes=stops)
    return serve.run(served, given.port, until_stdin_closes=given.until_stdin_closes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arriero backend simulate",
        description="Serve a stand-in for a Code Llama that knows the true files, for "
        "tests and for trying arriero without GPUs. It speaks TGI's HTTP protocol on loopback.",
    )
    add = parser.add_argument
    add("--truth", type=Path, required=True, metavar="DIR", help="the true files")
    add("--model", type=_model, default=CHAT_70B, metavar="ID", help="which of the Code Llamas")
    add("--port", type=int, default=0, help="0, the default, is any free port")
    add("--key", help="ask for this bearer key, as TGI does with --api-key")
    add("--until-stdin-closes", action="store_true", help="stop when the parent process is gone")

    speed = parser.add_argument_group("speed")
    add = speed.add_argument
    add("--prompt-speed", type=_speed, default=inf, metavar="N", help="prompt tokens a second")
    add("--speed", type=_speed, default=inf, metavar="N", help="new tokens a second")
    add("--slots", type=_count, default=8, metavar="N", help="answers at once; others queue")

    faults = parser.add_argument_group("what goes wrong")
    add = faults.add_argument
    add("--overload", type=int, default=0, metavar="N", help="refuse the first N requests (429)")
    add("--fault-at", type=int, metavar="N", help="fail after N tokens of every answer")
    add("--drop-at", type=int, metavar="N", help="break the connection after N tokens")
    add("--stall-at", type=int, metavar="N", help="say nothing more after N tokens")
    add(
        "--fault",
        type=_fault,
        metavar="NAME[@MOMENT]",
        help=f"of the wire, in every answer: {', '.join(FAULTS)}".replace("%", "%%"),
    )
    add("--refuse", action="store_true", help="refuse every request in words")
    add("--leak", action="store_true", help="go on with turn headers where an answer should end")
    add(
        "--noise",
        action="append",
        choices=tuple(FORMS),
        default=[],
        metavar="FORM",
        help=f"wrap code that is asked for; may be given more than once: {', '.join(FORMS)}",
    )
    add("--seed", type=int, default=1, metavar="N", help="of the noise's parameters")
    add("--hidden-step", action="store_true", help="mark <step> as a special token in streams")
    return parser


def _fault(text: str) -> tuple[str, Moment]:
    try:
        return program.ordered(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _model(text: str) -> Model:
    model = named(text)
    if model is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is none of the twelve; the default is {CHAT_70B.id}"
        )
    return model


def _speed(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("a speed has to be above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return value


if __name__ == "__main__":
    sys.exit(main())
