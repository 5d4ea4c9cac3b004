"""Which lines an action is about: the selection, or the definition around the cursor.

Read from the indentation and the usual words for a definition, so it works for any language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from arriero.core.text import indent_of, width

_DEFINITION = re.compile(
    r"""\s*(?:
        (?:(?:async|export|default|public|private|protected|internal|static|final|abstract|pub
            (?:\([^)]*\))?|unsafe|const|virtual|override|inline|extern|local|suspend)\s+)*
        (?:def|class|function\*?|func|fn|fun|sub|impl|trait|interface|struct|enum|module|object)\b
            (?=\s*[<({*]|\s+[\w$])
      | (?:(?:public|private|protected|internal|static|final|async|override)\s+)+[\w<>\[\],.?\s]+\(
      | [\w<>\[\]*&:,.?]+[\s*&]+\w+\s*\([^;]*\)\s*(?:const\s*)?\{\s*$
      | (?:export\s+)?(?:const|let|var)\s+\w+\s*=\s*(?:async\s*)?
            (?:function\b|\([^)]*\)\s*=>|\w+\s*=>)
    )""",
    re.VERBOSE,
)
LONGEST_HEAD = 500  # characters: the expression takes their square, at worst
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_NO_DEFINITION = re.compile(r"\s*(?:return|else|if|for|while|switch|case|throw|new|await|yield)\b")


def defines(line: str) -> bool:
    """Tell whether a line begins a definition: a function, a class, a type."""
    line = line[:LONGEST_HEAD]
    return bool(_DEFINITION.match(line)) and not _NO_DEFINITION.match(line)


def enclosing(lines: Sequence[str], line: int) -> tuple[int, int]:
    """Return the lines (half-open, from 0) of the smallest definition that holds a line.

    Where there is none, the paragraph around the line: the lines between blank ones.
    """
    for start in range(min(line, len(lines) - 1), -1, -1):
        if defines(lines[start]):
            stop = _end(lines, start)
            if line < stop:
                return _with_decorators(lines, start), stop
    return paragraph(lines, line)


def signature_end(lines: Sequence[str]) -> int | None:
    """Return how many lines the head of a Python definition has, which the first line begins.

    None where the body stands on the head's last line.
    """
    depth = 0
    for number, line in enumerate(lines):
        code = _QUOTED.sub("", line).partition("#")[0].rstrip()
        depth += sum(c in "([{" for c in code) - sum(c in ")]}" for c in code)
        if depth <= 0:
            return number + 1 if code.endswith(":") else None
    return None


def _end(lines: Sequence[str], start: int) -> int:
    floor = width(indent_of(lines[start]))
    stop = start + 1
    for number in range(start + 1, len(lines)):
        text = lines[number].strip()
        if not text:
            continue
        depth = width(indent_of(lines[number]))
        closes = text[0] in ")]}{" or text == "end"
        if depth < floor or (depth == floor and not closes):
            break
        stop = number + 1
    return stop


def _with_decorators(lines: Sequence[str], start: int) -> int:
    while start > 0 and lines[start - 1].lstrip().startswith(("@", "#[")):
        start -= 1
    return start


def paragraph(lines: Sequence[str], line: int) -> tuple[int, int]:
    """Return the lines between blank ones that hold a line; none where the line is blank."""
    if line >= len(lines) or not lines[line].strip():
        return line, line
    start = stop = line
    while start > 0 and lines[start - 1].strip():
        start -= 1
    while stop < len(lines) and lines[stop].strip():
        stop += 1
    return start, stop
