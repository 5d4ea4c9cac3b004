"""The rules of detect-secrets that are regular expressions, read by a process of their own.

Importing it brings an HTTP client along, by which it can ask issuers whether a token is still good:
6 MB and a quarter of a second that a server need not bear which asks nobody. The process prints its
tables as JSON: `python -m arriero.detection.theirs`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

from arriero.errors import NotSent
from arriero.programs import PYTHON

# Public addresses are no secrets; of the others we have rules of our own, which are stricter.
LEFT_OUT = ("Public IP (ipv4)", "Private Key", "Basic Auth Credentials", "JSON Web Token")
PATIENCE = 120  # seconds, for a computer that is busy

UNREADABLE = (
    "The rules that find secrets in your code cannot be read ({why}), so nothing is sent. Install "
    "arriero anew: they are in its package detect-secrets."
)


Rule = tuple[str, re.Pattern[str]]


def rules() -> tuple[Rule, ...]:
    """Return the rules with the kinds of secrets that they find. Raises NotSent."""
    found, why = read()
    if why:
        raise NotSent(UNREADABLE.format(why=why))
    return found


@cache
def read() -> tuple[tuple[Rule, ...], str]:
    """Read the rules once; return also why that failed, if it did."""
    command = (*PYTHON, __name__)
    try:
        # Not our standard input: that is the wire.
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=PATIENCE
        )
    except (OSError, subprocess.SubprocessError) as error:
        return (), type(error).__name__
    found = json.loads(ended.stdout)
    return tuple((kind, re.compile(form, flags)) for kind, form, flags in found), ""


def tables() -> Iterator[tuple[str, str, int]]:
    """Yield kind, regular expression and its flags, of the plug-ins that have such tables."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    plugins: list[tuple[str, type]] = sorted(get_mapping_from_secret_type_to_class().items())
    for kind, plugin in plugins:
        if issubclass(plugin, RegexBasedDetector) and kind not in LEFT_OUT:
            yield from ((kind, rule.pattern, rule.flags) for rule in plugin().denylist)


if __name__ == "__main__":
    json.dump(list(tables()), sys.stdout)
