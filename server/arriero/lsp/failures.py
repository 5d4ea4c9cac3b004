"""What the client is told when a request fails: a code, a sentence, and nothing of our insides."""

from __future__ import annotations

import asyncio

from lsprotocol.types import ErrorCodes, LSPErrorCodes
from pygls.exceptions import JsonRpcException

from arriero.errors import ArrieroError, DocumentChanged

FAULT = "This is a fault in arriero itself. Its log has the details; please report it."


def told(error: BaseException) -> tuple[int, str]:
    """Return the code and the message that the client gets for an error."""
    match error:
        case asyncio.CancelledError():
            return LSPErrorCodes.RequestCancelled, "The request was cancelled."
        case DocumentChanged():
            return LSPErrorCodes.ContentModified, str(error)
        case ArrieroError():
            return LSPErrorCodes.RequestFailed, str(error)
        case JsonRpcException():
            return error.code, error.message
        case _:
            return ErrorCodes.InternalError, FAULT
