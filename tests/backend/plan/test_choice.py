"""Which option is recommended, and what is said of it."""

import pytest

from arriero_backend.models import named
from arriero_backend.plan import gpus
from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.gpus import Gpu, Machines
from arriero_backend.plan.making import make
from arriero_backend.plan.model import known
from arriero_backend.plan.quantisation import BY_NAME
from arriero_backend.plan.sizing import Setting

MODEL = known(named("CodeLlama-70b-Instruct-hf"), None, None)


def plan(machines, people=1, server="tgi", model=MODEL):
    if isinstance(machines, str):
        machines = gpus.given(machines)
    return make(Setting(model, machines, server), people)


@pytest.mark.parametrize(
    ("machine", "people", "quantisation", "shards", "copies"),
    [
        ("4x80", 1, "bf16", 4, 1),
        ("2x80", 1, "bf16", 2, 1),
        ("8x24", 1, "bf16", 8, 1),
        ("8x80", 1, "bf16", 4, 2),
        ("8x80", 500, "bf16", 4, 2),
        ("1x80", 1, "eetq", 1, 1),
        ("1x80", 40, "gptq", 1, 1),
        ("2x80", 100, "eetq", 2, 1),
        ("2x48", 300, "gptq", 2, 1),
    ],
)
def test_chosen(machine, people, quantisation, shards, copies):
    chosen = plan(machine, people).chosen
    assert (chosen.quantisation.name, chosen.shards, chosen.copies) == (
        quantisation,
        shards,
        copies,
    )


def test_eight_bits_that_most_gpus_compute_are_better_than_four_that_all_do():
    assert plan("1x80", server="vllm").chosen.quantisation.name == "fp8"


def test_known_gpus_get_what_they_compute_best():
    assert plan(Machines(1, Gpu(80, (9, 0), "NVIDIA H100"))).chosen.quantisation.name == "fp8"
    assert plan(Machines(1, Gpu(80, (8, 0), "NVIDIA A100"))).chosen.quantisation.name == "eetq"


@pytest.mark.parametrize(
    ("machine", "people", "said"),
    [
        ("4x80", 1, "nothing is lost to quantisation"),
        ("1x80", 1, "quantised because bf16 does not fit"),
        ("2x80", 200, "because bf16 would serve 23 people at once"),
        ("8x80", 1, "2 copies, each on 4 GPUs"),
        ("2x48", 300, "not enough for 300 people"),
    ],
)
def test_reason(machine, people, said):
    assert said in plan(machine, people).reason


def test_what_was_asked_for_is_not_explained_by_what_was_not_looked_at():
    asked = Setting(MODEL, gpus.given("4x80"), "tgi", quantisations=[BY_NAME["gptq"]])
    assert "because" not in make(asked).reason


def test_enough_is_not_called_too_little():
    assert "not enough" not in plan("4x80", 285).reason
    assert "not enough" in plan("2x48", 300).reason


def test_what_fits_nowhere_is_said_with_what_to_do():
    with pytest.raises(PlanError, match=r"gptq on one GPU comes nearest.*34\.8 GiB.*Add GPUs"):
        plan("1x24")


def test_each_copy_on_a_machine_has_gpus_and_a_port_of_its_own():
    first, second = plan("8x80").commands
    assert '"device=0,1,2,3"' in first
    assert "127.0.0.1:8080:80" in first
    assert '"device=4,5,6,7"' in second
    assert "127.0.0.1:8081:80" in second


def test_on_two_machines_each_runs_its_own_copies():
    (command,) = plan(gpus.given("4x80", nodes=2)).commands
    assert '"device=0,1,2,3"' in command


def test_over_machines_there_is_no_single_command():
    assert plan(gpus.given("1x24", nodes=2), server="vllm").commands == []


@pytest.mark.parametrize("server", ["tgi", "vllm"])
def test_the_command_says_what_the_plan_says_and_no_key(server):
    (command,) = plan("4x80", server=server).commands
    for said in {
        "tgi": ("--num-shard=4", "--max-total-tokens=4096", "--max-input-tokens=3584"),
        "vllm": ("--tensor-parallel-size=4", "--max-model-len=4096"),
    }[server]:
        assert f" {said} \\\n" in command
    assert '="$ARRIERO_API_KEY" \\\n' in command


def test_vllm_is_told_the_right_context_of_the_model_whose_config_is_wrong():
    told = """'--hf-overrides={"max_position_embeddings":4096}'"""
    assert told in plan("4x80", server="vllm").commands[0]
    other = known(named("CodeLlama-70b-hf"), None, None)
    assert "--hf-overrides" not in plan("4x80", server="vllm", model=other).commands[0]


def test_quantised_weights_are_those_that_were_published():
    assert "--model-id=TheBloke/CodeLlama-70B-Instruct-GPTQ" in plan("2x48", 300).commands[0]
    own = known(named("CodeLlama-70b-Instruct-hf"), None, "ours/CodeLlama-70b-Instruct-w4")
    assert "--model-id=ours/CodeLlama-70b-Instruct-w4" in plan("2x48", 300, model=own).commands[0]
