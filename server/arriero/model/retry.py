"""When to try again, as values for tenacity.

Somebody who asked and waits gets more than one try, as long as nothing of the answer has been seen.
Requests that the editor makes while people type get one: the next keystroke asks anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from arriero.errors import BackendError

# 0.5, 1, 2, ... seconds, and up to half a second more lest many editors come back at once.
BACKOFF = wait_exponential_jitter(multiplier=0.5, jitter=0.5, max=8.0)

Sleep = Callable[[float], Awaitable[None]]


def policy(*, tries: int, total: float, sleep: Sleep) -> AsyncRetrying:
    """Return what calls a coroutine function up to `tries` times, within `total` seconds.

    The last error is raised as it came. `sleep` takes seconds; tests pass one that does not wait.
    """
    return AsyncRetrying(
        retry=retry_if_exception(may_pass),
        wait=advised,
        stop=stop_after_attempt(tries) | stop_before_delay(total),
        sleep=sleep,
        reraise=True,
    )


def may_pass(error: BaseException) -> bool:
    """Whether the same request may work a little later."""
    return isinstance(error, BackendError) and error.retryable


def advised(state: RetryCallState) -> float:
    """Return the seconds to wait: the server's own advice, where that is longer than ours."""
    error = state.outcome.exception() if state.outcome else None
    advice = error.retry_after if isinstance(error, BackendError) else None
    return max(BACKOFF(state), advice or 0.0)
