"""Who may talk to the server: the host it was called by, the page it was called from, the key.

A server on loopback is within reach of every web page that its user visits: a page can post to it
blindly, and by DNS rebinding call it by a name of its own. Editors send no Origin, and call the
server by the address it is bound to.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send


class HostGuard:
    """Refuse requests for hosts other than loopback and `allowed`, and pages from elsewhere."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self.app = app
        self.allowed = {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(Headers(scope=scope))):
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refusal(self, headers: Headers) -> Response | None:
        if not self._ours(f"//{headers.get('host', '')}"):
            return PlainTextResponse("This server does not answer to that host name.", 421)
        origin = headers.get("origin")
        if origin is not None and not self._ours(origin):
            return PlainTextResponse("This server does not answer to pages from elsewhere.", 403)
        return None

    def _ours(self, url: str) -> bool:
        try:
            name = (urlsplit(url).hostname or "").rstrip(".")
        except ValueError:
            return False
        return name in self.allowed or name == "localhost" or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class KeyGuard:
    """Ask for a bearer key, if there is one. TGI ignores its case, and answers a bare 401."""

    def __init__(self, app: ASGIApp, key: str | None) -> None:
        self.app = app
        self.expected = f"bearer {key}".lower().encode() if key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization", "").lower().encode()
        if self.expected is not None and not hmac.compare_digest(given, self.expected):
            await Response(status_code=401)(scope, receive, send)
            return
        await self.app(scope, receive, send)
