"""Waiting for what another process does: for the event, and never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

PATIENCE = 60.0  # seconds, for what never happens


def until(look: Callable[[], Seen | None], what: str | Callable[[], str]) -> Seen:
    """Look again and again until there is something to see; return it."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        late = time.monotonic() > deadline
        assert not late, f"waited in vain until {what if isinstance(what, str) else what()}"
        time.sleep(0.02)
    return seen
