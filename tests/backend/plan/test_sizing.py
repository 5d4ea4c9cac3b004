"""What fits where, by the formula, for the 70B Instruct unless it says otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero_backend.models import CODE_LLAMAS, named
from arriero_backend.plan import gpus
from arriero_backend.plan.gpus import Gpu, Machines
from arriero_backend.plan.model import known
from arriero_backend.plan.quantisation import QUANTISATIONS
from arriero_backend.plan.sizing import Setting, options, tokens_beside
from arriero_backend.plan.terms import DEFAULT, Terms
from benchmarks.scale.hardware import GPUS
from benchmarks.scale.server import SLOTS

MODEL = known(named("CodeLlama-70b-Instruct-hf"), None, None)
KV = 320 * 1024


def option(machines, quantisation, shards, *, server="tgi", terms=DEFAULT, model=MODEL, stages=1):
    if isinstance(machines, str):
        machines = gpus.given(machines)
    found = options(Setting(model, machines, server, terms))
    (one,) = [
        each
        for each in found
        if (each.quantisation.name, each.shards, each.stages) == (quantisation, shards, stages)
    ]
    return one


@pytest.mark.parametrize(
    ("machine", "quantisation", "tokens"),
    [
        ("2x80", "bf16", 41_000),
        ("4x48", "bf16", 125_000),
        ("4x40", "bf16", 31_000),
        ("8x24", "bf16", 106_000),
        ("4x80", "bf16", 503_000),
        ("1x80", "eetq", 19_000),
        ("2x48", "eetq", 61_000),
        ("4x24", "eetq", 51_000),
        ("1x80", "gptq", 117_000),
        ("2x48", "gptq", 159_000),
        ("4x24", "gptq", 149_000),
    ],
)
def test_what_fits_and_how_many_tokens_it_leaves(machine, quantisation, tokens):
    count = int(machine[0])
    found = option(machine, quantisation, count)
    assert found.fits
    assert found.tokens == pytest.approx(tokens, rel=0.02)


@pytest.mark.parametrize("machine", ["1x80", "2x48", "4x24", "1x141"])
def test_what_does_not_fit_in_16_bits(machine):
    assert not option(machine, "bf16", int(machine[0])).fits


sizes = st.floats(8, 300)


@given(count=st.sampled_from((1, 2, 4, 8)), memory=sizes, usable=st.floats(0.5, 1))
def test_tokens_are_what_the_formula_says(count, memory, usable):
    terms = Terms(usable=usable, overhead=2.0)
    machines = Machines(count, Gpu(memory))
    weights = 137_953_820_672
    expected = (count * (memory * usable - 2.0) * 2**30 - weights) / KV
    found = option(machines, "bf16", count, terms=terms)
    assert found.tokens == pytest.approx(expected, abs=1)


@given(weights=st.integers(1, 10**12), memory=sizes, more=sizes)
def test_more_memory_never_holds_less(weights, memory, more):
    less, larger = (
        tokens_beside(weights, KV, 4, each, DEFAULT) for each in (memory, memory + more)
    )
    assert less <= larger


@given(
    machines=st.builds(Machines, st.integers(1, 16), st.builds(Gpu, sizes), st.integers(1, 4)),
    model=st.sampled_from(CODE_LLAMAS),
    server=st.sampled_from(("tgi", "vllm")),
)
def test_no_copy_has_gpus_that_are_not_there(machines, model, server):
    for each in options(Setting(known(model, None, None), machines, server)):
        if each.fits:
            assert each.copies * each.gpus <= machines.count * machines.nodes
            assert each.copies >= 1
            assert 1 <= each.requests <= each.copies * DEFAULT.requests


def test_one_request_of_full_length_has_to_fit():
    model = known(named("CodeLlama-70b-Instruct-hf"), 50_000, None)
    assert not option("2x80", "bf16", 2, model=model).fits
    assert option("4x80", "bf16", 4, model=model).requests == 10


def test_a_server_runs_no_more_requests_at_once_than_it_is_told():
    assert option("8x80", "bf16", 8).requests == 128
    assert option("8x80", "bf16", 4).requests == 2 * 122
    assert option("8x80", "bf16", 8, terms=Terms(requests=64)).requests == 64


@pytest.mark.parametrize(
    ("machine", "quantisation", "shards", "people"),
    [
        ("4x80", "bf16", 4, 285),  # by memory: 122 requests
        ("4x80", "gptq", 2, 300),  # by computing, though there is memory for 168 requests
        ("1x80", "gptq", 1, 65),
        ("2x80", "bf16", 1, 0),
    ],
)
def test_people_are_those_that_there_is_memory_and_computing_for(
    machine, quantisation, shards, people
):
    assert option(machine, quantisation, shards).people == people


def test_people_are_counted_by_the_load_that_is_simulated():
    assert (DEFAULT.load.gpus, DEFAULT.load.requests) == (GPUS, SLOTS)


def test_more_shards_than_gpus_are_an_obstacle():
    assert option("4x80", "bf16", 8).obstacle == "takes 8 GPUs"


@pytest.mark.parametrize(
    ("capability", "server", "obstacle", "proviso"),
    [
        ((8, 0), "tgi", "older than H100", ""),
        ((9, 0), "tgi", "", ""),
        (None, "tgi", "", "from H100 on"),
        ((8, 0), "vllm", "", ""),
        ((7, 0), "vllm", "older than T4", ""),
    ],
)
def test_eight_bit_floats_ask_for_newer_gpus(capability, server, obstacle, proviso):
    found = option(Machines(4, Gpu(80, capability)), "fp8", 4, server=server)
    assert (found.obstacle, found.proviso) == (obstacle, proviso)


def test_a_quantisation_is_offered_only_where_the_server_has_it():
    names = [each.quantisation.name for each in options(Setting(MODEL, gpus.given("1x80"), "vllm"))]
    assert "eetq" not in names
    assert len(names) == 4 * (len(QUANTISATIONS) - 1)


def test_over_machines_it_goes_only_where_one_does_not_hold_it_and_by_vllm():
    two = gpus.given("1x24", nodes=2)
    assert option(two, "gptq", 1, server="vllm", stages=2).fits
    assert {each.stages for each in options(Setting(MODEL, two, "tgi"))} == {1}
    enough = gpus.given("4x80", nodes=2)
    assert {each.stages for each in options(Setting(MODEL, enough, "vllm"))} == {1}
    assert option(enough, "bf16", 4, server="vllm").copies == 2
