"""The short form of `make bench-context`: on arriero itself, and in a small tree of files."""

from pathlib import Path
from statistics import mean

from benchmarks import cold, context

SERVER = Path(__file__).parents[2] / "server"


async def test_the_model_is_shown_what_the_next_line_needs(tmp_path):
    result = await context.measured("arriero", SERVER, tmp_path, 40)
    assert len(result.shown) == 40
    assert mean(result.shown) >= 0.8
    assert mean(result.alone) <= 0.2


def test_cases_are_uses_of_what_is_imported_from_another_file(tmp_path):
    (tmp_path / "a.py").write_text("def one(): ...\ndef two(): ...\n")
    (tmp_path / "b.py").write_text("def two(): ...\n")
    (tmp_path / "c.py").write_text(
        "import os\nfrom a import one, two\n\n# one\nx = one()\ny = two()\nz = os.name\n"
    )
    found = [(case.path, case.line, case.definition.path) for case in context.cases(tmp_path)]
    assert found == [("c.py", 4, "a.py")]  # there are two of the other name


def test_suggestions_are_made_while_a_workspace_is_read():
    idle, busy = cold.measured(files=400, sources=200, asked=5)
    assert len(idle.times) == len(busy.times) == 5
    assert not idle.still_reading
