"""`arriero backend`: model servers, those of this computer and those on GPUs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from arriero.cli.output import fail

KINDS = {
    "local": ("arriero_backend.local.__main__", "a small real model on the CPU"),
    "simulate": (
        "arriero_backend.simulated.__main__",
        "a stand-in for the 70B that knows the files",
    ),
    "plan": ("arriero_backend.plan.__main__", "what fits on which GPUs, and for how many people"),
    "render": ("arriero_backend.render.__main__", "the files that serve a model as planned"),
}
HELP = f"usage: arriero backend {{{','.join(KINDS)}}} [options]\n\n" + "".join(
    f"  {name:<10}{about}\n" for name, (_, about) in KINDS.items()
)


def main(argv: Sequence[str]) -> int:
    """Hand over to the backend's own command line."""
    if not argv or argv[0] in ("-h", "--help"):
        print(HELP, end="")
        return 0 if argv else 2
    if argv[0] not in KINDS:
        return fail(f"there is no backend {argv[0]!r}; see `arriero backend --help`.", 2)
    try:
        return int(import_module(KINDS[argv[0]][0]).main(argv[1:]))
    except ModuleNotFoundError as error:
        install = f"{sys.executable} -m pip install 'arriero[local]'"
        return fail(f"{error.name} is not installed. Run `{install}`.")
