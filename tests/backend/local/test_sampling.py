import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero_backend.engine import Sampling
from arriero_backend.local.sampling import Sampler, draws

# Chances of 0.5, 0.3, 0.15 and 0.05.
LOGITS = np.log(np.array([0.3, 0.5, 0.05, 0.15], np.float32))


def chosen(sampling: Sampling, prompt=(), logits=LOGITS, times=1) -> list[tuple[int, float]]:
    return [Sampler(sampling, list(prompt), len(logits)).choose(logits) for _ in range(times)]


def check(sampling: Sampling, token: int, chance: float, prompt=()) -> None:
    """See the one token that is chosen, and the chance that it is said to have had."""
    ((found, logprob),) = chosen(sampling, prompt)
    assert (found, pytest.approx(chance, abs=1e-4)) == (token, math.exp(logprob))


def check_drawn(sampling: Sampling, tokens: set[int]) -> None:
    """See which tokens can be drawn."""
    assert {chosen(sampling)[0][0] for _ in range(300)} == tokens


def test_the_likeliest_token_is_chosen_by_default():
    check(Sampling(), 1, 0.5)


@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=40), st.integers(0, 99))
def test_greedy_needs_no_luck(logits, seed):
    first, second = (
        chosen(Sampling(seed=seed), logits=np.array(logits, np.float32)) for seed in (seed, None)
    )
    assert first == second
    assert first[0][0] == int(np.argmax(np.array(logits, np.float32)))


def test_the_smallest_difference_decides():
    near = np.float32([1e-8, 2e-8, 0])
    ((token, _),) = chosen(Sampling(), logits=near)
    assert token == 1


def test_what_was_said_is_less_likely_with_a_repetition_penalty():
    check(Sampling(repetition_penalty=2.0), 0, 0.3 / 0.75, prompt=[1])
    # Positive logits are divided, negative ones multiplied: less likely both ways.
    ((token, _),) = chosen(Sampling(repetition_penalty=3.0), [0], np.float32([2.0, 1.0]))
    assert token == 1


def test_a_frequency_penalty_weighs_how_often_it_was_said():
    sampling = Sampling(frequency_penalty=1.0)
    assert chosen(sampling, prompt=[1, 2, 2, 2])[0][0] == 1
    assert chosen(sampling, prompt=[1, 1, 1, 2])[0][0] == 0


def test_what_is_generated_counts_as_said():
    sampler = Sampler(Sampling(repetition_penalty=1e6), [], len(LOGITS))
    assert [sampler.choose(LOGITS)[0] for _ in range(4)] == [1, 0, 3, 2]


def test_rules_leave_out_what_is_unlikely():
    check_drawn(Sampling(do_sample=True), {0, 1, 2, 3})
    check_drawn(Sampling(top_k=2), {0, 1})
    check_drawn(Sampling(top_k=99), {0, 1, 2, 3})
    check_drawn(Sampling(top_p=0.4), {1})
    check_drawn(Sampling(top_p=0.79), {0, 1})
    check_drawn(Sampling(top_p=0.9), {0, 1, 3})
    check_drawn(Sampling(temperature=0.01), {1})
    # The expected surprise is 1.14: nearest is 0.3 (1.20), then 0.5 (0.69), then 0.15 (1.90).
    check_drawn(Sampling(typical_p=0.2), {0})
    check_drawn(Sampling(typical_p=0.7), {0, 1})


def test_the_chance_is_that_among_what_is_left():
    check(Sampling(top_k=1), 1, 1.0)
    check(Sampling(top_p=0.4), 1, 1.0)
    check(Sampling(typical_p=0.2), 0, 1.0)


def test_draws_follow_the_chances():
    sampler = Sampler(Sampling(do_sample=True, seed=1), [], len(LOGITS))
    counts = Counter(sampler.choose(LOGITS)[0] for _ in range(4000))
    assert [counts[token] / 4000 for token in range(4)] == pytest.approx(
        [0.3, 0.5, 0.05, 0.15], abs=0.03
    )


def test_a_seed_makes_the_same_choices_again():
    def choices(seed: int) -> list[int]:
        sampler = Sampler(Sampling(do_sample=True, seed=seed), [], len(LOGITS))
        return [sampler.choose(LOGITS)[0] for _ in range(50)]

    assert choices(3) == choices(3) != choices(4)


@pytest.mark.parametrize(
    "sampling",
    [Sampling(do_sample=True), Sampling(temperature=0.7), Sampling(top_k=3), Sampling(top_p=0.9)],
)
def test_any_rule_on_chances_turns_chance_on(sampling):
    assert draws(sampling)
    assert not draws(Sampling(repetition_penalty=1.2, seed=3))
