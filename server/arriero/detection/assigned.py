"""Values of names that say what they hold: `password = "..."`, `api_key: ...`, `Bearer ...`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from arriero.core.redaction import Found
from arriero.detection.chance import is_no_name, is_password, is_random

_PASSWORD = r"passw(?:or)?d|(?:\b|_)pass(?![a-z])|pwd|passphrase|contrase[nñ]a"
_KEY = (
    r"secret|token|credential|auth(?:orization)?|"
    r"(?:api|access|auth|private|client|account|encrypt(?:ion)?|sign(?:ing)?|master|service|shared|"
    r"storage|license|webhook|session|app|db)[_-]?key"
)
# From the name to the value: `": "`, `'] = '`, ` := `, ` => `, `("`, `>`, with a type before it as
# in `token: str = "` and `token[] = "`. A string may have a prefix.
_TYPE = r"(?:\s?:\s?[&'\w<>\[\]|.?]{1,40}(?=\s?=)|\s\w{1,20}(?=\s=)|\[\d*\])?"
_UNTIL = (
    rf"[\w-]{{0,40}}{_TYPE}[\"'`\])]{{0,3}}\s{{0,8}}"
    r"(?:(?P<given>\(|,)|:=|=>|[=!]={0,2}|:(?!:)|>)\s{0,8}"
)
_QUOTED = r"[bBrRuUfFL@]{0,2}[\"'`](?P<quoted>[^\"'`\s]{7,1024})[\"'`]"
# Without quotes, as in YAML, INI files and connection strings.
_BARE = r"(?P<bare>[A-Za-z0-9+/_~!@#%^&*-]{8,1024}={0,2})(?![\w(.\[])"

_ASSIGNED = re.compile(
    rf"(?<!::)(?:(?P<password>{_PASSWORD})|{_KEY}){_UNTIL}(?:{_QUOTED}|{_BARE})", re.IGNORECASE
)
_PATH = re.compile(r"(?:\w*::)+\w*\Z")  # of modules: what follows is no variable
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\S*", re.IGNORECASE)
_HEADER = re.compile(r"\b(?:Bearer|Basic|Token)\s+(?P<value>[A-Za-z0-9+/._~-]{16,1024}={0,2})")


def values(text: str) -> Iterator[Found]:
    """Yield the values that are secrets, if they look like it."""
    for match in _ASSIGNED.finditer(text):
        group = "quoted" if match["quoted"] else "bare"
        if _is_secret(match, match[group], bare=group == "bare"):
            kind = "Password" if match["password"] else "Secret value"
            yield Found(match.start(group), match.end(group), kind)
    for match in _HEADER.finditer(text):
        if is_random(match["value"]):
            yield Found(match.start("value"), match.end("value"), "Authorization header")


def _is_secret(match: re.Match[str], value: str, *, bare: bool) -> bool:
    if _PATH.search(match.string, max(match.start() - 200, 0), match.start()):
        return False
    if match["given"] and bare:
        return False
    if match["given"] == "(":  # what a call does with it is less sure
        return is_random(value) and not _UUID.fullmatch(value)
    if is_random(value):
        return True
    if not (match["password"] and is_password(value)):
        return False
    return not value.isalnum() if match["given"] else not bare or is_no_name(value)
