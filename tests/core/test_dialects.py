"""The prompt formats, held against the reference's own dialogs."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.dialects import Turn, plain, source_destination
from arriero.errors import DialogError

CASES = json.loads((Path(__file__).parent / "prompts.json").read_text("utf-8"))
ACCEPTED = [case for case in CASES if "prompt_text" in case]
REFUSED = [case for case in CASES if "reject" in case]

CARD = (
    "Source: system\n\n System prompt <step> Source: user\n\n First user query <step> "
    "Source: assistant\n\n Model response to first query <step> Source: user\n\n "
    "Second user query <step> Source: assistant\nDestination: user\n\n "
)


def turns(case: dict) -> list[Turn]:
    return [Turn(m["role"], m["content"], m.get("destination")) for m in case["messages"]]


def name(case: dict) -> str:
    return case["name"]


@pytest.mark.parametrize("case", ACCEPTED, ids=name)
def test_prompt_is_the_references_without_its_first_token(case):
    prompt = source_destination(turns(case), case.get("prefill", ""))
    assert "<s>" + prompt == case["prompt_text"]


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_dialog_that_the_reference_refuses_is_refused(case):
    with pytest.raises(DialogError, match=r"turn|Turn"):
        source_destination(turns(case))


def test_the_cards_dialog():
    dialog = [
        Turn("system", "System prompt    "),
        Turn("user", "First user query"),
        Turn("assistant", "Model response to first query"),
        Turn("user", "Second user query"),
    ]
    assert source_destination(dialog) == CARD


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ([], "empty"),
        (["assistant"], "Turn 1 is from 'assistant'"),
        (["system"], "Turn 1 is the last"),
        (["user", "user"], "Turn 2 is from 'user'"),
        (["system", "user", "system"], "Turn 3 is from 'system'"),
        (["user", "assistant"], "Turn 2 is the last"),
    ],
)
def test_the_turn_amiss_is_named(roles, told):
    with pytest.raises(DialogError, match=told):
        source_destination([Turn(role, "x") for role in roles])


@given(st.lists(st.sampled_from([*"<>/s ePREunk\n\u200b", "step", "<step>", "</s>"])).map("".join))
def test_no_text_makes_a_turn_or_an_end(text):
    prompt = source_destination([Turn("system", text), Turn("user", text)], prefill=text)
    frame = source_destination([Turn("system", "x"), Turn("user", "x")], prefill="x")
    for special in ("<s>", "</s>", "<step>", "<unk>", "<PRE>"):
        assert prompt.count(special) == frame.count(special)


def test_plain_joins_what_there_is():
    assert plain([Turn("system", "Be brief."), Turn("user", " Add. ")], "def") == (
        "Be brief.\n\nAdd.\n\ndef"
    )
