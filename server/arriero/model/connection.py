"""The HTTP client for one endpoint, made so that key and text go nowhere else."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from urllib.request import getproxies

import httpx2

from arriero import __version__
from arriero.errors import Unreachable, WrongKey
from arriero.model.direct import Direct
from arriero.model.endpoint import Endpoint

# Idle connections are few and kept over a pause in typing; most gateways close them after 60 s or
# more.
MOST_IDLE = 4
EXPIRY = 50.0  # seconds

# Streams in flight are never made to wait for one another.
LIMITS = httpx2.Limits(
    max_connections=None, max_keepalive_connections=MOST_IDLE, keepalive_expiry=EXPIRY
)


def connect(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Return a client; it opens no connection yet. Raises Unreachable and WrongKey.

    Call it off the event loop: certificates and the hub's types take 50 ms each to load.
    """
    from arriero.model import hub  # noqa: F401  loaded here, so that it is at hand later

    context = trust(endpoint)
    # The connect deadline is httpx2's to watch; clock.py watches all others.
    timeout = httpx2.Timeout(None, connect=endpoint.deadlines.connect)
    try:
        return httpx2.AsyncClient(
            headers=headers(endpoint),
            timeout=timeout,
            limits=LIMITS,
            verify=context,
            transport=None if _proxied(endpoint) else _direct(endpoint, context),
            proxy=endpoint.proxy or None,
            # A proxy from the environment would catch loopback addresses too, unless each user
            # thought of NO_PROXY.
            trust_env=not (endpoint.loopback or endpoint.proxy),
            # The key would go along to wherever a redirect points.
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx2.InvalidURL):
        named = "the setting proxy" if endpoint.proxy else "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"
        raise Unreachable(
            f"The proxy named in {named} cannot be used: it has to be an http:// address. Correct "
            f"it, or name the host of {endpoint.shown} in NO_PROXY."
        ) from None


def _proxied(endpoint: Endpoint) -> bool:
    """Tell whether a proxy may be in between. For which hosts it is, is httpx2's to say."""
    return bool(endpoint.proxy or (not endpoint.loopback and getproxies()))


def _direct(endpoint: Endpoint, context: ssl.SSLContext) -> Direct:
    if endpoint.socket and not hasattr(socket, "AF_UNIX"):
        raise Unreachable(
            f"This system has no Unix sockets, so {endpoint.shown} cannot be reached. Let the "
            "model server listen on 127.0.0.1, and set ARRIERO_URL to that address."
        )
    return Direct(context, endpoint.socket, most_idle=MOST_IDLE, expiry=EXPIRY)


def headers(endpoint: Endpoint) -> dict[str, str]:
    """Return what every request carries; the user's own headers win."""
    key = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    for name, value in {**key, **endpoint.headers}.items():
        if not (value.isascii() and value.isprintable()):
            raise WrongKey(
                f"{'The key' if name in key else f'The header {name!r}'} for {endpoint.shown} has "
                "characters that no HTTP header can carry. Copy it again, without line breaks."
            )
    # Compressed, a small answer could fill the memory.
    plain = {
        "User-Agent": f"arriero/{__version__}",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
    }
    return {**plain, **key, **endpoint.headers}


def trust(endpoint: Endpoint) -> ssl.SSLContext:
    """Return whose certificates to trust, and ours to show.

    That is `ca_file` and `ca_dir`, else SSL_CERT_FILE and SSL_CERT_DIR, else the system's.
    """
    if not endpoint.secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used, so nothing is loaded
    context = _authorities(endpoint)
    if not endpoint.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if endpoint.client_certificate:
        _show(endpoint.client_certificate, endpoint, context)
    return context


def _authorities(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        if endpoint.ca_file or endpoint.ca_dir:
            return ssl.create_default_context(cafile=endpoint.ca_file, capath=endpoint.ca_dir)
        return httpx2.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        source = str(endpoint.ca_file) if endpoint.ca_file else "of SSL_CERT_FILE"
        raise Unreachable(
            f"No secure connection to {endpoint.shown}: the certificate file {source} cannot be "
            f"read ({error.strerror or 'not PEM'}). Set ARRIERO_CA_FILE to a PEM file."
        ) from None


def _show(certificate: Path, endpoint: Endpoint, context: ssl.SSLContext) -> None:
    try:
        # Without a password of its own, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, endpoint.client_key, password="")
    except OSError as error:
        raise Unreachable(
            f"No secure connection to {endpoint.shown}: the client certificate {certificate} or "
            f"its key cannot be used ({error.strerror or 'not PEM'}). Set "
            "ARRIERO_CLIENT_CERTIFICATE and ARRIERO_CLIENT_KEY to PEM files without a password."
        ) from None
