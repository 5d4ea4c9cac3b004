"""Whether a block opens where a text ends, by the words and signs of the language.

Asked at every key, so it reads the lines near the cursor only. They are no whole program, and of
one that is being typed a grammar makes no tree that could be trusted; but what is a word, a sign, a
string or a comment it tells in any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from arriero.syntax.grammars import parse
from arriero.syntax.places import inside

# Parsing so much takes a quarter of a millisecond, the whole of a file several.
LINES = 48
CHARACTERS = 6000

# A line that begins at the margin, or with a word of a definition.
_START = re.compile(
    r"\S|\s+(?:async|class|def|fn|fun|func|function|pub|public|private|protected|static)\b"
)

QUOTES = {"string_start", '"', "'", "`"}
OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")

# A statement that begins with one of these and comes to a colon has a block below it.
BEFORE_A_COLON = {
    *("if", "elif", "else", "for", "while", "with", "try", "except", "finally"),
    *("def", "class", "match", "case", "default", "public", "private", "protected"),
}
# In these the end of a header has no sign of its own, and the block ends with a word.
BY_WORDS = {"lua", "ruby", "shellscript"}
WORDS = {"then", "do", "else", "begin", "ensure", "repeat", "try"}
HEADERS = {"def", "function"}

# Stand before the word that says what a statement is, or before nothing yet.
NOT_YET = {"", "async", "local"}

# Elsewhere an arrow leads to a member or a type.
ARROWS = {"java", "kotlin"}

# Languages in which one line says little of the next, so that the indents know more.
LOOSE = {"css", "html", "json", "toml", "yaml"}


def opens(before: str, language: str) -> bool | None:
    """See `Syntax.opens`."""
    if language in LOOSE:
        return None
    near = _near(before)
    return None if near is None else _opens(near, language)


@lru_cache(maxsize=4)
def _opens(text: str, language: str) -> bool | None:
    """Answer for the lines near the cursor; one key asks several times."""
    tree = parse(text, language)
    if tree is None:
        return None
    row, line = text.count("\n"), text[text.rfind("\n") + 1 :]
    if inside(text, language, row, len(line)) != "code":
        return False
    begun = [""]  # for each bracket that is open, and around them: how the statement begins
    last, at = "", -1
    for token in _tokens(tree.root_node):
        last = token.type
        if last in QUOTES and token.start_point.row == row and _is_loose(token):
            return False  # the string is still being typed
        if token.start_point.row != at or begun[-1] in NOT_YET:
            begun[-1] = last
        at = token.end_point.row
        if last in OPENING:
            begun.append("")
        elif last in CLOSING and len(begun) > 1:
            begun.pop()
    return at == row and _leads_on(last, begun[-1], len(begun) > 1, language)


def _leads_on(last: str, first: str, bracketed: bool, language: str) -> bool:
    """Tell whether a statement that begins and ends so far with these has a block below it."""
    if last in OPENING or last == "=>":
        return True
    if last == ":":
        return first in BEFORE_A_COLON
    if last == "->":
        return language in ARROWS
    if language not in BY_WORDS:
        return False
    return last in WORDS or last == "|" or (last == ")" and first in HEADERS and not bracketed)


def _tokens(node: Node) -> Iterator[Node]:
    """Yield the words and signs of a tree in order, without comments."""
    left = [node]
    while left:
        node = left.pop()
        if "comment" in node.type or node.is_missing:
            continue
        if node.child_count:
            left.extend(reversed(node.children))
        elif node.start_byte < node.end_byte:
            yield node


def _is_loose(token: Node) -> bool:
    """Tell whether the grammar knows no place for a token."""
    return token.parent is None or token.parent.is_error


def _near(before: str) -> str | None:
    """Return the text from the last line on, of those near the cursor, that begins something.

    There no string or comment is cut in two, as a docstring of many lines may be elsewhere. The
    cursor's own line may go on with what a line above began, so it comes last.
    """
    lines = before[-2 * CHARACTERS :].split("\n")[-LINES:]
    own = len(lines) - 1
    begin = [number for number, line in enumerate(lines) if _START.match(line)]
    start = max((number for number in begin if number < own), default=own if begin else 0)
    if not begin and len(lines) == LINES:
        return None
    near = "\n".join(lines[start:])
    return near if len(near) <= CHARACTERS else None
