"""`arriero try`: what a newcomer sees first, by the real embedded model, and the rest of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from arriero.cli import try_

EXAMPLES = Path(__file__).parents[2] / "examples"
FRAME = "Source: assistant\n       Destination: user\n"


@pytest.fixture
def examples(tmp_path, monkeypatch):
    """Be where the examples are, and nothing else of this project."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARRIERO_URL", raising=False)


@pytest.fixture
def nothing_to_say(examples):
    """A file in which no model has anything to go on with."""
    Path("empty.py").write_text("", "utf-8")
    return "empty.py:1:1"


def without_margins(shown: str) -> str:
    return "\n".join(line.rstrip() for line in shown.splitlines())


@pytest.mark.local
async def test_the_example(arriero, examples):
    ended = await arriero("try")
    shown = without_margins(ended.out)
    assert ended.code == 0
    assert re.search(r"^ +17      return \S", shown, re.MULTILINE)
    assert re.search(
        r"^ +first token after \d+\.\d\d s, \d+ tokens a second, tokens: \d+$", shown, re.M
    )
    assert "by SmolLM2-135M-Instruct" in shown
    assert re.search(r"^ +\+    \"\"\"\S", shown, re.MULTILINE), "the action's diff"
    assert FRAME in shown
    assert "What next" in shown


@pytest.mark.local
async def test_an_action_that_the_model_does_not_do_is_shown_by_a_stand_in_that_is_named(
    arriero, examples, monkeypatch
):
    documented_already = 15
    monkeypatch.setattr(try_, "EXAMPLE_ACTION", documented_already)
    ended = await arriero("try")
    assert ended.code == 0
    refused, simulated = ended.out.split("SIMULATED: ")
    assert "documented already" in refused
    assert "what does not pass the checks" not in refused, "nothing was asked of the model"
    assert "on line 15, by codellama/CodeLlama-70b-Instruct-hf" in simulated


@pytest.mark.local
async def test_a_file_of_ones_own_may_have_no_place_for_a_suggestion(arriero, nothing_to_say):
    ended = await arriero("try", nothing_to_say)
    assert ended.code == 0
    assert "The model has no suggestion for this place." in ended.out
    assert "first token" not in ended.out


@pytest.mark.local
async def test_an_example_without_a_suggestion_is_a_failure(arriero, nothing_to_say, monkeypatch):
    monkeypatch.setattr(try_, "EXAMPLE", nothing_to_say)
    ended = await arriero("try")
    assert ended.code == 3


async def test_without_examples_a_place_has_to_be_named(arriero, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = await arriero("try")
    assert ended.code == 2
    assert "there is no folder examples/ here, so name a place: FILE:LINE:COL" in ended.err
