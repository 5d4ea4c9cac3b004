"""Noise to order: the true code is in it, and the same seed brings the same noise."""

from __future__ import annotations

from random import Random

import pytest

from arriero_backend.simulated.noise import FORMS, Answer, wrapped
from arriero_backend.simulated.orders import Orders

CODE = "    if a:\n        return 1\n    return 0"
ANSWER = Answer(CODE, "def f(a):\n", "\n\ng()", "    return int(a)")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_changes_the_answer_and_says_the_same_for_the_same_seed(form):
    says = {wrapped(ANSWER, [form], Random(seed)) for seed in range(20)}
    assert ANSWER.text() not in says
    assert says == {wrapped(ANSWER, [form], Random(seed)) for seed in range(20)}


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"diff"}))
def test_the_words_of_the_code_are_all_there_in_order(form):
    for seed in range(20):
        left = wrapped(ANSWER, [form], Random(seed))
        for word in CODE.split():
            _, found, left = left.partition(word)
            assert found


def test_forms_go_one_after_the_other():
    assert wrapped(ANSWER, ["no-fence", "crlf"], Random(1)) == CODE.replace("\n", "\r\n")


def test_without_orders_there_is_no_noise():
    assert wrapped(ANSWER, Orders().noise, Random(1)) == f"{CODE}\n```"
