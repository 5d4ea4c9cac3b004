import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arriero_backend.local.llama import STEP, Llama, Memory
from arriero_backend.local.memories import Remembering
from arriero_backend.local.source import Source
from backend.local.slow_llama import SlowLlama

IDS = [int(token) for token in np.random.default_rng(7).integers(3, 250, 40)]


def network(gguf, capacity=512) -> Llama:
    source = Source(gguf)
    return Llama(source.header, source.weights(), capacity)


@pytest.fixture(scope="module")
def llama(gguf):
    return network(gguf)


def run(llama: Llama, *pieces: list[int]) -> np.ndarray:
    """Return the last logits after the pieces, computed in a new memory."""
    memory = Memory(llama.header)
    return [llama.advance(memory, piece) for piece in pieces][-1]


@pytest.mark.parametrize("kind", ["gguf", "llama_gguf"])
def test_logits_are_those_of_the_obvious_network(kind, request):
    gguf = request.getfixturevalue(kind)
    llama, expected = network(gguf), SlowLlama(gguf).logits(IDS)
    assert np.allclose(run(llama, IDS), expected[-1], atol=1e-4)
    memory = Memory(llama.header)
    one_by_one = [llama.advance(memory, [token]) for token in IDS]
    assert np.allclose(one_by_one, expected, atol=1e-4)
    # So that the comparison above cannot pass by all being about nothing.
    assert expected.std() > 0.1


@given(st.lists(st.integers(1, len(IDS) - 1), unique=True, max_size=5).map(sorted))
@settings(max_examples=30, deadline=None)
def test_it_does_not_matter_where_a_prompt_is_cut_into_pieces(llama, cuts):
    places = [0, *cuts, len(IDS)]
    pieces = [IDS[a:b] for a, b in itertools.pairwise(places)]
    assert np.allclose(run(llama, *pieces), run(llama, IDS), atol=1e-4)


def test_a_memory_grows_without_losing_what_it_holds(gguf):
    llama = network(gguf, capacity=STEP + 50)
    long = [3 + k % 200 for k in range(STEP + 50)]
    memory = Memory(llama.header)
    llama.advance(memory, long[:STEP])
    assert memory.keys.shape[2] == STEP
    logits = llama.advance(memory, long[STEP:])
    assert memory.keys.shape[2] == 2 * STEP
    assert np.allclose(logits, run(llama, long), atol=1e-4)


# What is remembered ------------------------------------------------------------------------------


def ask(network: Remembering, ids: list[int]) -> tuple[int, np.ndarray]:
    """Return how much of a prompt was known, and the logits after it."""
    known = network.prepare(ids)
    return known, network.advance(ids[known:])


def check_known(llama: Llama, prompts: list[list[int]], known: list[int]) -> None:
    """See how much of each prompt is known, and that its logits are those of a fresh run."""
    network = Remembering(llama)
    for prompt, expected in zip(prompts, known, strict=True):
        found, logits = ask(network, prompt)
        assert found == expected
        assert np.allclose(logits, run(llama, prompt), atol=1e-4)


A, B, C = IDS[:30], IDS[5:37], IDS[9:39]


def test_a_prompt_that_grew_computes_only_what_is_new(llama):
    check_known(llama, [A, [*A, 9], [*A, 9, 8, 7]], [0, 30, 31])


def test_a_prompt_that_was_asked_before_computes_its_last_token(llama):
    check_known(llama, [A, A], [0, 29])


def test_a_prompt_that_changed_near_its_end_goes_on_from_there(llama):
    check_known(llama, [A, A[:25] + [9] * 5, A[:20]], [0, 25, 19])


def test_two_sequences_are_kept_side_by_side(llama):
    check_known(llama, [A, B, [*A, 9], [*B, 9], [*A, 9, 9]], [0, 0, 30, 32, 31])


def test_a_sequence_that_grows_again_and_again_leaves_the_other_alone(llama):
    check_known(llama, [A, B, [*A, 9], [*A, 9, 8], [*B, 9]], [0, 0, 30, 31, 32])


def test_a_third_sequence_takes_the_place_of_the_oldest(llama):
    check_known(llama, [A, B, C, B, A], [0, 0, 0, 31, 0])


def test_a_common_start_is_copied_and_the_longer_sequence_kept(llama):
    other = A[:10] + [9] * 15
    check_known(llama, [A, other, [*A, 9], [*other, 8]], [0, 10, 30, 25])


def test_generated_tokens_are_remembered_too(llama):
    network = Remembering(llama)
    ask(network, A)
    network.advance([77])
    assert network.prepare([*A, 77, 78]) == 31


@given(st.lists(st.lists(st.integers(3, 6), min_size=1, max_size=12), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_was_asked_before_the_logits_are_those_of_a_fresh_run(llama, prompts):
    network = Remembering(llama)
    for prompt in prompts:
        _, logits = ask(network, prompt)
        assert np.allclose(logits, run(llama, prompt), atol=1e-4)
