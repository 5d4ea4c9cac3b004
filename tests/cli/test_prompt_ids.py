"""`arriero prompt --ids`: what the model's tokenizer makes of a prompt.

With a small tokenizer of ours; where ARRIERO_TOKENIZER names a CodeLlama's, with that one too. The
ids of prompt_ids.json come from Meta's own code.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import small_tokenizer
from reference_ids import of_case

CORE = Path(__file__).parent.parent / "core"
CASES = json.loads((CORE / "prompts.json").read_text("utf-8"))
ACCEPTED = [case for case in CASES if "reject" not in case]
IDS = json.loads((CORE / "prompt_ids.json").read_text("utf-8"))
REAL = os.environ.get("ARRIERO_TOKENIZER")

# Text cannot say what Meta's code does with tokens here: content of blanks alone keeps a body there
# and has none in the template's ids, and an empty prefix has no space.
OTHERWISE = {"whitespace_only_user", "fim_empty_prefix"}
MODELS = {"inst": "codellama/CodeLlama-7b-Instruct-hf"}


def name(case: dict) -> str:
    return case["name"]


@pytest.fixture
def ids(prompt, gap):
    """Return the ids that the command prints for a case."""

    async def ids(case: dict, tokenizer: Path) -> list[int]:
        asked = ("--ids", "--tokenizer", str(tokenizer))
        if case["group"] == "infill":
            order = ["--suffix-first"] * case["suffix_first"]
            ended = await gap(case["prefix"], case["suffix"], *order, *asked)
        else:
            model = MODELS.get(case["group"], "codellama/CodeLlama-70b-Instruct-hf")
            prefill = ("--prefill", case.get("prefill", ""))
            messages = json.dumps(case["messages"])
            ended = await prompt(messages, "--model", model, *prefill, *asked)
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out)

    return ids


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_tokenizer.save(tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("case", ACCEPTED, ids=name)
async def test_of_a_small_tokenizer(case, ids, small):
    assert await ids(case, small) == of_case(case)


@pytest.mark.parametrize("case", ACCEPTED if REAL else [], ids=name)
async def test_of_the_models_own_tokenizer(case, ids):
    same = await ids(case, Path(str(REAL))) == IDS[case["name"]]
    assert same == (case["name"] not in OTHERWISE)
