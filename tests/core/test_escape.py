"""Special tokens in people's text survive the way to the model and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.escape import escape, restore, settled

SPECIAL = ("<s>", "</s>", "<unk>", "<step>", "<PRE>", "<SUF>", "<MID>", "<EOT>")
texts = st.lists(st.sampled_from([*SPECIAL, "<", ">", "\u200b", "s", "/", "step", " ", "a"])).map(
    "".join
)


@given(texts)
def test_restore_undoes_escape(text):
    assert restore(escape(text)) == text


@given(texts)
def test_nothing_special_is_left(text):
    assert not any(special in escape(text) for special in SPECIAL)


@given(texts, st.lists(st.integers(1, 9), min_size=1))
def test_a_stream_cut_anywhere_is_restored_the_same(text, sizes):
    said, shown, held = escape(text), "", ""
    place = 0
    for turn in range(len(said)):
        size = sizes[turn % len(sizes)]
        held += said[place : place + size]
        place += size
        ready = settled(held)
        shown, held = shown + restore(held[:ready]), held[ready:]
    assert shown + restore(held) == text


@pytest.mark.parametrize(
    "code", ["</step>", "<Step>", "List<Step>", "a < s", "[INST]", "<pre>", "<0x0A>"]
)
def test_what_is_not_special_is_left_alone(code):
    assert escape(code) == code
