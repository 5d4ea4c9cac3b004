"""The HTTP client for one endpoint, made so that key and text go nowhere else."""

from __future__ import annotations

import ssl

import httpx2

from arriero import __version__
from arriero.errors import Unreachable, WrongKey
from arriero.model.endpoint import Endpoint

# Streams in flight are never made to wait for one another. Idle connections are few and kept over
# a pause in typing; most gateways close them after 60 s or more.
LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=4, keepalive_expiry=50.0)


def connect(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Return a client; it opens no connection yet. Raises Unreachable and WrongKey.

    Call it off the event loop: certificates and the hub's types take 50 ms each to load.
    """
    from arriero.model import hub  # noqa: F401  loaded here, so that it is at hand later

    # The connect deadline is httpx2's to watch; clock.py watches all others.
    timeout = httpx2.Timeout(None, connect=endpoint.deadlines.connect)
    try:
        return httpx2.AsyncClient(
            headers=headers(endpoint),
            timeout=timeout,
            limits=LIMITS,
            verify=trust(endpoint),
            # A proxy from the environment would catch loopback addresses too, unless each user
            # thought of NO_PROXY.
            trust_env=not endpoint.loopback,
            # The key would go along to wherever a redirect points.
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx2.InvalidURL):
        raise Unreachable(
            "The proxy named in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY cannot be used: it has to be "
            f"an http:// address. Correct it, or name the host of {endpoint.shown} in NO_PROXY."
        ) from None


def headers(endpoint: Endpoint) -> dict[str, str]:
    """Return what every request carries; the user's own headers win."""
    key = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    for name, value in {**key, **endpoint.headers}.items():
        if not (value.isascii() and value.isprintable()):
            raise WrongKey(
                f"{'The key' if name in key else f'The header {name!r}'} for {endpoint.shown} has "
                "characters that no HTTP header can carry. Copy it again, without line breaks."
            )
    return {"User-Agent": f"arriero/{__version__}", **key, **endpoint.headers}


def trust(endpoint: Endpoint) -> ssl.SSLContext:
    """Return whose certificates to trust: `ca_file`, else SSL_CERT_FILE, else the system's."""
    if not endpoint.secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, so nothing is loaded
    try:
        if endpoint.ca_file:
            return ssl.create_default_context(cafile=endpoint.ca_file)
        return httpx2.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        source = str(endpoint.ca_file) if endpoint.ca_file else "of SSL_CERT_FILE"
        raise Unreachable(
            f"No secure connection to {endpoint.shown}: the certificate file {source} cannot be "
            f"read ({error.strerror or 'not PEM'}). Set ARRIERO_CA_FILE to a PEM file."
        ) from None
