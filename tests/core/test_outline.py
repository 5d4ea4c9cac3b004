"""What imports say, in which words, and which file they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arriero.core.imports import RELATIVE, statements
from arriero.core.outline import distance, nearness


def check(language: str, text: str, *said: str) -> None:
    """The imports of a text, each as its words."""
    assert [" ".join(each) for each in statements(text.split("\n"), language)] == [*said]


def test_an_import_has_all_its_lines():
    text = (
        "import os\nfrom .a.b import (\n    c as d,\n    e,\n)\nx = (\nif t:\n    from q import z"
    )
    check(
        "python",
        text,
        "import os",
        f"{RELATIVE} from a b import c as d e",
        "from q import z",
    )


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("typescript", "import {\n  a,\n} from './x/y';", [f"{RELATIVE} import a from x y"]),
        ("javascript", "const { m } = require('n');", ["const m require n"]),
        ("typescript", "export * from '../w';", [f"{RELATIVE} export from w"]),
        ("go", 'import (\n\t"fmt"\n\tx "a/b"\n)', ["import", "fmt", "x a b"]),
        ("rust", "use crate::a::{B, C};", [f"{RELATIVE} use crate a B C"]),
        ("c", '#include "a/b.h"\nint x;', ["include a b h"]),
        ("java", "import a.b.C;\nclass D {}", ["import a b C"]),
        ("cobol", "import x", []),
    ],
)
def test_languages_import_in_their_own_ways(language, text, said):
    check(language, text, *said)


@given(st.text(alphabet="import {(\n)}from'./ax", max_size=80))
def test_no_text_is_too_odd(text):
    for language in ("python", "typescript", "go"):
        statements(text.split("\n"), language)


@pytest.mark.parametrize(
    ("best", "others"),
    [
        ("pkg/scanner.py", ["pkg/parser.py", "other/reader.py"]),
        ("lib/pkg/scanner.py", ["scanner.py"]),
        ("pkg/scanner/__init__.py", ["other/__init__.py", "other/scan.py"]),
    ],
)
def test_an_import_means_the_file_whose_path_it_names(best, others):
    said = ["from", "pkg", "scanner", "import"]
    assert nearness(["lib"], "lib.py") > 0
    assert all(nearness(said, best) > nearness(said, other) for other in others)
    assert nearness(["json"], best) == 0


def test_files_are_so_many_folders_apart():
    assert distance("a/b/c.py", "a/b/d.py") == 0
    assert distance("a/b/c.py", "a/e/d.py") == 2
    assert distance("c.py", "a/e/d.py") == 2
