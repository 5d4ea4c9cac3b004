"""A short form of `make bench-burst`: the real process answers a burst with one generation."""

import sys

from benchmarks import burst

SERVE = [sys.executable, "-m", "arriero", "serve"]


async def test_one_generation_serves_twenty_eight_keys():
    figures = await burst.measured(SERVE, rounds=1, characters=0)
    assert figures["burst_requests"] <= 2
    assert figures["burst_answered"] == burst.KEYS
    assert (figures["typed_through_requests"], figures["unanswered"]) == (0, 0)
