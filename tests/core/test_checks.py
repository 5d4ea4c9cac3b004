"""What a rewriting does to the whole file."""

from arriero.core import checks
from arriero.core.edits import Hunk
from arriero.core.rewriting import Rewriting
from arriero.core.syntax import Faults


class Scripted:
    """Finds a fault on every line that begins with `!`."""

    def faults(self, text, language):
        lines = [n for n, line in enumerate(text.split("\n")) if line.startswith("!")]
        return Faults(len(lines), tuple(lines))


def broken(before: str, new: str, start: int = 0, stop: int = 1) -> str:
    region = Hunk(start, stop, ())
    return checks.broken(Scripted(), "python", before.split("\n"), region, Rewriting(new))


def test_an_added_error_is_told_with_its_line():
    assert broken("a\nb", "!a") == "it has a syntax error near this line: !a"


def test_errors_that_were_there_are_no_objection():
    assert broken("a\n!b", "A") == ""
    assert broken("!a\n!b", "!a\nmore") == ""


def test_one_error_in_place_of_another_is_no_repair():
    assert broken("!a\nb", "!A") == "it has a syntax error near this line: !A"


def test_a_repair_that_leaves_another_error_alone_is_one():
    assert broken("!a\n!b", "A") == ""


def test_imports_and_code_at_one_place_are_one_hunk():
    lines = ["def f():", "    a", ""]
    new = Rewriting("def g():\n    a", ("import b",))
    hunks = checks.hunks(lines, Hunk(0, 2, ()), new, "python")
    assert hunks == (Hunk(0, 1, ("import b", "def g():")),)
    assert checks.applied(lines, hunks) == ["import b", "def g():", "    a", ""]
