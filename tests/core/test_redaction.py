"""Secrets go out of what a model is shown, and come back into what it says."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.redaction import MARK, NO_SECRETS, Found, Redactor
from arriero.core.text import Excerpt
from arriero.errors import AnswerError, NotSent
from thorough import thorough

SECRET = re.compile(r"s3cret-[a-z]+")


def find(text):
    return [Found(*match.span(), "a secret") for match in SECRET.finditer(text)]


REDACTOR = Redactor(find, b"key")

secrets = st.from_regex(SECRET, fullmatch=True)
words = st.sampled_from(
    ["a = ", '"', "\n", " ", "REDACTED", MARK, "redacted_x", "R", "é", "\u200b"]
)
texts = st.lists(secrets | words | st.text(max_size=8)).map("".join)


def excerpt(before: str, after: str = "", selected: str = "") -> Excerpt:
    return Excerpt("a.py", "python", before, after, selected)


# Out --------------------------------------------------------------------------------------------


@thorough
@given(texts, texts)
def test_no_secret_is_left_in_any_text(one, other):
    shown, _ = REDACTOR.redact(one, other)
    found = {match[0] for text in (one, other) for match in SECRET.finditer(text)}
    assert not any(secret in text for secret in found for text in shown)


@thorough
@given(texts)
def test_lines_stay_where_they_are(text):
    ((shown,), _) = REDACTOR.redact(text)
    assert shown.count("\n") == text.count("\n")


def test_a_placeholder_is_a_word_and_tells_nothing_of_the_secret():
    [name] = {REDACTOR.placeholder("s3cret-a"), REDACTOR.placeholder("s3cret-a")}
    assert re.fullmatch(r"REDACTED_[a-z2-7]{8}_", name)
    assert name != REDACTOR.placeholder("s3cret-b")
    assert name != Redactor(find, b"another key").placeholder("s3cret-a")


def test_the_same_secret_goes_out_of_all_texts_that_are_shown_together():
    shown, secrets = REDACTOR.redact("key = s3cret-a", "said: s3cret-ab")
    # The longer one is not half of the shorter one's placeholder.
    assert shown == (
        f"key = {REDACTOR.placeholder('s3cret-a')}",
        f"said: {REDACTOR.placeholder('s3cret-ab')}",
    )
    assert set(secrets.values.values()) == {"s3cret-a", "s3cret-ab"}


def test_a_secret_that_is_found_in_one_part_goes_out_of_the_others():
    whole = Redactor(lambda text: find(text) if text.startswith("key") else [], b"")
    shown, (message,), _ = whole.excerpt(excerpt("key = s3cret-a\n", "use"), "s3cret-a is wrong")
    assert "s3cret" not in shown.before + message


def test_a_secret_over_selection_and_line_is_found_in_the_whole_line():
    needs_name = Redactor(lambda text: find(text) if "key = " in text else [], b"")
    shown, _, _ = needs_name.excerpt(excerpt("key = ", "\nx", selected="s3cret-a"))
    assert shown.selected == needs_name.placeholder("s3cret-a")


@pytest.mark.parametrize(
    ("before", "after", "kept_back"),
    [
        ("key = s3cret-a", "b", True),
        ("key = s3cret-ab", "", True),
        ("key = s3cret-ab", '"', True),
        ("key = s3cret-abA", '"', True),  # a word that has begun with one
        ("key = ", "s3cret-ab", False),
        ("key = s3cret-ab ", "", False),
        ('key = "s3cret-ab"', "", False),
    ],
)
def test_at_a_secret_nothing_is_asked(before, after, kept_back):
    if not kept_back:
        REDACTOR.excerpt(excerpt(before, after))
        return
    with pytest.raises(NotSent, match=r"what looks like a secret \(a secret\)"):
        REDACTOR.excerpt(excerpt(before, after))


@pytest.mark.parametrize(("at", "kept_back"), [(0, False), (1, True), (7, True), (8, False)])
def test_within_a_secret_that_only_another_place_tells_nothing_is_asked(at, kept_back):
    by_its_name = Redactor(lambda text: [Found(6, 14, "a secret")], b"")
    used = "s3cret-a"
    asked = excerpt(f"key = {used}\nlog_in({used[:at]}", f"{used[at:]})")
    if not kept_back:
        shown, _, _ = by_its_name.excerpt(asked)
        assert used not in shown.before + shown.after
        return
    with pytest.raises(NotSent):
        by_its_name.excerpt(asked)


# Back -------------------------------------------------------------------------------------------


@thorough
@given(texts, texts)
def test_what_the_model_repeats_comes_back_as_it_was(one, other):
    shown, secrets = REDACTOR.redact(one, other)
    assert tuple(map(secrets.restore, shown)) == (one, other)
    assert secrets.remnant(one) is None
    assert secrets.checked(shown[0]) == one


@thorough
@given(texts, st.lists(st.integers(1, 9), min_size=1))
def test_a_stream_cut_anywhere_is_restored_the_same(text, sizes):
    (said,), secrets = REDACTOR.redact(text)
    shown, held, place = "", "", 0
    for size in itertools.islice(itertools.cycle(sizes), len(said)):
        held += said[place : place + size]
        place += size
        ready = secrets.settled(held)
        shown, held = shown + secrets.restore(held[:ready]), held[ready:]
    assert shown + secrets.restore(held) == text


NAME = REDACTOR.placeholder("s3cret-a")


@pytest.mark.parametrize(
    "spoiled",
    [NAME[:-1], NAME[:-2], NAME.lower(), NAME[:-1] + "x_", f"{MARK}0{NAME[len(MARK) :]}", MARK],
)
def test_a_placeholder_that_a_model_spoiled_is_not_applied(spoiled):
    _, secrets = REDACTOR.redact("key = s3cret-a")
    with pytest.raises(AnswerError, match="spoils a placeholder"):
        secrets.checked(f'x = "{spoiled}"')


@pytest.mark.parametrize("said", ["redacted_text", "REDACTED_", f"{MARK}aaaaaaaa"])
def test_what_is_the_persons_own_is_no_placeholder(said):
    _, secrets = REDACTOR.redact(f"key = s3cret-a; {said} = 1")
    assert secrets.checked(f"{said} = 2") == f"{said} = 2"
    assert NO_SECRETS.checked(f"{said} = 2") == f"{said} = 2"
