"""What `arriero doctor` says of one question: what was tried, what came of it, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from arriero.errors import ArrieroError

# "open": it could not be found out, or there is nothing to find out here.
State = Literal["good", "bad", "open"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question, in sentences for people. Only what is not good has a `do`."""

    question: str
    state: State
    tried: str
    came: str
    do: str = ""

    @property
    def mark(self) -> str:
        """The state as a sign."""
        return {"good": "✓", "bad": "✗", "open": "–"}[self.state]


def failed(question: str, tried: str, error: ArrieroError) -> Finding:
    """Return what an error says: its last sentence that begins with advice is what to do."""
    came, do = _parted(str(error))
    return Finding(question, "bad", tried, came, do)


def _parted(message: str) -> tuple[str, str]:
    """Part a message at the first end of a sentence that is in no bracket."""
    depth = 0
    for found in re.finditer(r"[()]|\. (?=[A-Z])", message):
        if found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth <= 0:
            return message[: found.start() + 1], message[found.end() :]
    return message, ""
