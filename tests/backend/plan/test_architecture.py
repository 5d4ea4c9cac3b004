"""What follows from a model's dimensions."""

import pytest

from arriero_backend.models import CODE_LLAMAS, named
from arriero_backend.plan.architecture import Architecture, architecture_of, from_config
from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.quantisation import BY_NAME
from arriero_backend.plan.terms import GIB

GIVEN = {
    "num_hidden_layers": 80,
    "hidden_size": 8192,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "intermediate_size": 28672,
    "vocab_size": 32016,
}
SEVENTY = architecture_of(named("CodeLlama-70b-Instruct-hf"))


# As the hub counts them, from the weights' own headers.
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("CodeLlama-7b-hf", 6_738_546_688),
        ("CodeLlama-7b-Python-hf", 6_738_415_616),
        ("CodeLlama-13b-Instruct-hf", 13_016_028_160),
        ("CodeLlama-13b-Python-hf", 13_015_864_320),
        ("CodeLlama-34b-hf", 33_743_970_304),
        ("CodeLlama-70b-Instruct-hf", 68_976_910_336),
        ("CodeLlama-70b-Python-hf", 68_976_910_336),
    ],
)
def test_parameters(name, parameters):
    assert architecture_of(named(name)).parameters == parameters


@pytest.mark.parametrize(
    ("name", "bytes_"),
    [
        ("CodeLlama-7b-hf", 512 * 1024),
        ("CodeLlama-13b-hf", 800 * 1024),
        ("CodeLlama-34b-hf", 192 * 1024),
        ("CodeLlama-70b-hf", 320 * 1024),
    ],
)
def test_bytes_that_a_token_of_context_takes_in_16_bits(name, bytes_):
    assert architecture_of(named(name)).kv_values * 2 == bytes_


@pytest.mark.parametrize(
    ("quantisation", "gib"), [("bf16", 128.5), ("fp8", 64.7), ("eetq", 64.7), ("gptq", 34.8)]
)
def test_weights_of_the_70b(quantisation, gib):
    assert round(BY_NAME[quantisation].weights(SEVENTY) / GIB, 1) == gib


def test_weights_in_16_bits_are_two_bytes_a_parameter_to_the_byte():
    assert BY_NAME["bf16"].weights(SEVENTY) == 2 * SEVENTY.parameters == 137_953_820_672


@pytest.mark.parametrize("model", CODE_LLAMAS, ids=lambda model: model.id)
def test_every_code_llama_can_be_cut_into_up_to_eight(model):
    assert architecture_of(model).shards() == (1, 2, 4, 8)


@pytest.mark.parametrize(
    ("heads", "kv_heads", "shards"),
    [(64, 8, (1, 2, 4, 8)), (64, 4, (1, 2, 4)), (6, 6, (1, 2)), (9, 3, (1,)), (4, 8, (1, 2, 4))],
)
def test_each_shard_gets_whole_heads(heads, kv_heads, shards):
    assert Architecture(1, heads * 64, heads, kv_heads, 64, 100).shards() == shards


def test_dimensions_are_read_from_a_config():
    assert from_config({**GIVEN, "model_type": "llama"}) == SEVENTY


def test_without_grouped_queries_there_are_as_many_keys_as_heads():
    old = {key: value for key, value in GIVEN.items() if key != "num_key_value_heads"}
    assert from_config(old).kv_heads == 64


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key in GIVEN for value in (0, -1, 1.5, "80", True, [], {})],
)
def test_a_dimension_that_is_none_is_named(key, value):
    with pytest.raises(PlanError, match=f"a whole number above 0 for {key}"):
        from_config({**GIVEN, key: value})


def test_heads_that_do_not_divide_the_width_are_told():
    with pytest.raises(PlanError, match="multiple of num_attention_heads"):
        from_config({**GIVEN, "num_attention_heads": 65})
