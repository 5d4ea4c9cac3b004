"""Which failures a person is told of: each once, where it is heard."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from arriero.errors import ArrieroError

# As long as this a message still stands before the person's eyes, and need not be said again.
FRESH = 10.0  # seconds


class News:
    """What was told so far. `now` is a clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.forget()

    def forget(self) -> None:
        """Start anew, as after a change of settings."""
        self._causes: set[type[ArrieroError]] = set()
        self._unasked = ""  # what was said last to nobody's question
        self._said = -math.inf  # when anything was said last

    def to_tell(self, error: ArrieroError, *, asked: bool, worked: bool) -> bool:
        """Return whether to tell of a failure now, and count it as told.

        Who `asked` is told, unless the same was said a moment before without being asked. While the
        server starts and while people type, only what they have to mend is told: one message at a
        time, each cause once, and no more once anything `worked`. From then on the status tells.
        """
        message, cause = str(error), type(error)
        fresh = self._now() - self._said <= FRESH
        if asked:
            known = fresh and message == self._unasked
            self._unasked = ""
        else:
            known = fresh or worked or not error.to_mend or cause in self._causes
            self._unasked = self._unasked if known else message
        if not known:
            self._said = self._now()
        if asked or not known:
            self._causes.add(cause)
        return not known
