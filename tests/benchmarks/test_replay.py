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


def test_parts_of_other_files_stay_so_that_the_prompt_is_shared():
    alone, beside = (
        replay.typed(
            "jsonrpc.py.txt", 1, replay.SPEEDS["250/30"], revising=True, workspace=workspace
        )
        for workspace in (False, True)
    )
    shown = [sum(each.prompt for each in run.requests) for run in (alone, beside)]
    assert shown[1] > 1.1 * shown[0]
    shared, uncached = (
        [replay.measures()[name]([run]) for run in (alone, beside)]
        for name in ("prompt_shared", "uncached_prompt_chars_per_1000")
    )
    assert shared[1] >= max(shared[0], 0.94)
    assert uncached[1] <= 1.05 * uncached[0]


def test_a_run_depends_on_its_seed_only():
    one, other = (
        replay.typed("server.ts.txt", 2, replay.SPEEDS["120/12"], revising=True) for _ in range(2)
    )
    assert [pause.seen for pause in one.pauses] == [pause.seen for pause in other.pauses]
    assert any(math.isfinite(pause.right) for pause in one.pauses)
