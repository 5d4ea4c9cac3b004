"""The short form of `make bench-overhead`: it runs, and what does not depend on the clock holds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).with_name("overhead")


@pytest.mark.skipif(sys.platform != "linux", reason="memory and time are read from /proc")
def test_every_figure_is_there_and_nothing_grows():
    ran = subprocess.run(
        [sys.executable, str(BENCHMARK), "--short"], check=True, capture_output=True, text=True
    )
    figures = json.loads(ran.stdout.splitlines()[-1])
    assert all(value is not None for value in figures.values())
    assert figures["growth_mb"] < 2
    assert figures["edit_flatness"] < 10  # pygls's own documents: 400
