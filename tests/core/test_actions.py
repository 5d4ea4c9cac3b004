"""Actions: what the model is asked, and what its answer makes of the selected lines."""

import pytest

from arriero.core import acting
from arriero.core.acting import Choice, Problem
from arriero.core.actions import BY_ID
from arriero.core.dialects import BY_NAME
from arriero.core.models import ModelInfo
from arriero.errors import AnswerError, NotPossible
from marked import excerpt

CHAT = BY_NAME["source_destination"]
INFO = ModelInfo("codellama/CodeLlama-70b-Instruct-hf", "tgi", "http://127.0.0.1")
PROBLEM = Problem(1, "undefined name 'lenght'", "pyflakes", "F821")


def choice(id: str, marked: str, language: str = "python") -> Choice:
    return Choice(BY_ID[id], excerpt(marked, language=language), [PROBLEM])


def ask(id: str, marked: str, language: str = "python", dialect=CHAT) -> acting.Ask:
    chosen = choice(id, marked, language)
    return acting.ask(chosen, dialect, lambda text: len(text) // 3, INFO)


def check(id: str, marked: str, answer: str, after: str, *, language: str = "python"):
    """Choose the action, let the model say `answer`; the selected text becomes `after`."""
    asked = ask(id, marked, language)
    assert acting.read(answer, asked, choice(id, marked, language), whole=True).text == after


def refused(id: str, marked: str, answer: str, told: str, *, whole: bool = True, language="python"):
    with pytest.raises(AnswerError, match=told):
        acting.read(answer, ask(id, marked, language), choice(id, marked, language), whole=whole)


# Rewriting ---------------------------------------------------------------------------------------


def test_the_selection_becomes_the_code_in_the_fence():
    check("simplify", "⟦x = not not a\n⟧b\n", "x = bool(a)\n```\nHope it helps.", "x = bool(a)\n")


def test_the_selections_indent_is_kept():
    check(
        "simplify",
        "def f():\n⟦    if a:\n        return True\n    return False⟧\n",
        "if a:\n    return 1\nreturn 0\n```",
        "    if a:\n        return 1\n    return 0",
    )


def test_an_answer_that_was_cut_off_changes_nothing():
    refused("simplify", "⟦x = not not a⟧\n", "x = bo", "ran out of room", whole=False)


def test_an_answer_that_changes_nothing_is_said():
    refused("simplify", "⟦x  =  1⟧\n", "x = 1\n```", "sees nothing to change")


def test_an_empty_answer_is_said():
    refused("fix", "⟦x = 1⟧\n", "\n```", "no code")


def test_a_refusal_is_said():
    refused("fix", "⟦x = 1⟧\n", "I cannot fulfill your request.\n```", "declined")


def test_the_problem_is_told_with_its_line_and_source():
    prompt = ask("fix", "⟦def mean(xs):\n    return sum(xs) / lenght⟧\n").prompt.text
    assert "- line 2: undefined name 'lenght' (pyflakes F821)" in prompt
    assert prompt.endswith("Destination: user\n\n ```python\n")


@pytest.mark.parametrize(
    ("id", "tokens"),
    [("simplify", 30 * 3 // 2 + 64), ("fix", 109), ("implement", 109 + 200), ("explain", 400)],
)
def test_an_answer_has_room_for_half_as_much_again_as_its_region_at_least(id, tokens):
    full = "y = 2\n" * 4000
    assert ask(id, f"{full}⟦{'x = 1  # 9' * 9}⟧\n").prompt.max_new_tokens >= tokens


def test_what_the_prompt_leaves_over_is_the_answers_for_what_it_repeats():
    few, many = (ask("fix", f"{before}⟦x = 1⟧\n").prompt for before in ("", "y = 2\n" * 200))
    assert many.max_new_tokens - few.max_new_tokens >= len("y = 2\n" * 200) // 3


# Documentation -----------------------------------------------------------------------------------

PYTHON = "⟦def clamp(x, low, high):\n    return max(low, min(x, high))⟧\n"
SCRIPT = "⟦function clamp(x, low, high) {\n  return x;\n}⟧\n"


def test_the_docstrings_opening_is_put_into_the_models_mouth():
    asked = ask("document", PYTHON)
    assert asked.prompt.text.endswith('```python\ndef clamp(x, low, high):\n    """')
    assert asked.prompt.stop == ("<step>", "</s>", '"""')


def test_a_model_that_continues_text_is_given_the_text_alone():
    prompt = ask("document", "import os\n\n" + PYTHON, dialect=BY_NAME["plain"]).prompt.text
    assert prompt == 'import os\n\ndef clamp(x, low, high):\n    """'


def test_a_docstring_of_one_line():
    check(
        "document",
        PYTHON,
        'Keep x between low and high."""\n    return',
        'def clamp(x, low, high):\n    """Keep x between low and high."""\n'
        "    return max(low, min(x, high))",
    )


def test_a_docstring_of_several_lines():
    check(
        "document",
        PYTHON,
        'Keep x in bounds.\n\n    Both bounds count.\n    """',
        'def clamp(x, low, high):\n    """Keep x in bounds.\n\n    Both bounds count.\n    """\n'
        "    return max(low, min(x, high))",
    )


def test_a_block_comment_stands_above():
    check(
        "document",
        SCRIPT,
        "Keep x in bounds.\n * @param x the number\n */\nfunction",
        "/**\n * Keep x in bounds.\n * @param x the number\n */\n" + SCRIPT[1:-2],
        language="javascript",
    )


def test_line_comments_end_where_code_begins():
    check(
        "document",
        "⟦func Clamp(x int) int {\n\treturn x\n}⟧\n",
        "Clamp keeps x in bounds.\n// It never fails.\nfunc Clamp",
        "// Clamp keeps x in bounds.\n// It never fails.\nfunc Clamp(x int) int {\n\treturn x\n}",
        language="go",
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Keep x in bounds, and then", "did not finish"),
        ('"""', "says nothing"),
        ('Keep x in.\n    Keep x in.\n    """', "repeats itself"),
        ('Keep it so.\n    return max(low, min(x, high))\n    """', "repeats the code"),
        ('```python\n    and more words\n    """', "something else"),
        ('I cannot fulfill your request, sorry."""', "declined"),
    ],
)
def test_documentation_that_is_none_is_refused(answer, told):
    refused("document", PYTHON, answer, told)


def test_the_documentation_of_another_definition_is_refused():
    other = 'def g():\n    """Return the sum of both."""\n\n\n'
    refused("document", other + PYTHON, 'Return the sum of both."""', "repeats another")


@pytest.mark.parametrize(
    ("marked", "language", "told"),
    [
        ("⟦def f(x): return x⟧\n", "python", "lines of its own"),
        ("⟦import os\nimport sys⟧\n", "python", "no function, class or type"),
        ("⟦module.eval()⟧\n", "python", "no function, class or type"),
        ("⟦object.x = 1⟧\n", "python", "no function, class or type"),
        ("⟦key: value⟧\n", "yaml", "does not know how documentation is written in yaml"),
        ("/** It is. */\n⟦function f() {\n}⟧\n", "javascript", "already"),
        ("// F is.\n⟦func F() {\n}⟧\n", "go", "already"),
        ("/// It is.\n#[inline]\n⟦fn f() {\n}⟧\n", "rust", "already"),
    ],
)
def test_documentation_has_no_place_everywhere(marked, language, told):
    with pytest.raises(NotPossible, match=told):
        ask("document", marked, language)


@pytest.mark.parametrize(
    "head",
    [
        "def f(a,  # first:\n      b):",
        "def f(\n    options={\n        'a': 1,\n    },\n) -> dict[str,\n    int]:",
        "def f(a=':'):",
        "@cached(':')\ndef f():",
    ],
)
def test_a_docstring_stands_behind_the_whole_head(head):
    check(
        "document",
        f"⟦{head}\n    return 1⟧\n",
        'Return the number one."""',
        f'{head}\n    """Return the number one."""\n    return 1',
    )


def test_documented_code_is_not_documented_again():
    with pytest.raises(NotPossible, match="already"):
        ask("document", '⟦def f():\n    """It is."""⟧\n')


# Explaining --------------------------------------------------------------------------------------


def test_an_explanation_is_shown_as_it_is():
    check("explain", "⟦x = 1⟧\n", " It sets x. <step> Source: assistant", "It sets x.")


def test_an_explanation_is_asked_without_a_fence():
    asked = ask("explain", "⟦x = 1⟧\n")
    assert asked.prompt.text.endswith("Destination: user\n\n ")
    assert asked.prompt.stop == ("<step>", "</s>")


@pytest.mark.parametrize(
    ("id", "answer", "done"),
    [
        ("simplify", "x = 1\n", False),
        ("simplify", "x = 1\n```", True),
        ("document", "Keep", False),
        ("document", 'Keep it."""', True),
        ("explain", "It is <step>", True),
    ],
)
def test_the_stream_is_closed_when_the_answer_is_complete(id, answer, done):
    assert acting.complete(answer, ask(id, PYTHON), choice(id, PYTHON)) is done
