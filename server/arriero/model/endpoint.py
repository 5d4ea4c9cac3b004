"""Where the model server is and how long to wait for it: plain values that the settings fill."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

UNIX = "unix://"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds. The defaults suit a 70B whose requests may queue.

    `info` is for what a server says of itself, which waits in no queue. `between_tokens` is reset
    by every byte; TGI sends a comment every 15 s while it has no token, so twice that tells a slow
    server from a dead one.
    """

    connect: float = 5.0
    info: float = 10.0
    first_token: float = 60.0
    between_tokens: float = 30.0
    total: float = 180.0


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """One model server. `tries` counts all attempts of an explicit request, the first included.

    `ca_file`, PEM, and `ca_dir` say whom to trust in place of the system's authorities, and
    `verify` whether to look. `client_certificate` and `client_key` are PEM files. `proxy` replaces
    those of the environment. `concurrency` is how many streams run at once.
    """

    url: str
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    deadlines: Deadlines = field(default_factory=Deadlines)
    tries: int = 3
    ca_file: Path | None = None
    ca_dir: Path | None = None
    verify: bool = True
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxy: str = ""
    concurrency: int = 4

    def __repr__(self) -> str:
        # Key, headers and the password of a URL are secrets, and a repr ends up in logs.
        return f"Endpoint({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address as messages may show it: without user, password and query."""
        if self.socket:
            return self.url
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}".rstrip("/")

    @property
    def socket(self) -> str:
        """The path of the Unix socket that the server listens at, or ""."""
        return self.url.removeprefix(UNIX) if self.url.startswith(UNIX) else ""

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.url).scheme.lower() == "https"

    @property
    def loopback(self) -> bool:
        """Whether the server runs on this machine, as far as its name tells."""
        if self.socket:
            return True
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    def to(self, path: str) -> str:
        """Return the URL of a route, such as "/info"."""
        return ("http://localhost" if self.socket else self.url.rstrip("/")) + path
