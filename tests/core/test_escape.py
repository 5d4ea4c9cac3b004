"""Special tokens in people's text survive the way to the model and back."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.escape import EVERYTHING, SPECIAL, SPECIAL_AND_TAGS
from thorough import thorough

TOKENS = ("<s>", "</s>", "<unk>", "<step>", "<PRE>", "<SUF>", "<MID>", "<EOT>")
TAGS = ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>")
APART = ("<\u200bstep>", "<\u200b\u200b/s>", "[\u200bINST]", "<\u200b<SYS>>", "<\u200b|im_end|>")
BARRED = ("<|im_end|>", "<|eot_id|>", "<|")
HALVES = ("<", ">", "[", "]", "\u200b", "s", "/", "step", "INST", "SYS", " ", "\n", "a")

texts = (
    st.lists(st.sampled_from([*TOKENS, *TAGS, *BARRED, *APART, *HALVES])).map("".join) | st.text()
)
KINDS = {"tokens": SPECIAL, "and tags": SPECIAL_AND_TAGS, "everything": EVERYTHING}
each = pytest.mark.parametrize("signs", KINDS.values(), ids=KINDS)


@each
@thorough
@given(texts)
def test_restore_undoes_escape(signs, text):
    assert signs.restore(signs.escape(text)) == text


@thorough
@given(texts)
def test_nothing_special_is_left(text):
    assert not any(sign in SPECIAL.escape(text) for sign in TOKENS)
    assert not any(sign in SPECIAL_AND_TAGS.escape(text) for sign in (*TOKENS, *TAGS))
    escaped = EVERYTHING.escape(text)
    assert not any(sign in escaped for sign in (*TOKENS, *TAGS, *BARRED[:2]))


@each
@thorough
@given(texts)
def test_nothing_but_zero_width_spaces_is_added(signs, text):
    assert signs.escape(text).replace("\u200b", "") == text.replace("\u200b", "")


@each
@thorough
@given(texts, st.lists(st.integers(1, 9), min_size=1))
def test_a_stream_cut_anywhere_is_restored_the_same(signs, text, sizes):
    # What the model repeats of a file is apart, what it says of itself is whole.
    for said in (signs.escape(text), text):
        shown, held, place = "", "", 0
        for size in itertools.islice(itertools.cycle(sizes), len(said)):
            held += said[place : place + size]
            place += size
            ready = signs.settled(held)
            shown, held = shown + signs.restore(held[:ready]), held[ready:]
        assert shown + signs.restore(held) == signs.restore(said)


@each
@pytest.mark.parametrize("text", [*TOKENS, *TAGS])
def test_every_split_of_a_sign_is_waited_for(signs, text):
    said = signs.escape(text)
    for cut in range(1, len(said)):
        first = said[: signs.settled(said[:cut])]
        assert signs.restore(first) + signs.restore(said[len(first) :]) == text


@pytest.mark.parametrize(
    "code", ["</step>", "<Step>", "List<Step>", "a < s", "[INST]", "<<SYS>>", "<pre>", "<0x0A>"]
)
def test_what_is_not_special_is_left_alone(code):
    assert SPECIAL.escape(code) == code


def test_a_file_of_one_endless_line_is_no_trouble():
    line = "<\u200b" * 500_000
    assert SPECIAL_AND_TAGS.escape(line) == line
    assert len(re.findall("<", SPECIAL.restore(line))) == 500_000
