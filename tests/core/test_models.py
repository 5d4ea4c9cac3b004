"""Which model is served, by the name that its server gives it."""

import pytest

from arriero.core.models import CODE_LLAMAS, Formats, ModelInfo, formats_of, recognised

TWELVE = {
    "7b": (("infill", "plain"), ("plain", "plain"), ("infill", "llama2_inst")),
    "13b": (("infill", "plain"), ("plain", "plain"), ("infill", "llama2_inst")),
    "34b": (("plain", "plain"), ("plain", "plain"), ("llama2_inst", "llama2_inst")),
    "70b": (
        ("infill", "plain"),
        ("plain", "plain"),
        ("source_destination", "source_destination"),
    ),
}
VARIANTS = ("", "-Python", "-Instruct")
ROWS = [
    (size, variant, Formats(*formats))
    for size, row in TWELVE.items()
    for variant, formats in zip(VARIANTS, row, strict=True)
]


def formats(model_id: str, backend: str = "tgi") -> Formats:
    return formats_of(ModelInfo(model_id, backend, ""))


@pytest.mark.parametrize(
    "name",
    [
        "codellama/CodeLlama-{size}{variant}-hf",
        "meta-llama/CodeLlama-{size}{variant}-hf",
        "CodeLlama-{size}{variant}",
        "/data/models/CodeLlama-{size}{variant}-hf",
        "C:\\models\\CodeLlama-{size}{variant}-hf",
        "/data/models--codellama--CodeLlama-{size}{variant}-hf/snapshots/0a1b2c",
        "TheBloke/CodeLlama-{size}{variant}-AWQ",
        "TheBloke/CodeLlama-{size}{variant}-GPTQ",
        "TheBloke/CodeLlama-{size}{variant}-GGUF",
        "/srv/codellama-{size}{variant}.Q4_K_M.gguf",
        "code-llama-{size}{variant}-fp16",
        "/data/CodeLlama-7b-hf/codellama-{size}{variant}.Q4_K_M.gguf",
    ],
)
@pytest.mark.parametrize(("size", "variant", "expected"), ROWS)
def test_each_of_the_twelve_by_any_of_its_names(name, size, variant, expected):
    for written in (name, name.lower()):
        assert formats(written.format(size=size, variant=variant)) == expected


def test_the_names_on_the_hub_lead_to_their_models():
    assert len({model.id for model in CODE_LLAMAS}) == 12
    assert all(recognised(model.id) is model for model in CODE_LLAMAS)
    assert CODE_LLAMAS[-1].id == "codellama/CodeLlama-70b-Instruct-hf"


def test_all_but_two_hold_sixteen_thousand_tokens():
    short = {model.id for model in CODE_LLAMAS if model.context == 4096}
    assert short == {f"codellama/CodeLlama-70b-{of}-hf" for of in ("Python", "Instruct")}
    assert {model.context for model in CODE_LLAMAS} == {4096, 16_384}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Qwen/Qwen2.5-Coder-32B-Instruct", "template"),
        ("google/gemma-2-9b-it", "template"),
        ("deepseek-ai/deepseek-llm-67b-chat", "template"),
        ("bigcode/starcoder2-15b", "plain"),
        ("Phind/Phind-CodeLlama-34B-v2", "plain"),
        ("OpenAssistant/codellama-13b-oasst-sft-v10", "plain"),
        ("meta-llama/Llama-2-70b-chat-hf", "template"),
        ("", "plain"),
    ],
)
def test_other_models(name, expected):
    assert formats(name) == Formats(expected, expected)


def test_the_demo_model_continues_text_whatever_it_is_called():
    assert formats("SmolLM2-135M-Instruct", "local") == Formats("plain", "plain")
