"""`arriero serve`: the language server."""

from __future__ import annotations

import argparse
import gc
from collections.abc import Sequence

from arriero.cli.output import fail
from arriero.errors import ArrieroError


def main(argv: Sequence[str]) -> int:
    """Serve one client over stdio, or each that connects over loopback TCP."""
    parser = argparse.ArgumentParser(
        prog="arriero serve",
        description="Run the language server. Editors start it themselves, over stdio.",
    )
    parser.add_argument(
        "--stdio", action="store_true", help="speak over stdin and stdout (default)"
    )
    parser.add_argument(
        "--tcp", metavar="127.0.0.1:PORT", type=_address, help="listen on this computer instead"
    )
    args = parser.parse_args(argv)

    # What is imported from here on stays to the end. To look through all of it for garbage, again
    # and again while it grows, takes a fifth of the time to the initialize reply.
    gc.set_threshold(5_000, 1_000, 1_000)
    from arriero import app

    if args.tcp is None:
        return app.serve_stdio()
    host, port = args.tcp
    try:
        app.serve_tcp(host, port)
    except ArrieroError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{host}:{port} cannot be listened on: {error.strerror}.")
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} has to be HOST:PORT, such as 127.0.0.1:7777")
    return host.strip("[]"), int(port)
