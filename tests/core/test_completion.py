"""Suggestions: what the model is shown, and what of its answer is inserted."""

import json
from pathlib import Path

import pytest

from arriero.core import completion
from arriero.core.dialects import BY_NAME
from arriero.core.models import ModelInfo
from arriero.errors import TooLong
from marked import excerpt

CHAT = BY_NAME["source_destination"]
PLAIN = BY_NAME["plain"]
BLOCKS = json.loads(Path(__file__).with_name("shown.json").read_text("utf-8"))


def ask(marked: str, dialect=CHAT, limit: int = 3000) -> completion.Ask:
    info = ModelInfo("m", "tgi", "", limit * 3 + 1, limit * 3 + 201)
    return completion.ask(excerpt(marked), dialect, len, info, completion.Generation("Be good."))


def check(marked: str, answer: str, inserted: str | None, *, whole: bool = True, dialect=CHAT):
    """The model goes on with `answer`; the person is offered `inserted`."""
    asked, at = ask(marked, dialect), excerpt(marked)
    said, _ = completion.heard(answer, asked)
    added = said.removeprefix(asked.held) if said.startswith(asked.held) else ""
    text = added and completion.shown(added, at, several=asked.several, whole=whole)
    assert (text or None) == inserted


# What is inserted --------------------------------------------------------------------------------


def test_the_rest_of_the_line():
    check("def add(a, b):\n    return ‸\n", " a + b\n```", "a + b")


def test_the_rest_of_the_line_after_a_whole_word():
    check("def add(a, b):\n    return‸\n", "\n    return a + b\n```", " a + b")


def test_a_word_that_is_being_typed_is_taken_up():
    check("total = 1\nprint(tot‸)\n", "total)\n", "al")


def test_an_answer_that_goes_another_way_is_dropped():
    check("total = 1\nprint(tot‸)\n", "sum)\n", None)


def test_a_block_ends_where_its_indent_ends():
    check(
        "def f(x):\n    ‸\n",
        "\n    y = x\n    return y\n\ndef g():\n    pass\n```",
        "y = x\n    return y",
    )


def test_a_block_is_as_deep_as_its_first_line():
    check(
        "def f(x):\n‸\n",
        "\n    return x\n\ndef g(x):\n    return x\n```",
        "    return x",
    )


def test_a_block_that_the_line_opens():
    check("if (a) {‸\n", "\n    b();\n}\nc();\n```", "\n    b();\n}")


def test_a_block_stops_at_the_line_below():
    check("x = 1\n‸\nprint(x)\n", "\ny = 2\nprint(x)\nz = 3\n```", "y = 2")


@pytest.mark.parametrize("case", BLOCKS, ids=lambda case: case["text_at"])
def test_a_block_ends_where_its_language_closes_it(case):
    at = excerpt(case["text_at"], language=case["language"])
    several = completion.wants_several(at)
    assert completion.shown(case["answer"], at, several=several, whole=True) == case["inserted"]


def test_brackets_that_the_editor_closed_are_not_closed_again():
    check("print(‸)\n", "x, y)\n```", "x, y")


def test_brackets_that_the_suggestion_opened_are_closed():
    check("print(‸)\n", "len(x))\n```", "len(x)")


def test_the_rest_of_the_line_is_not_repeated():
    check("for ‸ in items:\n", " item in items:\n```", "item")


def test_half_a_line_is_not_offered_in_a_block():
    check("def f():\n    ‸\n", "\n    a = 1\n    b = a +", "a = 1", whole=False)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " \n```",
        " <step> Source: assistant\nEOT: true <step>",
    ],
)
def test_nothing_is_offered_for_nothing(answer):
    check("x = 1\ny =‸\n", answer, None)


def test_a_leaked_header_is_cut():
    check("y =‸\n", " 2 Source: assistant\nEOT: true", " 2")


def test_a_line_with_one_half_of_a_header_is_code():
    check("y =‸\n", ' "Source: assistant"\n```', ' "Source: assistant"')


def test_special_tokens_of_the_file_come_back_whole():
    check('a = "<step>"\nb =‸\n', ' "<\u200bstep>"\n```', ' "<step>"')


def test_the_line_above_is_not_offered_again():
    check("import os\n‸\n", "\nimport os\n```", None)


def test_repetition_is_not_offered():
    check("x = [‸\n", "\n    1,\n    1,\n    1,\n    1,\n", None, whole=False)


def test_equal_items_are_no_repetition():
    check("x = [‸\n", "\n    1,\n    1,\n    1,\n]\n```", "\n    1,\n    1,\n    1,\n]")


def test_a_bracket_that_stands_below_is_not_closed_again():
    check("function f() {‸\n}\n", "\n  g();\n}\n```", "\n  g();")


def test_blanks_before_the_rest_of_the_line_stay():
    check("foo(‸b)\n", "a, b)\n```", "a, ")


def test_the_line_end_before_the_rest_of_the_line_stays():
    check("foo(‸)\n", "\n    a,\n    b,\n)\n```", "\n    a,\n    b,\n")


def test_half_a_word_is_not_offered():
    check("x = ‸\n", " first + seco", "first + ".rstrip(), whole=False)


def test_inside_a_word_only_what_leads_to_its_rest_is_offered():
    check("window/pro‸ate = 1\n", "progress/cre", None, whole=False)
    check("window/pro‸ate = 1\n", "progress/create = 1\n", "gress/cre")


@pytest.mark.parametrize(
    "answer", ["Sure, here is the code:\n```", "I'm sorry, but I do not know this code.\n```"]
)
def test_prose_is_not_offered(answer):
    check("‸\n", answer, None)


def test_a_model_that_continues_text():
    check("def add(a, b):\n    return‸\n", "\n    return a + b\n\n\ndef", " a + b", dialect=PLAIN)


# When the GPU is let go --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "answer", "done"),
    [
        ("x =‸\n", " 1", False),
        ("x =‸\n", " 1\n", True),
        ("x = tot‸\n", "t", False),
        ("def f():\n    ‸\n", "\n    a = 1\n", False),
        ("def f():\n    ‸\n", "\n    a = 1\n\nd", False),
        ("def f():\n    ‸\n", "\n    a = 1\n\ndef g():\n", True),
        ("def f():\n    ‸\n", "\n    a = 1\n```\n", True),
        ("def f():\n    ‸\n", "\n    g(1)\n    g(1)\n    g(1)\n    g(1)\n", True),
    ],
)
def test_the_stream_is_closed_when_the_answer_is_complete(marked, answer, done):
    asked, at = ask(marked), excerpt(marked)
    added, closed = completion.heard(answer, asked)
    found = closed or completion.settled(added, at, several=asked.several, patient=True)
    assert (found or completion.enough(added, at, lines=completion.MOST_LINES)) is done


# What the model is shown -------------------------------------------------------------------------


def test_the_reply_begins_with_the_code_before_the_cursor():
    prompt = ask("def add(a, b):\n    return ‸\nprint(add(1, 2))\n").prompt
    assert prompt.text.endswith(
        "Source: assistant\nDestination: user\n\n ```python\ndef add(a, b):\n    return"
    )
    assert "Code after the cursor:\n```python\nprint(add(1, 2))\n```" in prompt.text
    assert prompt.stop == ("<step>", "</s>", "\n```")


def test_between_two_keys_only_the_tail_of_the_prompt_grows():
    lines = "".join(f"line_{n} = {n}\n" for n in range(40))
    one = ask(lines + "x = ‸\ny\n").prompt.text
    two = ask(lines + "x = 1 + ‸\ny\n").prompt.text
    assert two.startswith(one)


def test_a_long_file_keeps_the_lines_at_the_cursor():
    above = "".join(f"above_{n} = {n}\n" for n in range(2000))
    below = "".join(f"below_{n} = {n}\n" for n in range(2000))
    prompt = ask(f"{above}x = ‸\n{below}", limit=1000).prompt.text
    assert len(prompt) <= 3000
    assert "above_1999" in prompt
    assert "below_0 " in prompt
    assert "above_0 " not in prompt
    assert "below_1999" not in prompt


def test_what_does_not_fit_at_all_is_said():
    with pytest.raises(TooLong, match="context"):
        ask("x = ‸\n", limit=10)


def test_a_stop_that_stands_in_the_file_is_not_asked_for():
    assert ask('a = "</s>"\nb =‸\n').prompt.stop == ("<step>", "\n```")


def test_a_fence_in_the_file_gets_a_longer_one():
    asked = ask('"""\n```\nx\n```\n"""\ny =‸\n')
    assert asked.prompt.stop[-1] == "\n````"
    assert "````python" in asked.prompt.text


def test_a_model_that_continues_text_is_shown_the_text_alone():
    assert ask("import os\n\nx = os.‸\n", PLAIN).prompt.text == "import os\n\nx = os."
