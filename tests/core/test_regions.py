"""Which lines an action is about when nothing is selected."""

import pytest

from arriero.core.regions import enclosing

PYTHON = """\
import os

@cached
def outer(a):
    def inner(b):
        return b

    return inner(a)


x = 1
y = 2
"""
SCRIPT = """\
const add = (a, b) => {
  return a + b;
};

class Stack {
  async pop() {
    if (this.empty) {
      return null;
    }
  }
}
"""
GO = "func Max(a, b int) int {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n"
C = "static int max(int a, int b)\n{\n    return a > b ? a : b;\n}\n"


@pytest.mark.parametrize(
    ("text", "line", "region"),
    [
        (PYTHON, 3, (2, 8)),
        (PYTHON, 5, (4, 6)),
        (PYTHON, 7, (2, 8)),
        (PYTHON, 10, (10, 12)),
        (PYTHON, 1, (1, 1)),
        (SCRIPT, 1, (0, 3)),
        (SCRIPT, 7, (5, 10)),
        (SCRIPT, 4, (4, 11)),
        (GO, 2, (0, 6)),
    ],
)
def test_the_smallest_definition_around_a_line(text, line, region):
    assert enclosing(text.split("\n"), line) == region
