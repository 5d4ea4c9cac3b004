"""Why there is no answer, or only half of one: httpx2's exceptions, in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx2

from arriero.errors import BackendError, Interrupted, Unreachable, WrongAddress
from arriero.model import explain
from arriero.model.endpoint import Endpoint

# What to do about a certificate, by OpenSSL's number (x509_vfy.h): expired, not valid yet, and of
# another name or address.
OTHER = "It is for another name: set ARRIERO_URL to a name that stands in it."
MENDS = {
    10: "It has to be renewed on the server.",
    9: "Set the clock of this computer or of the server right.",
    62: OTHER,
    64: OTHER,
}
SIGN = "If your own authority signed it, set ARRIERO_CA_FILE to that authority's certificate."


def broken(endpoint: Endpoint, error: Exception, *, begun: bool) -> BackendError:
    """Explain an exception of httpx2. `begun`: the server had begun to answer."""
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return WrongAddress(
            f"{endpoint.shown!r} is no address of a server. Set ARRIERO_URL to one such as "
            "http://127.0.0.1:8080."
        )
    if isinstance(error, httpx2.ConnectTimeout):
        return explain.too_slow(endpoint, "connect")
    if isinstance(error, httpx2.ProxyError):
        return explain.refused_by_proxy(endpoint)
    if isinstance(error, httpx2.ConnectError):
        return unconnected(endpoint, error)
    if isinstance(error, httpx2.RemoteProtocolError) and not begun and "illegal" in str(error):
        return explain.no_model_server(endpoint, "what it sends is not HTTP")
    return interrupted(endpoint)


def interrupted(endpoint: Endpoint) -> Interrupted:
    """Say that an answer has no end."""
    return Interrupted(
        f"{endpoint.shown} closed the connection before its answer was complete. The model server "
        "may have stopped: look into its log, and try again."
    )


def unconnected(endpoint: Endpoint, error: BaseException) -> Unreachable:
    """Explain why no connection came about, by what the system said."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(endpoint, cause)
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "reason", None) or "TLS failed"  # only OpenSSL's own have one
            return Unreachable(
                f"No secure connection to {endpoint.shown}: {reason}. If the server has no "
                "certificate, its address begins with http://."
            )
        if isinstance(cause, socket.gaierror):
            return Unreachable(
                f"The host in {endpoint.shown} is not known here. Check its name in ARRIERO_URL, "
                "and the network."
            )
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
    reason = "connection refused" if refused else "no connection"
    return Unreachable(
        f"Nothing answers at {endpoint.shown}: {reason}. Start the model server, or set "
        "ARRIERO_URL to its address."
    )


def _untrusted(endpoint: Endpoint, error: ssl.SSLCertVerificationError) -> Unreachable:
    do = MENDS.get(error.verify_code, SIGN) if hasattr(error, "verify_code") else SIGN
    why = error.verify_message.rstrip(".")
    return Unreachable(f"The certificate of {endpoint.shown} is not trusted: {why}. {do}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it, the members of groups included."""
    yield error
    inner = [error.__cause__ or error.__context__]
    if isinstance(error, BaseExceptionGroup):
        inner.extend(error.exceptions)
    for cause in inner:
        if cause is not None:
            yield from _causes(cause)
