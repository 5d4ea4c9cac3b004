"""`arriero serve`: the language server."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from arriero.cli.output import fail
from arriero.errors import ArrieroError
from arriero.lsp import transport

if TYPE_CHECKING:
    from arriero.lsp.server import Server

# How often the collector looks through objects of the three generations.
USUAL = gc.get_threshold()
SELDOM = (5_000, 1_000, 1_000)


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
    # and again while it grows, takes a fifth of the time that they take.
    gc.set_threshold(*SELDOM)
    if args.tcp is None:
        return asyncio.run(transport.serve_stdio(_server))
    host, port = args.tcp
    try:
        asyncio.run(transport.serve_tcp(_server, host, port))
    except ArrieroError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f"{host}:{port} cannot be listened on: {error.strerror}.")
    return 0


def _server() -> Server:
    # Imported when the first message has come, and `initialize` been answered: see reception.py.
    from arriero import app

    made = app.server()
    settle()
    return made


def settle() -> None:
    """Look for garbage as often as Python does, and no more among all that was imported.

    An error and the frames that it came through hold each other, so there is garbage to find at
    every request that fails.
    """
    if not gc.get_freeze_count():  # over TCP there may be several servers
        gc.freeze()
        gc.set_threshold(*USUAL)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 65536):
        raise argparse.ArgumentTypeError(
            f"{text!r} has to be HOST:PORT, such as 127.0.0.1:7777; ports end at 65535"
        )
    return host.strip("[]"), int(port)
