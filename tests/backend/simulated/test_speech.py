"""What the simulated model says: the truth where it can know it, and never by luck.

In the files below, ⟦ and ⟧ mark what a document lacks (a completion) or what is selected.
"""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero_backend.simulated import speech
from arriero_backend.simulated.speech import APOLOGY, PROSE, REFUSAL
from arriero_backend.simulated.tokenizer import encode

SHAPES = '''"""Shapes."""

import math


class Circle:
    """A circle."""

    def __init__(self, r):
        self.r = r

    @property
    def area(self):
        """Return the area. It is never negative."""
        return math.pi * self.r**2

    def scale(self, by):
        self.r *= by


def total(shapes):
    """Add up the areas."""
    return sum(shape.area for shape in shapes)
'''
ADD = """import x from "x";

/**
 * Add two numbers.
 */
export function add(a, b) {
  if (a) {
    return a + b;
  }
  return b;
}

const k = 1;
"""
FILES = {"geo/shapes.py": SHAPES, "add.js": ADD, "geo/copy.py": SHAPES}


def prompt(user: str, prefill: str = "") -> str:
    return (
        f"Source: system\n\n Be careful. <step> Source: user\n\n {user} <step> "
        f"Source: assistant\nDestination: user\n\n {prefill}"
    )


def said(prompt: str) -> str:
    return speech.say(encode(prompt, add_special_tokens=True), FILES).text


# Completions ------------------------------------------------------------------------------------

# The same request in other words and orders: the answer has to be the same.
FRAMES = {
    "ours": (
        "Continue the code of {path} (python).\n\nCode after the cursor:\n```python\n{after}\n```"
        "\n\nCode before the cursor:\n```python\n{above}\n```\n\nGo on."
    ),
    "other words": (
        "File: {path}\n\n```\n{above}\n```\nFill in what comes next. Below:\n```\n{after}\n```"
    ),
    "no code below": "Complete {path}.\n```\n{above}\n```",
}


def check_completion(marked: str, path: str, frame: str, expected: str, *, step: int = 4) -> None:
    """Open a document that lacks what is between the marks; see this answer, up to its fence.

    The reply begins with the lines from an anchor on, `step` lines apart, and ends in no blank.
    """
    before, _, rest = marked.partition("⟦")
    _, _, after = rest.partition("⟧")
    written = before.rstrip()
    lines = written.split("\n")
    anchor = (len(lines) - 1) // step * step
    above, near = "\n".join(lines[:anchor]).rstrip("\n"), "\n".join(lines[anchor:])
    user = FRAMES[frame].format(path=path, above=above, after=after.partition("\n")[2].rstrip("\n"))
    assert said(prompt(user, f"```python\n{near}")) == f"{expected}\n```"


@pytest.mark.parametrize("step", [1, 4, 16])
@pytest.mark.parametrize("frame", ["ours", "other words"])
def test_a_missing_body_is_written_up_to_the_code_that_is_shown(frame, step):
    marked = SHAPES.replace(
        "        return math.pi * self.r**2\n", "        ⟦return math.pi * self.r**2⟧\n"
    )
    expected = "\n        return math.pi * self.r**2"
    check_completion(marked, "geo/shapes.py", frame, expected, step=step)


def test_the_rest_of_a_line_is_written():
    marked = SHAPES.replace("math.pi * self.r**2", "math.pi⟦ * self.r**2⟧")
    check_completion(marked, "geo/shapes.py", "ours", " * self.r**2")


def test_without_code_below_the_file_is_written_to_its_end():
    marked = SHAPES.replace("def total(shapes):", "def total⟦(shapes):")
    expected = (
        '(shapes):\n    """Add up the areas."""\n    return sum(shape.area for shape in shapes)'
    )
    check_completion(marked + "⟧", "geo/shapes.py", "no code below", expected)


def test_where_nothing_is_missing_nothing_is_written():
    marked = SHAPES.replace("class Circle:", "⟦⟧\nclass Circle:").replace("math\n\n\n⟦", "math⟦")
    check_completion(marked, "geo/shapes.py", "ours", "")


def test_of_equal_places_the_top_of_the_file_is_meant_where_no_code_is_shown_above():
    twice = {"add.js": ADD + "import y;\n"}
    user = FRAMES["ours"].format(path="add.js", above="", after=ADD.partition("\n")[2].rstrip())
    asked = prompt(user, "```js\nimport")
    assert speech.say(encode(asked, add_special_tokens=True), twice).text == ' x from "x";\n```'


def test_of_equal_places_the_one_nearest_to_the_code_below_is_meant():
    twice = {"a.py": "#\na = 1\nb = 1\n\na = 1\n\n\nc = 1\n"}
    asked = prompt("Continue a.py.\n```\nc = 1\n```", "```python\na =")
    assert speech.say(encode(asked, add_special_tokens=True), twice).text == " 1\n```"


def test_a_reply_hardly_begun_goes_on_where_it_is_asked_to():
    below = ADD[ADD.index("/**") :].rstrip()
    asked = prompt(f"Continue add.js at the cursor.\n```\n{below}\n```", "```js\n")
    assert said(asked) == 'import x from "x";\n```'


def test_a_file_is_known_by_the_end_of_its_path():
    marked = ADD.replace("return b;", "return⟦ b;⟧")
    check_completion(marked, "add.js", "ours", " b;")
    check_completion(marked, "home/me/project/add.js", "ours", " b;")


@given(st.integers(0, len(SHAPES) - 1))
def test_at_every_place_the_answer_is_the_truth(place):
    marked = f"{SHAPES[:place]}⟦{SHAPES[place:]}⟧"
    truth = SHAPES[len(SHAPES[:place].rstrip()) :].rstrip()
    if SHAPES[:place].strip():
        check_completion(marked, "geo/shapes.py", "no code below", truth, step=16)


@pytest.mark.parametrize(
    ("user", "prefill"),
    [
        ("Continue geo/shapes.py.", "```python\ndef unknown():\n    return"),
        # Two places, or two files, that fit as well.
        ("Continue geo/shapes.py.", '```python\n    """'),
        ("Continue the code.", "```python\ndef total(shapes):"),
        ("Continue nothing.py.", "```python\nx ="),
        ("Rewrite this:\n```\nfoo(1)\n```", "```python\n"),
    ],
)
def test_what_the_truth_does_not_know_gets_an_apology(user, prefill):
    assert said(prompt(user, prefill)) == APOLOGY


# Rewriting --------------------------------------------------------------------------------------


def check_rewrite(
    marked: str, path: str, expected: str, *, prefill: str = "", fence: str = "```"
) -> None:
    """Select the marked lines of a document; see them rewritten as expected."""
    before, _, rest = marked.partition("⟦")
    selected, _, after = rest.partition("⟧")
    user = (
        f"This is about {path}.\n\nCode before it:\n{fence}\n{before.strip()}\n{fence}\n\n"
        f"Code after it:\n{fence}\n{after.strip()}\n{fence}\n\n"
        f"The code:\n{fence}python\n{selected}\n{fence}\n\nRepair it: 'continue' is not in a loop."
    )
    assert said(prompt(user, f"{fence}python\n{prefill}")) == f"{expected}\n{fence}"


AREA = SHAPES[SHAPES.index("    @property") : SHAPES.index("\n    def scale")]


@pytest.mark.parametrize(
    "mistaken",
    [
        AREA.replace("self.r", "self.rr"),
        AREA.replace("    @property\n", ""),
        AREA.replace('        """Return the area. It is never negative."""\n', ""),
        AREA.replace("math.pi", "pi").replace("(self)", "()"),
    ],
)
def test_a_definition_is_rewritten_whole(mistaken):
    marked = SHAPES.replace(AREA, f"⟦{mistaken}⟧")
    expected = AREA if "@property" in mistaken else AREA.replace("    @property\n", "")
    check_rewrite(marked, "geo/shapes.py", expected.rstrip("\n"))


def test_lines_inside_a_definition_are_rewritten_by_the_lines_around_them():
    marked = SHAPES.replace("        self.r *= by\n", "⟦        self.r += bye\n⟧")
    check_rewrite(marked, "geo/shapes.py", "        self.r *= by")


def test_braces_end_a_definition():
    function = ADD[ADD.index("export") : ADD.index("\nconst")]
    marked = ADD.replace(function, f"⟦{function.replace('return b;', 'return c;')}⟧")
    check_rewrite(marked, "add.js", function.rstrip("\n"))


def test_code_is_rewritten_at_the_indent_it_is_shown_at():
    marked = f"⟦{textwrap.dedent(AREA).replace('self.r', 'r')}⟧"
    check_rewrite(marked, "geo/shapes.py", textwrap.dedent(AREA).rstrip("\n"))


def test_documentation_is_gone_on_with():
    bare = AREA.replace('        """Return the area. It is never negative."""\n', "")
    check_rewrite(
        SHAPES.replace(AREA, f"⟦{bare}⟧"),
        "geo/shapes.py",
        'Return the area. It is never negative."""\n        return math.pi * self.r**2',
        prefill='    @property\n    def area(self):\n        """',
    )


def test_a_comment_above_is_gone_on_with():
    bare = ADD.replace("/**\n * Add two numbers.\n */\n", "")
    function = bare[bare.index("export") : bare.index("\nconst")]
    expected = f" Add two numbers.\n */\n{function}".rstrip("\n")
    check_rewrite(bare.replace(function, f"⟦{function}⟧"), "add.js", expected, prefill="/**\n *")


def test_a_longer_fence_is_closed_by_one_as_long():
    marked = SHAPES.replace(AREA, f"⟦{AREA}⟧")
    check_rewrite(marked, "geo/shapes.py", AREA.rstrip("\n"), fence="````")


# Explaining -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("geo/shapes.py", AREA, "The code shown is `area`. Return the area."),
        ("add.js", ADD[ADD.index("export") :], "The code shown is `add`. Add two numbers."),
        (
            "geo/shapes.py",
            "    def scale(self, by):\n        self.r *= by\n",
            "The code shown is `scale`. It takes 2 lines to do its work.",
        ),
        ("geo/shapes.py", "foo(1)", APOLOGY),
    ],
)
def test_an_explanation_is_prose_that_the_truth_supports(path, code, expected):
    assert said(prompt(f"About {path}:\n```\n{code}\n```\nExplain it.")) == expected


# Prompts that are amiss -------------------------------------------------------------------------

GOOD = prompt("Continue geo/shapes.py.", "```python\n    def scale(self, by):")


def test_the_good_prompt_gets_the_truth():
    assert said(GOOD).startswith("\n        self.r *= by")


@pytest.mark.parametrize(
    ("broken", "answer"),
    [
        ("<s>" + GOOD, ""),
        (GOOD.replace("user\n\n ```", "user\n\n```"), PROSE),
        (GOOD.replace("Source: system\n\n Be careful. <step> ", ""), REFUSAL),
        (GOOD.replace("Continue", "A <step> tag. Continue"), REFUSAL),
        (GOOD.replace("Continue", "Old <HTML> <PRE> tags. Continue"), REFUSAL),
    ],
    ids=["doubled <s>", "no space", "no system", "a <step>", "a <PRE>"],
)
def test_a_broken_prompt_never_gets_it(broken, answer):
    assert said(broken) == answer


def test_a_step_that_was_taken_apart_does_no_harm():
    assert said(GOOD.replace("Continue", "A <\u200bstep> tag. Continue")) == said(GOOD)
