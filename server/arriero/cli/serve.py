"""`arriero serve`: the language server."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from arriero import memory
from arriero.cli.output import fail
from arriero.errors import ArrieroError
from arriero.lsp import transport

if TYPE_CHECKING:
    from arriero.lsp.server import Server


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

    memory.begin()
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
    memory.settle()
    return made


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 65536):
        raise argparse.ArgumentTypeError(
            f"{text!r} has to be HOST:PORT, such as 127.0.0.1:7777; ports end at 65535"
        )
    return host.strip("[]"), int(port)
