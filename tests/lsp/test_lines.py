import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.lsp.lines import lines_of
from lsp.test_large_json import finished

TEXTS = st.text(st.sampled_from("ab\r\n\x0b\x0c\x1c\x85\u2028é😀\ud800"), max_size=60)


@given(TEXTS, st.integers(2, 9))
def test_in_steps_the_lines_are_those_of_the_specification(text, step):
    lines, _ = finished(lines_of(text, step))
    whole = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert lines == [*re.findall("[^\r\n]*(?:\r\n|\r|\n)", whole), re.split("[\r\n]", whole)[-1]]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("abc\r\nd", ["abc\r\n", "d"]),  # cut behind the \r
        ("abc\n\nd", ["abc\n", "\n", "d"]),
        ("a\x0cb\u2028c", ["a\x0cb\u2028c"]),
        ("a\ud83d", ["a\ufffd"]),
    ],
)
def test_where_lines_end(text, lines):
    assert finished(lines_of(text, 4))[0] == lines


def test_a_long_line_is_put_together_once():
    text = "x" * 1000
    assert finished(lines_of(text, 10)) == ([text], 99)


def test_a_short_text_takes_no_turn():
    assert finished(lines_of("a\nb")) == (["a\n", "b"], 0)
