"""Where tests are written: where the project has them."""

import pytest

from arriero.core.testing import HABITS, place


@pytest.mark.parametrize(
    ("path", "language", "files", "tests"),
    [
        # Those that there are.
        ("calc.py", "python", ["calc.py", "test_calc.py"], "test_calc.py"),
        ("src/calc/add.py", "python", ["tests/calc/test_add.py"], "tests/calc/test_add.py"),
        ("src/a.ts", "typescript", ["src/a.ts", "src/a.spec.ts"], "src/a.spec.ts"),
        # What the project does for others.
        ("a.py", "python", ["b.py", "b_test.py", "c.py"], "a_test.py"),
        ("src/p/a.py", "python", ["src/p/q/b.py", "tests/q/test_b.py"], "tests/test_a.py"),
        ("pkg/a.py", "python", ["pkg/b.py", "tests/pkg/test_b.py"], "tests/pkg/test_a.py"),
        ("src/a.js", "javascript", ["src/b.js", "src/__tests__/b.test.js"], None),
        # A folder for them.
        ("pkg/a.py", "python", ["pkg/a.py", "test/data.txt"], "test/test_a.py"),
        # The language's way.
        ("pkg/a.py", "python", ["pkg/a.py"], "tests/test_a.py"),
        ("pkg/a.go", "go", [], "pkg/a_test.go"),
        ("src/main/java/x/A.java", "java", [], "src/test/java/x/ATest.java"),
        ("lib/a.rb", "ruby", ["lib/a.rb"], "spec/a_spec.rb"),
    ],
)
def test_tests_belong_where_the_project_has_them(path, language, files, tests):
    assert place(path, language, files) == (tests or "src/__tests__/a.test.js")


def test_no_place_is_known_for_other_languages():
    assert place("a.css", "css", []) is None


@pytest.mark.parametrize("language", HABITS)
def test_a_place_is_never_the_file_itself(language):
    assert place("src/main/a.x", language, ["src/main/a.x"]) != "src/main/a.x"
