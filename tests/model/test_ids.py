"""What tokens prompts become: those of Meta's rule, whatever people's text says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import small_tokenizer
from arriero.core.dialects import Turn, infill, llama2_inst, source_destination
from arriero.core.escape import SPECIAL
from core.references import TAGS, TOKENS
from reference_ids import of_chat, of_chat_llama2, of_gap
from thorough import thorough

WHOLE = small_tokenizer.whole()

pieces = st.sampled_from([*TOKENS, *TAGS, "<", ">", " ", "\n", "\u200b", "step", "é", "\N{LLAMA}"])
texts = st.lists(pieces).map("".join) | st.text()


@st.composite
def dialogs(draw) -> list[dict]:
    pairs = draw(st.integers(0, 2))
    roles = ["system"] * draw(st.integers(0, 1)) + ["user", "assistant"] * pairs + ["user"]
    return [{"role": role, "content": draw(texts)} for role in roles]


def turns(dialog: list[dict]) -> list[Turn]:
    return [Turn(each["role"], each["content"]) for each in dialog]


def ids(prompt: str) -> list[int]:
    return WHOLE.encode(f"<s>{prompt}", add_special_tokens=False).ids


@thorough
@given(texts)
def test_text_alone_has_no_sign(text):
    found = {*ids(SPECIAL.escape(text))[1:]}
    assert not found & {0, 1, 2, 32007, 32008, 32009, 32010, 32015}


@thorough
@given(dialogs(), texts)
def test_a_chat(dialog, prefill):
    assert ids(source_destination(turns(dialog), prefill)) == of_chat(dialog, prefill)


@thorough
@given(dialogs())
def test_a_chat_with_an_older_model(dialog):
    assert ids(llama2_inst(turns(dialog))) == of_chat_llama2(dialog)


@thorough
@given(texts, texts, st.booleans())
def test_a_gap(prefix, suffix, suffix_first):
    written = infill(prefix, suffix, suffix_first=suffix_first)
    assert ids(written) == of_gap(prefix, suffix, suffix_first=suffix_first)
