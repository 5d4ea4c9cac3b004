"""The prompt formats, held against the reference's own dialogs."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.dialects import (
    BY_NAME,
    Turn,
    infill,
    llama2_inst,
    lone_surrogate,
    plain,
    prompt,
    source_destination,
)
from arriero.core.escape import SPECIAL, SPECIAL_AND_TAGS
from arriero.errors import DialogError
from core.references import chat_70b, chat_llama2
from thorough import thorough

CASES = json.loads((Path(__file__).parent / "prompts.json").read_text("utf-8"))
FORMATS = {"inst": llama2_inst}
REFUSED = [case for case in CASES if "reject" in case]
INFILL = [case for case in CASES if case["group"] == "infill"]
ACCEPTED = [case for case in CASES if "prompt_text" in case and case not in INFILL]

CARD = (
    "Source: system\n\n System prompt <step> Source: user\n\n First user query <step> "
    "Source: assistant\n\n Model response to first query <step> Source: user\n\n "
    "Second user query <step> Source: assistant\nDestination: user\n\n "
)
SIGNS = ("<s>", "</s>", "<unk>", "<step>", "<PRE>", "<SUF>", "<MID>", "<EOT>")
TAGS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")
HALVES = (
    "<",
    ">",
    "/",
    "s",
    " ",
    "<\u200bstep>",
    "step",
    "<<",
    "INST]",
    "\n",
    "\u200b",
    "\N{LLAMA}",
)
texts = st.lists(st.sampled_from([*SIGNS, *TAGS, *HALVES])).map("".join) | st.text()


@st.composite
def dialogs(draw, contents):
    """Return the messages of a dialog that both references accept."""
    pairs = draw(st.integers(0, 2))
    roles = ["system"] * draw(st.integers(0, 1)) + ["user", "assistant"] * pairs + ["user"]
    return [{"role": role, "content": draw(contents)} for role in roles]


def turns(messages: list[dict]) -> list[Turn]:
    return [Turn(m["role"], m["content"], m.get("destination")) for m in messages]


def name(case: dict) -> str:
    return case["name"]


# What the reference writes ------------------------------------------------------------------------


@pytest.mark.parametrize("case", ACCEPTED, ids=name)
def test_prompt_is_the_references_without_its_first_token(case):
    write = FORMATS.get(case["group"], source_destination)
    assert "<s>" + write(turns(case["messages"]), case.get("prefill", "")) == case["prompt_text"]


@pytest.mark.parametrize("case", INFILL, ids=name)
def test_gap_is_the_references_without_its_first_token(case):
    written = infill(case["prefix"], case["suffix"], suffix_first=case["suffix_first"])
    assert "<s>" + written == case["prompt_text"]


@pytest.mark.parametrize("write", [source_destination, llama2_inst])
@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_dialog_that_the_reference_refuses_is_refused(case, write):
    with pytest.raises(DialogError, match=r"turn|Turn"):
        write(turns(case["messages"]))


@thorough
@given(dialogs(texts))
def test_any_dialog_is_written_as_by_the_reference(messages):
    assert llama2_inst(turns(messages)) == chat_llama2(messages)
    # Content of blanks alone is left out, as an empty one is: see dialects._body.
    assert source_destination(turns(messages)) == chat_70b(messages)


def test_the_cards_dialog():
    dialog = [
        Turn("system", "System prompt    "),
        Turn("user", "First user query"),
        Turn("assistant", "Model response to first query"),
        Turn("user", "Second user query"),
    ]
    assert source_destination(dialog) == CARD


def test_a_destination_stands_where_a_message_names_one():
    said = source_destination([Turn("user", "x", destination=" assistant\n")])
    assert "Source: user\nDestination: assistant\n\n x <step> Source: assistant\nDest" in said


@pytest.mark.parametrize("write", [source_destination, llama2_inst])
@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ([], "empty"),
        (["assistant"], "Turn 1 is from 'assistant'"),
        (["system"], "Turn 1 is the last"),
        (["user", "user"], "Turn 2 is from 'user'"),
        (["system", "user", "system"], "Turn 3 is from 'system'"),
        (["system", "system", "user"], "Turn 2 is from 'system'"),
        (["user", "assistant"], "Turn 2 is the last"),
        (["tool"], "Turn 1 is from 'tool'"),
    ],
)
def test_the_turn_amiss_is_named(roles, told, write):
    with pytest.raises(DialogError, match=told):
        write([Turn(role, "x") for role in roles])


def test_a_reply_of_the_older_models_goes_on_from_its_prefill():
    assert llama2_inst([Turn("user", "q")], "```go\n") == "[INST] q [/INST] ```go\n"
    assert llama2_inst([Turn("user", "q"), Turn("assistant", "a"), Turn("user", "r")]) == (
        "[INST] q [/INST] a </s><s>[INST] r [/INST]"
    )


def test_a_gap_with_the_suffix_first():
    assert infill("a = ", "\nb") == "<PRE> a =  <SUF>\nb <MID>"
    assert infill("a = ", "\nb", suffix_first=True) == "<PRE> <SUF>\nb <MID> a = "


# Ids of the vocabulary: 2 is `</s>`, 32010 `<EOT>`, 32015 `<step>`.
ENDS = {
    "source_destination": (("<step>", "</s>"), {2, 32015}),
    "llama2_inst": (("</s>",), {2}),
    "infill": (("<EOT>",), {2, 32010}),
    "template": ((), set()),
    "plain": ((), set()),
}


def test_what_ends_an_answer():
    assert {name: (each.stop, each.end_ids) for name, each in BY_NAME.items()} == ENDS


# What people's text cannot do ---------------------------------------------------------------------


def check_frame(write, text: str, signs: tuple[str, ...]) -> None:
    """The signs in a prompt are those of the same prompt about nothing."""
    written, frame = write(text), write("x")
    assert [written.count(sign) for sign in signs] == [frame.count(sign) for sign in signs]


@thorough
@given(texts)
def test_no_text_makes_a_turn_or_an_end(text):
    def dialog(text):
        return [Turn("system", text), *(Turn(r, text) for r in ("user", "assistant", "user"))]

    check_frame(lambda text: source_destination(dialog(text), text), text, SIGNS)
    check_frame(lambda text: llama2_inst(dialog(text), text), text, (*SIGNS, *TAGS))


@thorough
@given(texts, st.booleans())
def test_no_text_closes_a_gap(text, suffix_first):
    check_frame(lambda text: infill(text, text, suffix_first=suffix_first), text, SIGNS)
    check_frame(lambda text: plain((Turn("user", text),), text), text, SIGNS)


@thorough
@given(texts)
def test_no_text_makes_a_sign_of_other_models(text):
    barred = text.replace("s", "|im_end|")
    asked = prompt(BY_NAME["template"], (Turn("user", f"<|im_end|>{barred}"),), barred, (), 1)
    assert not any("<|im_end|>" in turn.content for turn in asked.turns)
    assert asked.signs.restore(asked.turns[0].content) == f"<|im_end|>{barred}"


@thorough
@given(texts)
def test_what_the_model_repeats_of_a_text_is_the_text(text):
    body = text.strip()
    assert SPECIAL.restore(SPECIAL.escape(body)) == body
    inside = llama2_inst([Turn("user", f"a{text}b")])
    assert SPECIAL_AND_TAGS.restore(inside[len("[INST] ") : -len(" [/INST]")]) == f"a{text}b"


def test_plain_joins_what_there_is():
    assert plain([Turn("system", "Be brief."), Turn("user", " Add. ")], "def") == (
        "Be brief.\n\nAdd.\n\ndef"
    )


@pytest.mark.parametrize(("text", "place"), [("", None), ("é🦙\0", None), ("ab\ud83d", 2)])
def test_half_a_character_is_found(text, place):
    assert lone_surrogate(text) == place
