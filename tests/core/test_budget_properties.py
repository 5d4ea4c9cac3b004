"""What holds of a budget whatever the texts, and however tokens are counted."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from arriero.core.budget import Part, fit
from arriero.errors import TooLong
from thorough import thorough

COUNTERS = {
    "characters": len,
    "three to a token": lambda text: math.ceil(len(text) / 3),
    "more where lines meet": lambda text: len(text) + 2 * text.count("a\na"),
    "fewer where lines meet": lambda text: len(text) - text.count("\n\n"),
    "words and line ends": lambda text: len(text.split()) + text.count("\n"),
}
lines = st.sampled_from(["", "a", "a b", "    x = 1", "é" * 30, "x" * 200])
texts = st.lists(lines, max_size=12).map("\n".join)
ends = st.sampled_from(["first", "last"])
counters = st.sampled_from(sorted(COUNTERS))
parts = st.lists(
    st.builds(Part, texts, st.integers(1, 3), ends, st.sampled_from([0.25, 1.0])), max_size=4
)


@thorough
@given(parts, st.sampled_from(["", "the frame\nof it all"]), counters, st.integers(-5, 400))
def test_what_is_kept_fits_in_whole_lines_and_the_frame_is_whole(parts, frame, counter, limit):
    count = COUNTERS[counter]
    try:
        kept_frame, *kept = fit([Part(frame, rank=0), *parts], count, limit)
    except TooLong:
        assert limit < max(count(frame), 1)
        return
    assert kept_frame == frame
    assert count(frame) + sum(map(count, kept)) <= limit
    for part, text in zip(parts, kept, strict=True):
        if part.keep == "first":
            assert part.text.startswith(text)
            assert text == part.text or text[-1:] in ("", "\n")
        else:
            assert part.text.endswith(text)
            above = part.text.removesuffix(text)
            # Of a line that is longer than all the room its end is kept.
            assert above[-1:] in ("", "\n") or "\n" not in text[:-1]


@thorough
@given(parts, counters, st.integers(1, 400))
def test_what_matters_less_takes_nothing_from_what_matters_more(parts, counter, limit):
    count = COUNTERS[counter]
    ranked = [replace(part, rank=rank) for rank, part in enumerate(parts)]
    alone = fit(ranked[:-1], count, limit)
    assert fit(ranked, count, limit)[: len(alone)] == alone


@thorough
@given(texts, ends, st.integers(1, 400))
def test_no_line_is_left_out_that_has_room(text, keep, limit):
    (kept,) = fit([Part(text, 0, keep)], len, limit)
    if keep == "first":
        left = text.removeprefix(kept)
        cut = left.partition("\n")[0] + "\n"
    else:
        left = text.removesuffix(kept)
        cut = left.removesuffix("\n").rpartition("\n")[2] + "\n"
    assert not left or len(kept) + len(cut) > limit
