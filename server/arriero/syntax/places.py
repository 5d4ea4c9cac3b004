"""Where a place is: in a comment, in a string, in which statement."""

from __future__ import annotations

from tree_sitter import Node, Point

from arriero.syntax.grammars import parse
from arriero.syntax.scopes import lines_of

# Nodes that are only the list of the statements in them, and begin with the first one.
LISTS = {
    "block",
    "body_statement",
    "compilation_unit",
    "declaration_list",
    "indented_block",
    "statement_list",
    "statements",
    "template_body",
}
STRINGS = (
    "string",
    "raw_string",
    "char_literal",
    "character_literal",
    "template_literal",
    "heredoc_body",
)


def inside(text: str, language: str, line: int, column: int) -> str | None:
    """See `Syntax.inside`."""
    tree = parse(text, language)
    if tree is None:
        return None
    row = _row(text, line)
    point = Point(line, len(row[:column].encode("utf-8", "replace")))
    # The character before the cursor says where one is; that after it may begin something else.
    before = Point(line, max(point.column - 1, 0))
    node = tree.root_node.descendant_for_point_range(before, before)
    while node is not None:
        kind = _text_kind(node)
        if kind and _holds(node, point, row[:column]):
            return kind
        node = node.parent
    return "code"


def block(text: str, language: str, line: int) -> tuple[int, int] | None:
    """See `Syntax.block`."""
    tree = parse(text, language)
    if tree is None:
        return None
    first = _first(text, line)
    node = tree.root_node.descendant_for_point_range(first, first)
    found = None
    while node and node.parent and node.start_point == first:
        if node.is_named and node.type not in LISTS:
            found = node
        node = node.parent
    return lines_of(found) if found else None


def whole(text: str, language: str, start: int, stop: int) -> tuple[int, int] | None:
    """See `Syntax.whole`."""
    tree = parse(text, language)
    if tree is None:
        return None
    first, last = _first(text, start), _last(text, stop - 1)
    node = tree.root_node.named_descendant_for_point_range(first, last)
    while node is not None:
        held = _among_children(node, first, last)
        if held or node.parent is None:
            return held or (start, stop)
        if not _holds_more(node, first):
            lines = lines_of(node)
            return min(start, lines[0]), max(stop, lines[1])
        node = node.parent
    return start, stop


def _among_children(node: Node, first: Point, last: Point) -> tuple[int, int] | None:
    """Return the lines of the children that hold the range between them, if they do."""
    children = [
        child
        for child in node.named_children
        if child.end_point.row >= first.row and child.start_point.row <= last.row
    ]
    if not children or children[0].start_point > first or children[-1].end_point.row < last.row:
        return None
    if (
        node.type not in LISTS
        and node.parent
        and children[0].start_point.row == node.start_point.row
    ):
        return None
    return min(first.row, lines_of(children[0])[0]), max(last.row + 1, lines_of(children[-1])[1])


def _holds_more(node: Node, first: Point) -> bool:
    """Tell whether a node begins in the middle of a line, so that more than it is on its lines."""
    return node.start_point.row == first.row and node.start_point > first


def _text_kind(node: Node) -> str | None:
    if "comment" in node.type:
        return "comment"
    return "string" if node.type.startswith(STRINGS) and "interpolation" not in node.type else None


def _holds(node: Node, point: Point, written: str) -> bool:
    """Tell whether a character typed at the point, behind `written`, would belong to the node."""
    if node.start_point >= point:
        return False
    if point < node.end_point:
        return True
    # At its end only a comment that runs to the end of the line goes on.
    return "comment" in node.type and point == node.end_point and not written.endswith("*/")


def _row(text: str, line: int) -> str:
    lines = text.split("\n")
    return lines[line] if line < len(lines) else ""


def _first(text: str, line: int) -> Point:
    row = _row(text, line)
    return Point(line, len(row[: len(row) - len(row.lstrip())].encode("utf-8", "replace")))


def _last(text: str, line: int) -> Point:
    return Point(line, max(len(_row(text, line).rstrip().encode("utf-8", "replace")) - 1, 0))
