"""A short form of `make bench-replay`, whose figures are no worse than they are said to be."""

import math

from benchmarks import replay


def test_a_revising_typist_is_served():
    runs = [replay.typed(name, 1, replay.SPEEDS["250/30"], revising=True) for name in replay.FILES]
    row, _ = replay.figures(runs)
    assert row["right_of_oracle"] >= 0.9
    assert row["served"] + row["withheld"] >= 0.97
    assert row["requests_per_1000"] <= 85
    assert row["uncached_prompt_chars_per_1000"] <= 45_000
    assert (row["in_flight_max"], row["after_unwanted_tokens_max"]) == (2, 1)


def test_a_run_depends_on_its_seed_only():
    one, other = (
        replay.typed("server.ts.txt", 2, replay.SPEEDS["120/12"], revising=True) for _ in range(2)
    )
    assert [pause.seen for pause in one.pauses] == [pause.seen for pause in other.pauses]
    assert any(math.isfinite(pause.right) for pause in one.pauses)
