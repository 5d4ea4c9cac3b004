"""Whether it is worth asking a model server that just failed, while nobody waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from arriero.errors import BackendError, Invalid, TooLong, WrongAddress, WrongKey

# Failures in a row that open it. What the person has to mend first opens it at once.
PATIENCE = 3
HOPELESS = (WrongKey, WrongAddress)

# These say something of the one request, and nothing of the server.
OF_THE_REQUEST = (Invalid, TooLong)

# Seconds until one request is let through to see whether the server is back.
PAUSE = 2.0


@dataclass(slots=True)
class Breaker:
    """Open after repeated failures: automatic requests then fail at once, but for a probe.

    `now` gives the time in seconds.
    """

    now: Callable[[], float] = time.monotonic
    failures: int = 0
    error: BackendError | None = None
    until: float = 0.0

    def check(self) -> None:
        """Return if an automatic request may be sent; raise the last failure if it may not."""
        if self.error is None:
            return
        if self.now() < self.until:
            # Without the frames of last time, which would add up and keep texts alive.
            raise self.error.with_traceback(None)
        self.until = self.now() + PAUSE  # this one is the probe, and the others wait for it

    def failed(self, error: BackendError) -> None:
        """Note a failure. A server that says when to come back is asked no sooner."""
        if isinstance(error, OF_THE_REQUEST):
            return
        self.failures += 1
        if self.failures >= PATIENCE or isinstance(error, HOPELESS) or error.retry_after:
            self.error = error
            self.until = self.now() + max(PAUSE, error.retry_after or 0.0)

    def worked(self) -> None:
        """Note an answer, which closes it."""
        self.failures, self.error = 0, None
