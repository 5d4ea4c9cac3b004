"""A short form of `make bench-scale`: a few people, and a server that is as small."""

import json
import math

import pytest

from benchmarks.scale import __main__ as scale
from benchmarks.scale import hardware, person, runs, server
from benchmarks.scale.cache import BLOCK, Cache, blocks
from benchmarks.scale.hardware import Hardware
from benchmarks.speaker import Speed


def test_a_killed_server_costs_nobody_more_than_a_request():
    case = runs.Case(24, servers=3, killed=True, coming=10, measured=30)
    done = runs.figures(runs.run(case))
    assert done["lost_per_person"] <= 1
    assert done["refusals_shown"] == 0
    assert done["served"] >= 0.95
    assert done["worst_to_median"] >= 0.5


def test_an_explanation_before_idle_servers_takes_as_long_as_alone(monkeypatch):
    monkeypatch.setattr(person, "EVERY", 10.0)
    done = runs.figures(runs.run(runs.Case(1, servers=2, coming=1, measured=60)))
    assert 0.8 < done["explicit_p95_ratio"] < 1.3


def test_a_run_depends_on_nothing_but_the_code():
    case = runs.Case(4, coming=5, measured=20)
    assert runs.figures(runs.run(case)) == pytest.approx(runs.figures(runs.run(case)), nan_ok=True)


def test_what_decides_the_figures_and_has_no_source_is_told(monkeypatch):
    monkeypatch.setattr(person, "EXPLAINED", 33)
    monkeypatch.setattr(person, "EVERY", 77.5)
    monkeypatch.setattr(person, "WORDS", (11, 222))
    monkeypatch.setattr(person, "GOOD", Speed(0.25, 0.03, accuracy=0.41))
    monkeypatch.setattr(server, "ROUND_TRIP", 0.044)
    monkeypatch.setattr(
        hardware,
        "Hardware",
        lambda: Hardware(bandwidth_share=0.55, arithmetic_share=0.66, step_seconds=0.0088),
    )
    told = " ".join(scale.assumptions())
    for value in ("33 lines", "77.5 seconds", "11 to 222", "41%", "55%", "66%", "8.8 ms", "44 ms"):
        assert value in told


def test_the_last_line_is_json_where_nobody_asked_for_an_explanation():
    one = dict.fromkeys(scale.TOLD, 0.5) | {"explicit_p95_ratio": math.nan, "refusals_shown": 1}
    told = json.loads(
        scale.last_line(one, one | {"lost_per_person": 2}), parse_constant=pytest.fail
    )
    assert told["explicit_p95_ratio"] is None
    assert (told["refusals_shown"], told["lost_per_person"]) == (2, 2)


def test_a_step_takes_the_longer_of_reading_weights_and_computing():
    hardware = Hardware()
    alone = hardware.step(0, [1000])
    assert 0.015 < alone < 0.025  # what H100s are said to need for a token of a 70B
    assert hardware.step(100, [1000]) == pytest.approx(alone)
    assert hardware.step(4000, [1000]) > 10 * alone
    assert hardware.step(0, [1000] * 100) > alone


def check_known(cache: Cache, prompt: str, known: int) -> None:
    """Serve a prompt; so many of its blocks were known."""
    keys = blocks(prompt)
    assert cache.take(keys, 1) == known
    cache.give_back(keys, known, 1, read=True)


def test_what_a_prompt_begins_with_is_known_until_room_is_wanted():
    cache = Cache(10)
    one, other = "a" * 4 * BLOCK, "a" * 2 * BLOCK + "b" * 2 * BLOCK
    check_known(cache, one, 0)
    check_known(cache, one, 4)
    check_known(cache, other, 2)
    check_known(cache, "c" * 5 * BLOCK, 0)
    check_known(cache, other, 4)  # used later than the first
    check_known(cache, one, 2)


def test_there_is_no_room_beside_what_is_in_use():
    cache = Cache(10)
    keys = blocks("a" * 4 * BLOCK)
    assert cache.take(keys, 4) == 0
    assert cache.take(blocks("b" * 4 * BLOCK), 4) is None
    cache.give_back(keys, 0, 4, read=False)
    assert cache.take(blocks("b" * 4 * BLOCK), 4) == 0
