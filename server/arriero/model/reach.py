"""The way to a model server, step by step: its name, a connection, its certificate."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from arriero.errors import BackendError
from arriero.model.broken import unconnected
from arriero.model.connection import trust
from arriero.model.endpoint import Endpoint
from arriero.model.finding import Finding, failed

START = (
    "Start the model server, or set ARRIERO_URL to its address. TGI listens only once the model is "
    "loaded, which takes minutes for a 70B."
)


async def reach(endpoint: Endpoint) -> AsyncIterator[Finding]:
    """Yield a finding for each step; the first bad one is the last."""
    if endpoint.socket:
        yield await _connected(
            endpoint, "the socket", asyncio.open_unix_connection(endpoint.socket)
        )
        return
    parts = urlsplit(endpoint.url)
    host = parts.hostname or ""
    port = parts.port or (443 if endpoint.secure else 80)
    if _through_proxy(endpoint, parts.scheme, host):
        said = "A proxy stands in between; it looks the name up and connects."
        yield Finding("connection", "open", f"the way to {host}", said)
        return
    for step in (_named, _reached, _trusted) if endpoint.secure else (_named, _reached):
        finding = await step(endpoint, host, port)
        yield finding
        if finding.state == "bad":
            return


def _through_proxy(endpoint: Endpoint, scheme: str, host: str) -> bool:
    if endpoint.proxy:
        return True
    named = getproxies()
    in_the_way = bool(named.get(scheme) or named.get("all")) and not endpoint.loopback
    return in_the_way and not proxy_bypass(host)


async def _named(endpoint: Endpoint, host: str, port: int) -> Finding:
    tried = f"look {host} up"
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(endpoint.deadlines.connect):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):  # a name can be too long to be encoded
        do = "Check the name in ARRIERO_URL, and the network or VPN."
        return Finding("name", "bad", tried, "The name is not known here.", do)
    return Finding(
        "name", "good", tried, f"{', '.join(dict.fromkeys(str(a[4][0]) for a in found))}."
    )


async def _reached(endpoint: Endpoint, host: str, port: int) -> Finding:
    return await _connected(endpoint, f"{host}:{port}", asyncio.open_connection(host, port))


async def _connected(
    endpoint: Endpoint, where: str, opening: Awaitable[tuple[object, asyncio.StreamWriter]]
) -> Finding:
    tried, began = f"connect to {where}", time.perf_counter()
    try:
        async with asyncio.timeout(endpoint.deadlines.connect):
            _, writer = await opening
    except TimeoutError:
        came = f"Nothing came within {endpoint.deadlines.connect:g} s."
        do = "Look for a firewall in between, or set deadlines.connect higher."
        return Finding("connection", "bad", tried, came, do)
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError) or "refused" in str(error).lower()
        came = "Nothing listens there." if refused else f"It failed: {error.strerror or error}."
        return Finding("connection", "bad", tried, came, START)
    took = time.perf_counter() - began
    await _closed(writer)
    return Finding("connection", "good", tried, f"It stands after {took * 1000:.1f} ms.")


async def _trusted(endpoint: Endpoint, host: str, port: int) -> Finding:
    tried = "make it secure (TLS)"
    try:
        context = await asyncio.to_thread(trust, endpoint)
        async with asyncio.timeout(endpoint.deadlines.connect):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except BackendError as error:
        return failed("TLS", tried, error)
    except ssl.SSLError as error:
        return failed("TLS", tried, unconnected(endpoint, error))
    except (OSError, TimeoutError):
        do = "If the server has no certificate, its address begins with http://."
        return Finding("TLS", "bad", tried, "The server breaks it off.", do)
    kept: ssl.SSLObject = writer.get_extra_info("ssl_object")
    certificate = kept.getpeercert() or {}
    version = kept.version()
    await _closed(writer)
    if not certificate:
        came = f"{version}; the certificate is not looked at, since verify is off."
        return Finding("TLS", "open", tried, came, "Set ca_file in its place, if you can.")
    came = f"{version}, with a certificate that is good until {certificate['notAfter']}."
    return Finding("TLS", "good", tried, came)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # the other end was faster
        await writer.wait_closed()
