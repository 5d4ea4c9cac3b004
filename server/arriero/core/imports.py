"""Imports that an answer brings along: which are new, and where the file wants them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from arriero.core.outline import words

_IMPORT = {
    "python": r"(?:import\s+[\w.]+|from\s+[\w.]+\s+import\s)",
    "javascript": r"(?:import\b.*['\"]|(?:const|let|var)\s.*=\s*require\()",
    "java": r"import\s",
    "kotlin": r"import\s",
    "scala": r"import\s",
    "swift": r"import\s",
    "go": r"import\s+(?:\w+\s+)?\"",
    "rust": r"(?:pub\s+)?use\s",
    "csharp": r"using\s+[\w.]+;",
    "c": r"#\s*include\b",
    "ruby": r"require(?:_relative)?\s",
    "php": r"use\s[\w\\]+",
}
_ALIKE = {
    "typescript": "javascript",
    "javascriptreact": "javascript",
    "typescriptreact": "javascript",
    "cpp": "c",
}
# What opens an import of several lines that looks like none: Go's block, JavaScript's braces.
_OPENED = re.compile(r"import\s*(?:type\s*)?[({]|import\s+\w+\s*,\s*\{|export\s.*\bfrom\s+['\"]")
# What is imported by where it lies is the project's own. The word is none that a language has.
RELATIVE = "./"
_RELATIVE = re.compile(
    r"\bfrom\s+\.|['\"]\.{1,2}/|['\"]\.{1,2}['\"]|\b(?:crate|super)::|require_relative"
)
LONGEST = 20_000  # characters; no import is longer, but a bracket may never be closed

# What a file may begin with before its imports.
_HEAD = re.compile(r"\s*(?:#|//|/\*|\*|package\b|namespace\b|<\?php|['\"]use strict|$)")


def is_import(line: str, language: str) -> bool:
    """Tell whether a line imports something."""
    pattern = _IMPORT.get(_ALIKE.get(language, language))
    return bool(pattern and re.match(pattern, line))


def statements(lines: Sequence[str], language: str) -> list[tuple[str, ...]]:
    """Return the words of each import, in order, over all the lines that it takes; see `_words`.

    What is imported from where is not told apart: `outline.nearness` needs only the words.
    """
    found: list[tuple[str, ...]] = []
    open_brackets, text = 0, ""
    for line in lines:
        begins = is_import(line.lstrip(), language) or _OPENED.match(line)
        if not open_brackets and not begins:
            continue
        text += line + "\n"
        open_brackets += sum(c in "([{" for c in line) - sum(c in ")]}" for c in line)
        if open_brackets <= 0 or len(text) > LONGEST:
            # Each line of Go's block is an import of its own.
            parts = text.split("\n") if language == "go" else [text]
            found += [_words(part) for part in parts if words(part)]
            open_brackets, text = 0, ""
    return found


def _words(statement: str) -> tuple[str, ...]:
    """Return the words of one import, and a RELATIVE before them where it says that it is one."""
    relative = (RELATIVE,) if _RELATIVE.search(statement) else ()
    return (*relative, *words(statement))


def taken_out(
    lines: list[str], region: Sequence[str], above: Sequence[str], language: str
) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines without the imports they begin with, and those that the file lacks.

    A region that imports something itself keeps its imports.
    """
    if any(is_import(line.strip(), language) for line in region[:1]):
        return lines, ()
    stop = 0
    while stop < len(lines) and (not lines[stop].strip() or is_import(lines[stop], language)):
        stop += 1
    have = {line.strip() for line in (*above, *region)}
    new = [line.rstrip() for line in lines[:stop] if line.strip() and line.strip() not in have]
    return lines[stop:], tuple(new)


def place(lines: Sequence[str], language: str) -> int:
    """Return the line (from 0) before which a new import belongs: after the last one at the top."""
    found = 0
    quotes = ""
    for number, line in enumerate(lines):
        text = line.strip()
        if quotes or (language == "python" and text[:3] in ('"""', "'''")):
            opened = quotes or text[:3]
            quotes = opened if (text.count(opened) + bool(quotes)) % 2 else ""
            found = number + 1
        elif is_import(line, language) or re.match(r"(?:package|namespace)\b|<\?php", text):
            found = number + 1
        elif text and not _HEAD.match(line):
            break
    return found
