import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.lsp.large_json import parse, read
from arriero.lsp.steps import STEP

# Every character that JSON writes in more than one byte, or as more than one escape.
TEXTS = st.text(st.sampled_from('a"\\/\n\r\x00é\u2028字😀') | st.characters(), max_size=80)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=3), inner),
)


def finished(steps):
    """Return what the steps return, and how many there were."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


@given(VALUES, st.booleans(), st.integers(16, 40))
def test_in_steps_it_is_the_same(value, escaped, step):
    body = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert finished(parse(body, step))[0] == json.loads(body)


@given(st.binary(max_size=60), st.integers(16, 40))
def test_what_is_no_json_is_refused(body, step):
    try:
        expected = json.loads(body)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011  of whatever kind
            finished(parse(body, step))
    else:
        assert finished(parse(body, step))[0] == expected


@pytest.mark.parametrize("unit", ["x", "é", "字", "😀", "\\ud83d\\ude00", "\\ud83d", '\\"', "\\\\"])
def test_no_step_does_more_than_its_part(unit):
    body = f'{{"text": "{unit * 500}", "after": 1}}'.encode()
    value, steps = finished(parse(body, 64))
    assert value == json.loads(body)
    assert len(body) // 64 <= steps <= 3 * len(body) // 64


@pytest.mark.parametrize(
    "body",
    [
        b'["%b", NaN]' % (b"x" * 100),
        b'[NaN, "%b"]' % (b"x" * 100),
        b'["%b", Infinity]' % (b"x" * 100),
        b'["%b' % (b"x" * 100),
        b'["%b\\' % (b"x" * 100),
        b'["%b\\uZZZZ"]' % (b"x" * 100),
        b'["%b\n"]' % (b"x" * 100),
        b'["%b\xff"]' % (b"x" * 100),
        b'["%b"' % (b"x" * 100),
        b'{"%b": 1}' % (b"x" * 100),
    ],
)
def test_what_the_gaps_could_be_taken_for_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011  of whatever kind
        finished(parse(body, 32))


@pytest.mark.parametrize(
    "value", [{"text": "x" * STEP}, {"x" * STEP: "long key"}, ["x" * STEP, float("inf")]]
)
async def test_a_body_of_megabytes_is_read_one_way_or_the_other(value):
    assert await read(json.dumps(value).encode()) == value


async def test_a_body_of_megabytes_that_is_no_json_is_refused():
    with pytest.raises(ValueError, match="Unterminated string"):
        await read(b'"' + b"x" * STEP)
