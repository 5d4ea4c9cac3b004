"""`arriero backend plan`, as it is typed."""

import json

import pytest

from arriero_backend.plan.__main__ import main
from arriero_backend.plan.quantisation import QUANTISATIONS

CONFIG = {
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
}


@pytest.fixture
def plan(capsys):
    def run(*arguments):
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


def test_the_table_has_every_shard_count_and_quantisation(plan):
    code, out, err = plan("--gpus", "4x80")
    assert (code, err) == (0, "")
    for quantisation in QUANTISATIONS:
        assert f"\n {quantisation.name} " in out
    assert "503,055" in out
    assert "Take  bf16, one copy on 4 GPUs" in out
    assert "Estimated, not measured" in out


def test_it_fits_a_terminal_of_80_columns(plan):
    _, out, _ = plan("--gpus", "4x24", "--nodes", "2", "--server", "vllm")
    table, _, _ = out.partition("Take")
    assert "…" not in table
    assert all(len(line.rstrip()) <= 80 for line in table.splitlines())


def test_the_command_to_copy_is_not_broken_into_lines(plan):
    _, out, _ = plan("--gpus", "4x80")
    command = out[out.index("docker run") :]
    assert all(line.endswith(" \\") for line in command.splitlines()[:-1])


def test_json(plan):
    _, out, _ = plan("--gpus", "2x80", "--people", "10", "--json")
    (line,) = out.splitlines()
    value = json.loads(line)
    assert value["parameters"] == 68_976_910_336
    assert value["kv_bytes_per_token"] == 327_680
    assert value["recommended"]["tokens"] == 41_027
    assert value["recommended"]["quantisation"] == "bf16"
    assert len(value["options"]) == 16
    assert value["estimate"]["usable"] == 0.9
    assert value["estimate"]["people_source"]
    assert value["commands"][0].startswith("docker run")


def test_the_terms_are_settings(plan):
    _, out, _ = plan("--gpus", "2x80", "--usable", "0.95", "--overhead", "1", "--json")
    value = json.loads(out)
    expected = (2 * (80 * 0.95 - 1) * 2**30 - 137_953_820_672) / 327_680
    assert value["recommended"]["tokens"] == int(expected)
    assert "TGI_WIGGLE_ROOM=0.95" in value["commands"][0]


@pytest.mark.parametrize(("context", "prompt"), [("4096", 3584), ("16384", 15872), ("400", 200)])
def test_a_prompt_always_leaves_room_for_an_answer(plan, context, prompt):
    _, out, _ = plan("--gpus", "4x80", "--context", context)
    assert f"--max-input-tokens={prompt} " in out
    assert f"--max-total-tokens={context} " in out


def test_vllm_is_told_the_share_that_was_planned_with(plan):
    _, out, _ = plan("--gpus", "2x80", "--usable", "0.95", "--server", "vllm")
    assert "--gpu-memory-utilization=0.95" in out


def test_a_model_of_another_family_by_its_config(plan, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    model = ("--model", "ours/llama-8b", "--config", str(tmp_path / "config.json"))
    code, out, _ = plan(*model, "--gpus", "1x24", "--json")
    value = json.loads(out)
    assert code == 0
    assert (value["parameters"], value["context"]) == (8_030_261_248, 8192)
    assert {each["quantisation"] for each in value["options"]} == {"bf16", "fp8", "eetq"}
    assert "--model-id=ours/llama-8b" in value["commands"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--gpus", "many"), "as in 4x80"),
        (("--gpus", "1x16"), "It does not fit"),
        (("--gpus", "1x80", "--model", "gpt2"), "none of the twelve"),
        (
            ("--gpus", "1x80", "--config", "nowhere.json"),
            "cannot be read: No such file or directory.",
        ),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(plan, arguments, said):
    code, out, err = plan(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("arriero: ")
    assert said in err


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"max_position_embeddings": 0}', '{"max_position_embeddings": 8}']
)
def test_a_config_that_is_none(plan, tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    code, _, err = plan("--config", str(tmp_path / "config.json"), "--gpus", "1x80")
    assert code == 1
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--people", "0"),
        ("--usable", "1.5"),
        ("--usable", "0"),
        ("--overhead", "-1"),
        ("--nodes", "x"),
        ("--model", "ours\nimage: stolen"),
        ("--weights", "a b"),
        ("--weights", ""),
    ],
)
def test_wrong_numbers_are_refused_before_anything_else(plan, wrong):
    with pytest.raises(SystemExit) as ended:
        plan("--gpus", "4x80", *wrong)
    assert ended.value.code == 2
