"""Which definition a place is in, in every language that has definitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero import syntax
from arriero.syntax.grammars import GRAMMARS, LARGEST

SAMPLES = {
    "c": "int a;\n⟦int *f(int a) {\n‸  return 0;\n}⟧\n",
    "cpp": "⟦template <class T>\nT f(T a) {\n‸  return a;\n}⟧\n",
    "csharp": "class A {\n⟦  [Test]\n  int F() {\n‸    return 1;\n  }⟧\n}\n",
    "go": "package a\n\n⟦func (r *R) F() int {\n‸\treturn 1\n}⟧\n",
    "java": "class A {\n⟦  @Override\n  int f() {\n‸    return 1;\n  }⟧\n}\n",
    "javascript": "⟦export const f = (a) => {\n‸  return 1;\n};⟧\n",
    "javascriptreact": "⟦function App() {\n‸  return <p>hello</p>;\n}⟧\n",
    "kotlin": "class A {\n⟦  fun f(): Int {\n‸    return 1\n  }⟧\n}\n",
    "lua": "⟦local function f(x)\n‸  return 1\nend⟧\n",
    "php": "<?php\nclass A {\n⟦  function f() {\n‸    return 1;\n  }⟧\n}\n",
    "python": "class A:\n⟦    @property\n    def f(self):\n\n‸        return 1⟧\n\n    x = 1\n",
    "ruby": "class A\n⟦  def f(x)\n‸    1\n  end⟧\nend\n",
    "rust": "impl A {\n⟦    #[test]\n    fn f() {\n‸        g();\n    }⟧\n}\n",
    "scala": "object A {\n⟦  def f(x: Int): Int = {\n‸    1\n  }⟧\n}\n",
    "shellscript": "⟦f() {\n‸  echo 1\n}⟧\n",
    "swift": "class A {\n⟦  func f() -> Int {\n‸    return 1\n  }⟧\n}\n",
    "typescript": "export class A {\n⟦  private f(): number {\n‸    return 1;\n  }⟧\n}\n",
    "typescriptreact": "⟦const App = (): any => {\n‸  return <p>hello</p>;\n};⟧\n",
    "zig": "⟦pub fn f() void {\n‸    g();\n}⟧\n",
}


def read(marked: str) -> tuple[str, dict[str, int]]:
    """Return the text, and the line on which each mark stands."""
    lines = {mark: marked[: marked.index(mark)].count("\n") for mark in "⟦⟧‸" if mark in marked}
    return marked.translate({ord(mark): None for mark in "⟦⟧‸"}), lines


@pytest.mark.parametrize("language", SAMPLES)
def test_the_innermost_function_around_a_line(language):
    text, at = read(SAMPLES[language])
    scope = syntax.enclosing(text, language, at["‸"])[-1]
    assert (scope.kind, scope.start, scope.stop) == ("function", at["⟦"], at["⟧"] + 1)
    assert scope.name in {"f", "F", "App"}
    assert syntax.faults(text, language).count == 0


@pytest.mark.parametrize("language", SAMPLES)
def test_around_each_line_are_those_of_all_scopes_that_hold_it(language):
    sample = read(SAMPLES[language])[0]
    text = f"{sample}\n{sample}"
    whole = syntax.scopes(text, language)
    for line in range(text.count("\n") + 1):
        around = tuple(scope for scope in whole if scope.start <= line < scope.stop)
        assert syntax.enclosing(text, language, line) == around


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "class Shop:\n    x = 1\n"),
        ("java", "interface Shop {\n  int a();\n}\n"),
        ("go", "type Shop struct {\n\ta int\n}\n"),
        ("rust", "struct Shop {\n    a: u8,\n}\n"),
        ("typescript", "interface Shop {\n  a: number;\n}\n"),
        ("cpp", "class Shop {\n  int a;\n};\n"),
    ],
)
def test_types_are_scopes_too(language, text):
    scope = syntax.enclosing(text, language, 1)[0]
    assert (scope.kind, scope.start) == ("type", 0)


def test_what_is_around_a_line_comes_outermost_first():
    text = "class A:\n    def f(self):\n        def g():\n            return 1\n"
    assert [scope.name for scope in syntax.enclosing(text, "python", 3)] == ["A", "f", "g"]


def test_outside_of_every_definition_there_is_none():
    assert syntax.enclosing("x = 1\n\n\ndef f():\n    return 1\n", "python", 0) == ()


def test_a_use_of_a_type_defines_nothing():
    assert syntax.enclosing("struct point p;\n", "c", 0) == ()


def test_other_languages_and_large_texts_are_not_known():
    assert syntax.scopes("x", "cobol") is None
    assert syntax.faults("x = 1\n" * LARGEST, "python") is None


def test_twenty_languages_are_known():
    assert len({module for module, _ in GRAMMARS.values()}) >= 20
    for language in GRAMMARS:
        assert syntax.faults("\n", language) is not None, language


@given(st.text(alphabet="def f(x):\n\t {}[]\"'#`é☃\U0001f600\ud800/*;"), st.integers(0, 40))
def test_nothing_that_is_typed_raises(text, line):
    for language in ("python", "javascript", "rust"):
        for scope in syntax.scopes(text, language):
            assert 0 <= scope.start < scope.stop <= text.count("\n") + 1
        syntax.inside(text, language, line, 3)
        syntax.block(text, language, line)
        syntax.faults(text, language)
        start, stop = syntax.whole(text, language, line, line + 1)
        assert start <= line < stop
