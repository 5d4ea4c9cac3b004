"""Counting by lines: the sum is right whatever was counted before, and a keystroke is cheap."""

import time
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from arriero.core import completion
from arriero.core.dialects import BY_NAME
from arriero.core.models import ModelInfo
from arriero.core.text import Excerpt
from arriero.model import lines
from arriero.model.lines import Lines, changed
from arriero.model.tokens import by_tokenizer

texts = st.lists(st.sampled_from(["a", "B", "é", "\n", "\t", "  ", "word"])).map("".join)

# Longer than the beginning by which a text is known again.
FRAME = "a frame that every text begins with, as those of one document do, and as prompts do\n"


class Seen(Lines):
    """Keeps the texts whose lines were added up."""

    def __init__(self, measure, line_end) -> None:
        super().__init__(measure, line_end)
        self.sums: list[str] = []

    def _tenths(self, text):
        self.sums.append(text)
        return super()._tenths(text)


def measure(line: str) -> int:
    """Count a line so that no two lines of the same length count alike."""
    return sum(ord(sign) * place for place, sign in enumerate(line, start=1))


def measured() -> Lines:
    return Lines(measure, line_end=10)


def listed(asked: list[str]) -> Lines:
    return Lines(lambda line: asked.append(line) or 10, line_end=10)


def tenths(text: str) -> int:
    return sum(map(measure, text.split("\n"))) + 10 * text.count("\n")


@given(st.lists(texts, max_size=6))
def test_lines_add_up_to_the_text_whatever_was_counted_before(several):
    counted = measured()
    for text in (*several, *(FRAME + text for text in several)):
        assert counted.count(text) == -(-tenths(text) // 10)


@given(texts, texts, texts)
def test_a_text_that_grows_is_counted_anew(text, typed, below):
    counted = measured()
    for now in (FRAME, FRAME + text + below, FRAME + text + typed + below, FRAME + below):
        assert counted.count(now) == -(-tenths(now) // 10)


@given(texts, texts, texts, texts)
def test_where_texts_differ(above, below, one, other):
    old, new = above + one + below, above + other + below
    start, old_stop, stop = changed(old, new)
    assert new[:start] == old[:start]
    assert new[stop:] == old[old_stop:]
    assert start == 0 or new[start - 1] == "\n"
    assert stop == len(new) or new[stop] == "\n"
    assert start <= min(stop, old_stop)


def test_a_keystroke_costs_one_line():
    asked: list[str] = []
    counted = listed(asked)
    text = "".join(f"line {n}\n" for n in range(300))
    counted.count(text)
    asked.clear()
    counted.count(text.replace("line 150", "line 150x"))
    assert asked == ["line 150x"]


@pytest.mark.parametrize(("between", "costs_a_line"), [(lines.RECENT - 1, True), (99, False)])
def test_the_counts_of_the_latest_texts_are_kept(between, costs_a_line):
    seen = Seen(len, line_end=10)
    text = "".join(f"line {n}\n" for n in range(300))
    seen.count(text)
    for n in range(between):
        seen.count(f"{n}\n{n}\n")
        seen.count(f"single line {n}\n")
    seen.sums.clear()
    seen.count(text + "x")
    assert (max(map(len, seen.sums)) < 20) == costs_a_line


def test_a_frame_does_not_push_out_the_prompt_that_begins_like_it():
    seen = Seen(len, line_end=10)
    text = FRAME + "".join(f"line {n}\n" for n in range(300))
    seen.count(text)
    seen.count(FRAME + "short\n")
    seen.sums.clear()
    seen.count(text + "x")
    assert max(map(len, seen.sums)) < 20


@pytest.mark.parametrize(("line", "kept"), [("x" * 2000, True), ("x" * 2001, False)])
def test_only_lines_of_a_usual_length_are_kept(line, kept):
    asked: list[str] = []
    counted = listed(asked)
    counted.count(line)
    counted.count(line)
    assert len(asked) == (1 if kept else 2)


def test_the_lines_that_are_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(lines, "MOST_LINES", 4)
    asked: list[str] = []
    counted = listed(asked)
    for text in ("a", "b", "c", "d", "e", "d\n", "a\n"):
        counted.count(text)
    assert asked == ["a", "b", "c", "d", "e", "a"]


def test_what_is_learned_of_a_line_counts_from_then_on():
    counted = Lines(len, line_end=10)
    counted.count("aa\nb\nc")
    counted.learn("aa", 100)
    assert counted.count("aa\nb\nc") == 13  # 100, two line ends and two letters, in tenths


@pytest.mark.parametrize("dialect", ["source_destination", "llama2_inst", "infill", "plain"])
def test_a_key_typed_costs_a_suggestion_the_lines_that_it_changes(dialect):
    asked: list[str] = []
    counted = listed(asked)
    before = "".join(f"line_{n} = {n}\n" for n in range(384))
    after = "\n" + "".join(f"below_{n} = {n}\n" for n in range(256))
    info = ModelInfo("m", "tgi", "", max_input_tokens=600, max_total_tokens=800)

    def suggest(typed: str) -> None:
        excerpt = Excerpt("a.py", "python", before + typed, after)
        told = completion.Generation("Be good.")
        completion.ask(excerpt, BY_NAME[dialect], counted.count, info, told)

    suggest("x = f(")
    asked.clear()
    suggest("x = f(y, ")
    assert asked
    assert all(line.endswith("x = f(y,") for line in asked)


def test_ten_kilobytes_are_counted_fifty_times_faster_after_a_keystroke():
    letters = "abcdefghijklmnopqrstuvwxyz =().\n"
    words = [one + other for one in letters[:26] for other in letters[:26]]
    vocabulary = {piece: place for place, piece in enumerate([*letters, *words])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [(w[0], w[1]) for w in words]))
    count = by_tokenizer(tokenizer)
    text = "    some = value.of(another)\n" * 350
    edited = [text[:place] + "q" + text[place:] for place in range(0, len(text), 100)]
    whole = median(seconds(tokenizer.encode, each) for each in edited)
    keystroke = median(seconds(count, each) for each in edited)
    assert whole / keystroke >= 50


def seconds(call, text: str) -> float:
    began = time.perf_counter()
    call(text)
    return time.perf_counter() - began
