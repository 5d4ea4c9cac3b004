"""The toy tokenizer: nothing is lost, places are right, special tokens are parsed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import arriero_backend
from arriero_backend.simulated.tokenizer import SPECIAL_IDS, encode, pieces

text = st.text() | st.lists(
    st.sampled_from(
        ["<s>", "</s>", "<unk>", "<step>", "<PRE>", "<EOT>", " ", "\n", "\t", "a", "é", "=", "x1"]
    )
).map("".join)


@given(text)
def test_the_tokens_are_the_text_again(text):
    tokens = encode(text, add_special_tokens=False)
    assert "".join(token.text for token in tokens) == text
    assert all(text[token.start : token.stop] == token.text for token in tokens)
    assert all(0 <= token.id < 32016 for token in tokens)


@given(text)
def test_a_begin_is_added_once_and_has_no_extent(text):
    begin, *rest = encode(text, add_special_tokens=True)
    assert (begin.id, begin.text, begin.start, begin.stop) == (1, "", 0, 0)
    assert rest == encode(text, add_special_tokens=False)


@given(st.text())
def test_pieces_of_ordinary_text_are_never_special(text):
    assert SPECIAL_IDS.isdisjoint(number for number, _ in pieces(text))
    assert "".join(piece for _, piece in pieces(text)) == text


@given(st.text("ab \n\t{}", max_size=40))
def test_every_line_end_is_a_token_of_its_own(text):
    told = [token.text for token in encode(text, add_special_tokens=False)]
    assert told.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "special"),
    [
        ("a<s>b", [("<s>", 1)]),
        ("a </s>", [("</s>", 2)]),
        ("<unk>", [("<unk>", 0)]),
        ("a \n <step> \t\nb", [(" \n <step> \t\n", 32015)]),
        ("(<step>)", [("<step>", 32015)]),
        ("<step><step>", [("<step>", 32015), ("<step>", 32015)]),
        ("<step> <step>", [("<step> ", 32015), ("<step>", 32015)]),
        ("List<step>", []),
        ("<step>1", []),
        ("</step> <Step> <\u200bstep>", []),
        ("a <PRE> b", [("<PRE>", 32007)]),
        ("a<PRE>", []),
        ("<SUF>", [("<SUF>", 32008)]),
        ("<s><MID>", [("<s>", 1), ("<MID>", 32009)]),
        ("[INST] <<SYS>>", []),
    ],
)
def test_special_tokens_are_parsed_by_their_flags(text, special):
    tokens = encode(text, add_special_tokens=False)
    assert [(token.text, token.id) for token in tokens if token.id in SPECIAL_IDS] == special


def test_code_has_about_as_many_characters_a_token_as_with_the_model():
    code = "".join(
        path.read_text("utf-8") for path in Path(arriero_backend.__file__).parent.rglob("*.py")
    )
    assert 3.0 < len(code) / len(encode(code, add_special_tokens=True)) < 3.6


def test_a_long_run_of_blanks_takes_no_long_time():
    assert len(encode(" " * 300_000 + "<step>", add_special_tokens=False)) == 1
    assert len(encode(" " * 300_000 + "x", add_special_tokens=False)) < 50_000
