import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.lsp.positions import negotiated, to_index, to_units

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
ENCODINGS = st.sampled_from(sorted(CODECS))
LINES = st.text(
    st.one_of(
        st.sampled_from("ab é€\t\x0c\u2028\u0301\U0001f600\U0010ffff"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"),
    )
)


def units(text: str, encoding: str) -> int:
    """Count code units the way the specification does: by writing them."""
    codec, width = CODECS[encoding]
    return len(text.encode(codec)) // width


@given(LINES, ENCODINGS, st.data())
def test_the_start_of_every_character_is_found_again(line, encoding, data):
    index = data.draw(st.integers(0, len(line)))
    assert to_units(line, index, encoding) == units(line[:index], encoding)
    assert to_index(line, units(line[:index], encoding), encoding) == index


@given(LINES, ENCODINGS, st.integers(-5, 200))
def test_any_number_of_units_gives_the_last_character_that_starts_there_or_before(
    line, encoding, number
):
    starts = [i for i in range(len(line) + 1) if units(line[:i], encoding) <= max(number, 0)]
    assert to_index(line, number, encoding) == max(starts)


@pytest.mark.parametrize(
    ("line", "character", "encoding", "index"),
    [
        ("abc", 2, "utf-16", 2),
        ("a😀b", 3, "utf-16", 2),
        ("a😀b", 2, "utf-16", 1),  # between the halves of the surrogate pair
        ("a😀b", 5, "utf-8", 2),
        ("a😀b", 3, "utf-8", 1),  # inside the four bytes
        ("a😀b", 2, "utf-32", 2),
        ("é", 1, "utf-8", 0),
        ("abc", 2**31 - 1, "utf-16", 3),
        ("aé😀", 2**31 - 1, "utf-8", 3),
    ],
)
def test_known_places(line, character, encoding, index):
    assert to_index(line, character, encoding) == index


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-7", "utf-32", "utf-8"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
    ],
)
def test_the_clients_first_known_encoding_is_taken(offered, chosen):
    assert negotiated(offered) == chosen


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 8), ("utf-16", 5), ("utf-32", 4)])
def test_a_line_of_megabytes_is_counted_like_any_other(encoding, units):
    line = "aé😀a" * 100_000
    for place in (0, 1, 16_384, 16_385, 16_386, 65_536, 399_999, 400_000):
        before = to_units(line, place, encoding)
        assert before == place // 4 * units + to_units("aé😀a", place % 4, encoding)
        assert to_index(line, before, encoding) == place
    assert to_units(line, 400_001, encoding) == 100_000 * units
    assert to_index(line, 100_000 * units + 1, encoding) == 400_000
