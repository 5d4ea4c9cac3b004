"""`arriero backend plan`: what fits on which GPUs, and how to start it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from arriero_backend.plan import orders
from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.servers import SERVERS
from arriero_backend.plan.telling import as_values, show


def main(argv: Sequence[str] | None = None) -> int:
    """Print the plan and return the exit code: 1 where nothing fits or the GPUs are not known."""
    given = _parser().parse_args(argv)
    try:
        plan = orders.plan_of(given, given.server)
    except PlanError as error:
        print(f"arriero: {error}", file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps(as_values(plan)))
        return 0
    from rich.console import Console  # not needed for JSON

    show(plan, Console(highlight=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arriero backend plan",
        description="Say whether a model fits on GPUs, what context and how many people that "
        "leaves room for, and how to start it. All of it is estimated.",
    )
    orders.add_to(parser)
    names = [server.name for server in SERVERS]
    parser.add_argument("--server", choices=names, default="tgi", help="%(default)s without it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
