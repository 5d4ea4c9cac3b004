"""The syntax errors of a text."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from arriero.core.syntax import Faults
from arriero.syntax.grammars import parse


@lru_cache(maxsize=4)
def faults(text: str, language: str) -> Faults | None:
    """See `Syntax.faults`. As for trees, one menu asks several times."""
    tree = parse(text, language)
    if tree is None:
        return None
    found = []
    left = [tree.root_node]
    while left:
        node = left.pop()
        if node.is_error or node.is_missing:
            found.append(node.start_point.row)
        elif node.has_error:
            left.extend(node.children)
    if language == "python" and not found:
        found = _wrong_indents(text)
    return Faults(len(found), tuple(sorted(set(found))))


def _wrong_indents(text: str) -> list[int]:
    """Return the first line whose indentation Python refuses: the grammar takes any."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except IndentationError as error:
        return [(error.lineno or 1) - 1]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The grammar finds nothing wrong: the syntax is newer than the Python that we run on.
        return []
    return []
