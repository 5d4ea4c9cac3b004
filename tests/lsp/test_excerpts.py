"""The window around a place: whole lines as long as they have room, and never more than that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arriero.lsp import excerpts
from arriero.lsp.documents import Document
from arriero.lsp.positions import Position

lines = st.lists(st.text("ab ", max_size=60), min_size=1, max_size=40)


@pytest.fixture(autouse=True, scope="module")
def small_window():
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"CHARACTERS": 50, "CHARACTER_STEP": 10, "TOP_STEP": 4}.items():
            patch.setattr(excerpts, name, value)
        yield


def document(text: str) -> Document:
    return Document("file:///a.py", "python", 1, text, "utf-16")


@settings(max_examples=300)
@given(lines, st.data())
def test_what_stands_around_a_cursor(lines, data):
    line = data.draw(st.integers(0, len(lines) - 1))
    index = data.draw(st.integers(0, len(lines[line])))
    excerpt = excerpts.at(document("\n".join(lines)), Position(line, index), None)
    above = "\n".join([*lines[:line], lines[line][:index]])
    below = "\n".join([lines[line][index:], *lines[line + 1 :]])
    assert above.endswith(excerpt.before)
    assert below.startswith(excerpt.after)
    assert max(len(excerpt.before), len(excerpt.after)) <= 51
    assert excerpt.line == line
    whole = above[: len(above) - len(excerpt.before)]
    # From a line's beginning, or from a step in the cursor's own.
    assert whole[-1:] in ("", "\n") or (
        excerpt.top == line and (index - len(excerpt.before)) % 10 == 0
    )
    assert len(above) > 40 or excerpt.before == above


@settings(max_examples=100)
@given(lines, st.data())
def test_what_stands_around_a_selection(lines, data):
    start = data.draw(st.integers(0, len(lines) - 1))
    stop = data.draw(st.integers(start + 1, len(lines)))
    excerpt = excerpts.of(document("\n".join(lines)), start, stop, None)
    assert excerpt.selected == "\n".join(lines[start:stop])
    whole = excerpt.before + excerpt.selected + excerpt.after
    assert whole in "\n".join(lines)
    assert max(len(excerpt.before), len(excerpt.after)) <= 51
    assert excerpt.line == start


def test_the_top_stays_while_the_cursor_goes_down():
    text = document("x = 1\n" * 40)
    tops = [excerpts.at(text, Position(line, 0), None).top for line in range(10, 20)]
    assert tops == [4, 4, 4, 8, 8, 8, 8, 12, 12, 12]
