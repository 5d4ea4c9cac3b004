"""The simulated models beside the 70B Instruct: their prompts pass, and nothing near them does."""

import pytest

from arriero_backend.simulated import gap, instructions
from arriero_backend.simulated.dialog import Beginning, Dialog, Flaw, Header, Turns
from arriero_backend.simulated.gap import Gap
from arriero_backend.simulated.models import named
from arriero_backend.simulated.tokenizer import encode


def check(read, prompt: str, expected) -> None:
    """Read a prompt that was sent without `<s>`, as /generate gets it."""
    tokens = encode(prompt, add_special_tokens=True)
    if isinstance(expected, type) and issubclass(expected, Flaw):
        with pytest.raises(expected):
            read(tokens)
    else:
        assert read(tokens) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("[INST] Hi [/INST]", Dialog("Hi", "")),
        ("[INST] Hi [/INST] ```go\nx :=", Dialog("Hi", "```go\nx :=")),
        ("[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]", Dialog("Hi", "")),
        ("[INST] Hi [/INST] Hello. </s><s>[INST] More [/INST]", Dialog("More", "")),
        ("[INST] [\u200bINST] <\u200b<SYS>> <\u200b/s> [/INST]", Dialog("[INST] <<SYS>> </s>", "")),
        ("Hi", Header),
        ("[INST]Hi[/INST]", Header),
        ("[INST] Hi [/INST] ", Header),
        ("[INST] a [INST] b [/INST]", Turns),
        ("[INST] a <</SYS>> b [/INST]", Turns),
        ("<s>[INST] Hi [/INST]", Beginning),
        ("[INST] a </s> b [/INST]", Turns),
        ("[INST] a <s> b [/INST]", Turns),
        ("[INST] a <PRE> b [/INST]", Turns),
        ("[INST] Hi [/INST] Hello. </s>[INST] More [/INST]", Turns),
        ("[INST] Hi [/INST] Hello. </s><s>More", Header),
        ("[INST] Hi [/INST] Hello. </s>", Turns),
        ("[INST] Hi [/INST]Hello. </s><s>[INST] More [/INST]", Header),
    ],
)
def test_llama_2s_tags(prompt, expected):
    check(instructions.read, prompt, expected)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("<PRE> a =  <SUF>\nb <MID>", Gap("a = ", "\nb")),
        ("<PRE>  <SUF> <MID>", Gap("", "")),
        ("<PRE> <SUF>\nb <MID> a = ", Gap("a = ", "\nb")),
        ("<PRE> <\u200bPRE> <\u200b/s> <SUF> <MID>", Gap("<PRE> </s>", "")),
        ("<PRE> a <SUF>b", Header),
        ("<PRE> a<SUF>b<MID>", Header),
        ("<PRE> a <MID> <SUF>b", Header),
        ("x<PRE> a <SUF>b <MID>", Header),
        ("<PRE> a <SUF>b <MID>c", Header),
        ("<PRE> a</s> <SUF>b <MID>", Header),
        ("<s><PRE> a <SUF>b <MID>", Beginning),
    ],
)
def test_a_gap(prompt, expected):
    check(gap.read, prompt, expected)


FILES = {"a.py": "x = 1\ny = 2\nz = 3\nx = 1\nq = 4\n"}


@pytest.mark.parametrize(
    ("prefix", "suffix", "filling"),
    [
        ("x = 1\ny =", "\nz = 3", " 2"),
        ("x = 1\n", "z = 3", "y = 2\n"),
        ("x = 1\n", "q = 4", ""),
        ("x = 1\nq =", "", " 4\n"),
        # A suffix that is older than the truth is found by the lines below the cursor's.
        ("x = 1\ny =", " 7)\nz = 3", " 2"),
        ("nowhere", "z = 3", None),
        ("x = 1\ny =", "nowhere", None),
    ],
)
def test_what_stands_in_a_gap(prefix, suffix, filling):
    assert gap.filled(Gap(prefix, suffix), FILES) == filling


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("codellama/CodeLlama-7b-hf", 16_384),
        ("meta-llama/CodeLlama-34b-Instruct-hf", 16_384),
        ("codellama-70b-python", 4096),
        ("codellama/CodeLlama-70b-Instruct-hf", 4096),
    ],
)
def test_names(name, context):
    assert named(name).context == context


def test_other_names():
    assert named("codellama/CodeLlama-8b-hf") is None
    assert named("gpt2") is None


def test_a_chat_as_the_template_writes_it():
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi "},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "More"},
    ]
    written = named("codellama/CodeLlama-7b-Instruct-hf").render(chat)
    assert written == (
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s><s>[INST] More [/INST]"
    )
    for amiss in (chat[:3] + chat[2:], []):
        with pytest.raises(ValueError, match=r"alternate|at least one"):
            instructions.render(amiss)
    with pytest.raises(ValueError, match="template not found"):
        named("codellama/CodeLlama-7b-hf").render(chat)
