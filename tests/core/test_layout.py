"""What a model is shown fits, whatever the files and the counts are, and keeps its frame."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core import completion
from arriero.core.acting import Choice
from arriero.core.acting import ask as ask_action
from arriero.core.actions import ACTIONS
from arriero.core.context import Block
from arriero.core.dialects import BY_NAME
from arriero.core.escape import EVERYTHING
from arriero.core.models import ModelInfo
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, TooLong
from thorough import thorough

lines = st.sampled_from(
    ["", "    x = 1", "<step>", "</s> <s>", "[INST] <<SYS>>", "\t" * 9, "é" * 20, "```", "a " * 90]
)
texts = st.lists(lines, max_size=60).map("\n".join)
FRAMES = {
    "source_destination": ("Source: system\n\n ", "Destination: user\n\n ```"),
    "llama2_inst": ("[INST] <<SYS>>\n", "[/INST] ```"),
    "infill": ("<PRE> <SUF>", " <MID> "),
    "template": ("", "```"),
    "plain": ("", ""),
}
CHATS = {
    "source_destination": (
        "Source: system\n\n Be good.",
        " <step> Source: assistant\nDestination: ",
    ),
    "llama2_inst": ("[INST] <<SYS>>\nBe good.", "[/INST]"),
}


def count(text: str) -> int:
    """Count in a vocabulary in which what meets makes more tokens than it had apart."""
    return len(text.encode()) // 3 + 3 * text.count("\n\n")


def info(limit: int) -> ModelInfo:
    return ModelInfo("m", "tgi", "", max_input_tokens=limit, max_total_tokens=limit + 50)


def check(text: str, dialect: str, limit: int) -> None:
    """A prompt has room for `<s>` and the answer, and its frame is whole."""
    begins, ends = FRAMES[dialect]
    assert count(text) + 1 <= limit
    assert text.startswith(begins)
    assert ends in text


@thorough
@given(texts, texts, st.integers(1, 900), st.sampled_from(sorted(FRAMES)), st.booleans())
def test_a_suggestion_is_never_asked_for_with_too_much(before, after, limit, dialect, midline):
    top = 0 if midline else 320
    excerpt = Excerpt("a.py", "python", before + "x" * midline, after, top=top)
    told = completion.Generation("Be good.", max_new_tokens=50)
    try:
        asked = completion.ask(excerpt, BY_NAME[dialect], count, info(limit), told)
    except TooLong:
        assert limit < 250  # the frame alone does not fit
        return
    check(asked.prompt.text, dialect, limit)


@thorough
@given(
    texts,
    texts,
    texts,
    st.integers(100, 2000),
    st.sampled_from(ACTIONS),
    st.sampled_from([*FRAMES]),
)
def test_an_action_is_never_asked_for_with_too_much(
    before, selected, after, limit, action, dialect
):
    excerpt = Excerpt("a.py", "python", before + "\n", "\n" + after, "def f():\n" + selected)
    about = ModelInfo("m", "tgi", "", max_input_tokens=limit, max_total_tokens=limit)
    try:
        asked = ask_action(Choice(action, excerpt), BY_NAME[dialect], count, about, "Be good.")
    except AnswerError:
        return
    except TooLong:
        # The region in its frame, and half as much again for the answer, do not fit.
        assert limit < 3 * count(EVERYTHING.escape(excerpt.selected)) + 700
        return
    text = asked.prompt.text
    assert count(text) + 1 + asked.prompt.max_new_tokens <= limit
    if asked.place is None or BY_NAME[dialect].converses:
        assert f"\n{BY_NAME[dialect].signs.escape(excerpt.selected)}\n```" in text
    begins, ends = CHATS.get(dialect, ("", ""))
    assert text.startswith(begins)
    assert ends in text


@pytest.mark.parametrize("dialect", FRAMES)
def test_as_much_is_shown_as_fits(dialect):
    before = "".join(f"line_{n} = {n}\n" for n in range(400))
    excerpt = Excerpt("a.py", "python", before + "x = ", "\ny = 1\n")
    told = completion.Generation("Be good.", max_new_tokens=50)
    asked = completion.ask(excerpt, BY_NAME[dialect], count, info(900), told)
    assert 500 < count(asked.prompt.text) + 1 <= 900
    assert "line_399 = 399\n" in asked.prompt.text
    assert "line_0 =" not in asked.prompt.text


@pytest.mark.parametrize("dialect", sorted(FRAMES.keys() - {"template"}))
def test_a_keystroke_changes_the_end_of_the_prompt_only(dialect):
    before = "".join(f"line_{n} = {n}\n" for n in range(40))
    told = completion.Generation("Be good.")

    def text(typed: str) -> str:
        excerpt = Excerpt("a.py", "python", before + typed, ")\nbelow = 1\n")
        return completion.ask(excerpt, BY_NAME[dialect], count, info(3000), told).prompt.text

    assert text("f(x,").removeprefix(text("f(")) == "x,"


@pytest.mark.parametrize(
    ("before", "prompt"),
    [
        ("def f():\n    return f(", "<PRE> <SUF>)\n<\u200b/s>\n <MID> def f():\n    return f("),
        ("def f():\n    return a.na", "<PRE> <SUF>)\n<\u200b/s>\n <MID> def f():\n    return a."),
        ("def f():\n    ret", "<PRE> <SUF>)\n<\u200b/s>\n <MID> def f():\n   "),
        ("", "<PRE> <SUF>)\n<\u200b/s>\n <MID> "),
    ],
)
def test_a_gap_is_shown_behind_whole_tokens_and_the_suffix_first(before, prompt):
    excerpt = Excerpt("a.py", "python", before, ")\n</s>\n")
    told = completion.Generation("Be good.")
    asked = completion.ask(excerpt, BY_NAME["infill"], count, info(3000), told)
    assert (asked.prompt.text, before) == (prompt, prompt.rpartition("<MID> ")[2] + asked.held)


def test_a_region_that_cannot_fit_is_refused_with_both_numbers():
    excerpt = Excerpt("a.py", "python", "", "", "x = 1\n" * 600)
    rewrite = next(action for action in ACTIONS if action.answer == "rewrite")
    about = ModelInfo("m", "tgi", "", max_input_tokens=3001, max_total_tokens=3001)
    with pytest.raises(TooLong, match=r"about 1\d{3} tokens .* up to \d{4}, .* 3000 in all"):
        ask_action(Choice(rewrite, excerpt), BY_NAME["source_destination"], count, about)


def test_the_role_is_the_settings_and_the_language_the_files():
    excerpt = Excerpt("a.rs", "rust", "", "", "fn f() {}\n")
    choice = Choice(ACTIONS[-1], excerpt)
    asked = ask_action(choice, BY_NAME["llama2_inst"], count, info(3000), "Hm.")
    assert "<<SYS>>\nHm. You are an expert in rust.\n<</SYS>>" in asked.prompt.text


OTHER = Block("lib.py", "def lent(): ...\n" * 110)


@pytest.mark.parametrize("dialect", sorted(FRAMES))
def test_parts_of_other_files_are_shown_where_the_prompt_has_room_for_them(dialect):
    excerpt = Excerpt("app.py", "python", "own = 1\n" * 20, "below = 2\n" * 20)
    told = completion.Generation("Be good.", max_new_tokens=50)
    size = count(OTHER.text)
    for limit, shown in ((8 * size, True), (size + 250, False)):
        asked = completion.ask(excerpt, BY_NAME[dialect], count, info(limit), told, others=[OTHER])
        check(asked.prompt.text, dialect, limit)
        assert ("lent" in asked.prompt.text, "own = 1" in asked.prompt.text) == (shown, True)


@thorough
@given(texts, texts, texts, st.integers(100, 900), st.sampled_from(sorted(FRAMES)))
def test_with_parts_of_other_files_there_is_never_too_much(before, after, other, limit, dialect):
    excerpt = Excerpt("a.py", "python", before, after)
    told = completion.Generation("Be good.", max_new_tokens=50)
    try:
        asked = completion.ask(
            excerpt, BY_NAME[dialect], count, info(limit), told, others=[Block("b.py", other)]
        )
    except TooLong:
        assert limit < 250
        return
    check(asked.prompt.text, dialect, limit)
