"""`arriero backend render`: the files that serve a model as it was planned."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from arriero_backend.plan import orders
from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.making import Plan
from arriero_backend.plan.servers import SERVERS
from arriero_backend.render.writing import files

RUNS = {".sh"}  # what is a program


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files and return the exit code: 1 where nothing fits, or files would be lost."""
    given = _parser().parse_args(argv)
    try:
        texts = files(*_plans(given))
        changed = _changed(given.to, texts)
        if changed and not given.force:
            raise PlanError(
                f"{', '.join(changed)} in {given.to} would be written over; with --force they are."
            )
        _write(given.to, texts)
    except (PlanError, OSError) as error:
        print(f"arriero: {error}", file=sys.stderr)
        return 1
    for path in texts:
        print(given.to / path)
    return 0


def _plans(given: argparse.Namespace) -> tuple[list[Plan], Plan | None]:
    """Plan for each server on one machine, and for vLLM over several, as far as it fits."""
    plans, nothing = [], None
    for server in SERVERS:
        try:
            plan = orders.plan_of(given, server.name)
        except PlanError as error:
            nothing = error
        else:
            if plan.chosen.stages == 1:
                plans.append(plan)
    try:
        across = orders.plan_of(given, "vllm", across=True)
    except PlanError:
        across = None
    if not plans and not across:
        raise nothing or PlanError("It does not fit.")
    return plans, across


def _changed(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Return which files are there with other text."""
    there = {path: folder / path for path in texts if (folder / path).exists()}
    return [path for path, file in there.items() if file.read_text("utf-8") != texts[path]]


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        if file.suffix in RUNS:
            file.chmod(0o755)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arriero backend render",
        description="Write what serves a model as it was planned: files for Compose and "
        "Kubernetes, for TGI and vLLM, with what Prometheus and Grafana need to watch them.",
    )
    add = parser.add_argument
    add("--to", type=Path, required=True, metavar="DIR", help="where to write the files")
    add("--force", action="store_true", help="write over files that are there with other text")
    orders.add_to(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
