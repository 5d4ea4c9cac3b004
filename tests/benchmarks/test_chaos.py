"""The short form of the chaos in `make soak`: a few seconds of it."""

import sys

import pytest

from benchmarks.chaos import chaos, fine


@pytest.mark.skipif(sys.platform != "linux", reason="the memory is read from /proc")
async def test_a_few_seconds_of_chaos(tmp_path):
    figures = await chaos(4, seed=1, folder=tmp_path)
    assert fine(figures), figures
    assert figures["requests"] > 10
    assert figures["suggested"] > 0
