"""What people are shown of a prompt is the prompt, and all of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core import completion, dialects, disclosure
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero.core.text import Excerpt
from arriero.model.tokens import estimate
from thorough import thorough

INFO = ModelInfo(CODELLAMA_70B_INSTRUCT, "tgi", "http://127.0.0.1:1")
GENERATION = completion.Generation(system="You are brief.")
codes = st.lists(
    st.sampled_from(["x = 1", "```", "````python", "a:", "", "  ", "<step>", "From b.py:", "é"])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
).map("\n".join)


def asked(dialect: str, before: str, after: str) -> completion.Ask:
    excerpt = Excerpt("pkg/a.py", "python", before, after)
    row = dialects.BY_NAME[dialect]
    return completion.ask(excerpt, row, estimate, INFO, GENERATION)


def parts(dialect: str, before: str, after: str) -> dict[str, str]:
    found = disclosure.parts(asked(dialect, before, after), dialects.BY_NAME[dialect])
    return {part.label: part.text for part in found}


def test_a_conversation_is_shown_part_by_part():
    above = "".join(f"a{n} = {n}\n" for n in range(20))
    shown = disclosure.parts(
        asked("source_destination", f"{above}b = ", "1\nc = 2\n"),
        dialects.BY_NAME["source_destination"],
    )
    assert [part.label for part in shown] == [
        "Instructions",
        "Code before the cursor",
        "Code after the cursor",
        "Instructions",
        "The reply so far, which the model goes on with",
    ]
    first, before, after, last, reply = (part.text for part in shown)
    assert "You are brief." in first
    assert "Continue the code of pkg/a.py (python)." in first
    assert before == above[: above.index("a16")].rstrip()
    assert after == "c = 2"
    assert "Go on directly" in last
    assert reply.endswith("a19 = 19\nb =")


@pytest.mark.parametrize("dialect", ["infill", "plain"])
def test_without_a_conversation_the_code_is_what_is_shown(dialect):
    found = parts(dialect, "a = 1\nb = ", "\nc = 2\n")
    assert found["Code before the cursor"] == "a = 1\nb ="
    assert found.get("Code after the cursor") == ("c = 2" if dialect == "infill" else None)


@thorough
@given(st.sampled_from(["source_destination", "llama2_inst", "template"]), codes, codes)
def test_every_line_of_the_prompt_is_in_a_part(dialect, before, after):
    question = asked(dialect, before, after)
    shown = disclosure.parts(question, dialects.BY_NAME[dialect])
    lines = [line for part in shown for line in part.text.split("\n")]
    fence = re.compile(rf"\s*{question.fence}(python)?")
    labels = {"Code before the cursor:", "Code after the cursor:"}  # also of parts without code
    for line in question.prompt.text.split("\n"):
        assert not line.strip() or line in lines or line in labels or fence.fullmatch(line)
