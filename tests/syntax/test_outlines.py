"""What a text defines for other files, in several languages."""

import pytest

from arriero.syntax import definitions

PYTHON = '''\
MOST = 3
Point = tuple[int, int]

@dataclass
class Shape(Base):
    """A shape.

    With an area.
    """

    name: str
    corners: int = 0

    def area(self, scale: float = 1.0) -> float:
        """Return it."""
        def inner(): ...
        return scale

class Maker:
    def __init__(self, name: str, *,
                 strict: bool = False) -> None:
        self.name = name

    async def make(self): pass

if sys.platform == "win32":
    def home(): return "C:"
'''

TYPESCRIPT = """\
export const LIMIT = 3;
export interface Shape { name: string; area(): number }
export type Point = [number, number];
export default class Square<T> extends Base {
  private side = 3;
  constructor(private name: string) { super(); }
  area(scale: number): number { return 9; }
}
export const half = (value: number) => value / 2;
export function twice(value: number): number {
  return 2 * value;
}
exports.legacy = function (a, b) { return a; };
"""


def check(text: str, language: str, **briefs: str) -> None:
    """Each name has the brief, its lines joined by a bar."""
    found = {each.name: each.brief.replace("\n", "|") for each in definitions(text, language, "a")}
    assert found == briefs


def test_python():
    check(
        PYTHON,
        "python",
        MOST="MOST = 3",
        Point="Point = tuple[int, int]",
        Shape="class Shape(Base):|    name: str|    corners: int = 0",
        area="class Shape(Base):|    def area(self, scale: float = 1.0) -> float:",
        Maker="class Maker:|    def __init__(self, name: str, *,|"
        "                 strict: bool = False) -> None:",
        __init__="class Maker:|    def __init__(self, name: str, *,|"
        "                 strict: bool = False) -> None:",
        make="class Maker:|    async def make(self):",
        home="    def home():",
    )


def test_typescript():
    check(
        TYPESCRIPT,
        "typescript",
        LIMIT="export const LIMIT = 3;",
        Shape="export interface Shape",
        Point="export type Point = [number, number];",
        Square="export default class Square<T> extends Base|  constructor(private name: string)",
        constructor="export default class Square<T> extends Base|"
        "  constructor(private name: string)",
        area="export default class Square<T> extends Base|  area(scale: number): number",
        half="export const half = (value: number) =>",
        twice="export function twice(value: number): number",
        legacy="exports.legacy = function (a, b)",
    )


@pytest.mark.parametrize(
    ("language", "text", "briefs"),
    [
        ("go", "func Area(s Shape) int {\n\treturn 1\n}\n", {"Area": "func Area(s Shape) int"}),
        ("rust", "pub const N: u8 = 1;\npub fn area(s: &S) -> u8 {\n  1\n}\n",
         {"N": "pub const N: u8 = 1;", "area": "pub fn area(s: &S) -> u8"}),
        ("c", "#define MOST 3\nint area(int a)\n{\n  return a;\n}\nint half(int a);\n",
         {"MOST": "#define MOST 3", "area": "int area(int a)", "half": "int half(int a);"}),
        ("java", "class A {\n  A(int x) { }\n  int area() { return 1; }\n}\n",
         {"A": "class A|  A(int x)", "area": "class A|  int area()"}),
        ("ruby", "class A\n  def area(x)\n    1\n  end\nend\n",
         {"A": "class A", "area": "class A|  def area(x)"}),
        ("cobol", "DIVISION.", {}),
    ],
)  # fmt: skip
def test_other_languages(language, text, briefs):
    check(text, language, **briefs)


def test_where_there_is_room_more_is_said():
    found = {each.name: each for each in definitions(PYTHON, "python", "shapes.py")}
    assert found["Shape"].more.startswith('class Shape(Base):\n    """A shape.\n')
    assert "def area(self, scale: float = 1.0) -> float:" in found["Shape"].more
    assert found["home"].more.endswith('return "C:"')
    assert (found["area"].path, found["area"].line, found["area"].stop) == ("shapes.py", 13, 17)
    assert found["area"].member_of == "Shape"


def test_of_what_is_endless_only_so_much_is_said():
    text = "def f(\n" + "    a,\n" * 1000 + "): pass\n" + "x = 1\n" * 1000
    found = definitions(text, "python", "a.py")
    assert len(found) <= 400
    assert all(len(each.brief) <= 600 and len(each.more) <= 1600 for each in found)
