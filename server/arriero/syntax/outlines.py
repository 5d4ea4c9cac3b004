"""What a text defines for other files, each as the lines that say how it is used.

brief: the head; of a type also how it is made, or what it is made of
more:  the head and the documentation; all of it, where it is short; of a type every head in it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from arriero.core.outline import Definition
from arriero.core.syntax import Scope
from arriero.syntax.grammars import parse
from arriero.syntax.scopes import ASSIGNED, kind_of, lines_of, name_of, scope_of

# Nodes that name a value or a type of one line, over all grammars, by the field with the name.
VALUES = {
    "alias_declaration": "name",
    "assignment": "left",
    "const_item": "name",
    "const_spec": "name",
    "declaration": "declarator",  # C: a prototype or a variable
    "function_signature": "name",
    "macro_definition": "name",
    "preproc_def": "name",
    "preproc_function_def": "name",
    "property_declaration": "name",
    "static_item": "name",
    "type_alias": "left",
    "type_alias_declaration": "name",
    "type_definition": "declarator",
    "type_item": "name",
    "type_spec": "name",
    "val_definition": "pattern",
    "var_spec": "name",
    "variable_declarator": "name",
}
# What holds definitions that other files can name. A function's body does not.
HOLDERS = {
    "ambient_declaration",
    "block",
    "const_declaration",
    "declaration_list",
    "decorated_definition",
    "else_clause",
    "except_clause",
    "export_statement",
    "expression_statement",
    "if_statement",
    "internal_module",
    "lexical_declaration",
    "linkage_specification",
    "namespace_definition",
    "namespace_declaration",
    "namespace_body",
    "preproc_else",
    "preproc_if",
    "preproc_ifdef",
    "statement_block",
    "template_declaration",
    "try_statement",
    "type_declaration",
    "var_declaration",
    "variable_declaration",
}
CONSTRUCTORS = {"__init__", "constructor", "initialize", "new"}

MOST = 400  # definitions of one file
HEAD_LINES = 12
BRIEF = 600  # characters
MORE = 1600
WHOLE_LINES = 12  # of a function that is shown with its body
DOCUMENTED = 6  # lines
FIELDS = 6  # of a type that says by them what it is made of
VALUE_LINES = 3
QUOTES = ('"', "'")


def definitions(text: str, language: str, path: str) -> tuple[Definition, ...]:
    """Return what a file defines, in order; nothing where the grammar is not known."""
    tree = parse(text, language)
    if tree is None:
        return ()
    lines = text.split("\n")
    found: list[Definition] = []
    for node in _holders(tree.root_node):
        if len(found) >= MOST:
            break
        found += _defined(node, lines, path)
    return tuple(found)


def _holders(root: Node) -> Iterator[Node]:
    """Yield the nodes of the top level, and of what only stands around definitions."""
    left = [*reversed(root.named_children)]
    while left:
        node = left.pop()
        yield node
        if node.type in HOLDERS and kind_of(node) is None:
            left.extend(reversed(node.named_children))


def _defined(node: Node, lines: Sequence[str], path: str) -> Iterator[Definition]:
    """Yield what a node defines, a type with its members."""
    kind = kind_of(node)
    if node.type in ASSIGNED or node.type == "variable_declarator":
        value = next((child for child in node.named_children if kind_of(child)), None)
        kind, node = (kind_of(value), value) if value else (kind, node)
    if kind == "function":
        yield from _function(node, lines, path)
    elif kind == "type":
        yield from _type(node, lines, path)
    elif field := VALUES.get(node.type):
        yield from _value(node, field, lines, path)


def _function(node: Node, lines: Sequence[str], path: str) -> Iterator[Definition]:
    scope = scope_of(node, "function")
    if not scope.name:
        return
    head = _head(node, lines)
    length = scope.stop - scope.start
    more = lines[scope.start : scope.stop] if length <= WHOLE_LINES else _documented(node, lines)
    yield _definition(scope, path, head, more)


def _type(node: Node, lines: Sequence[str], path: str) -> Iterator[Definition]:
    scope = scope_of(node, "type")
    if not scope.name:
        return
    head = _head(node, lines)
    members = [(member, _head(member, lines)) for member in _members(node)]
    made = next((part for member, part in members if name_of(member) in CONSTRUCTORS), None)
    fields = _fields(node, lines)
    whole = lines[scope.start : scope.stop]
    if len(whole) > WHOLE_LINES:
        documented = _documented(node, lines)
        whole = [*documented, *fields, *(line for _, part in members for line in part)]
    brief = [*head, *(fields[:FIELDS] if made is None else made)]
    yield _definition(scope, path, brief, whole)
    for member, part in members:
        start, stop = lines_of(member)
        if name := name_of(member):
            brief_text = _cut([head[0], *part], BRIEF)
            yield Definition(name, path, start, stop, brief_text, member_of=_last(scope.name))


def _value(node: Node, field: str, lines: Sequence[str], path: str) -> Iterator[Definition]:
    named = node.child_by_field_name(field)
    while named is not None and (inner := named.child_by_field_name("declarator")):
        named = inner
    name = named.text.decode("utf-8", "replace") if named and named.text else ""
    if not name.isidentifier():
        return
    start, stop = lines_of(node)
    own = lines[start:stop]
    yield _definition(Scope("type", name, start, stop), path, own[:VALUE_LINES], own[:WHOLE_LINES])


def _definition(scope: Scope, path: str, brief: Sequence[str], more: Sequence[str]) -> Definition:
    short, long = _cut(brief, BRIEF), _cut(more, MORE)
    long = "" if long == short else long
    return Definition(_last(scope.name), path, scope.start, scope.stop, short, long)


def _members(node: Node) -> Iterator[Node]:
    """Yield the functions in a type's body."""
    body = node.child_by_field_name("body")
    left = [*reversed((body or node).named_children)]
    while left:
        member = left.pop()
        if kind_of(member) == "function":
            yield member
        elif member.type in HOLDERS and kind_of(member) is None:
            left.extend(reversed(member.named_children))


def _fields(node: Node, lines: Sequence[str]) -> list[str]:
    """Return the lines of a type's body that are a value each, and neither member nor prose."""
    body = node.child_by_field_name("body")
    found = []
    for child in body.named_children if body else ():
        start, stop = lines_of(child)
        prose = "comment" in child.type or lines[start].lstrip().startswith(QUOTES)
        own = stop == start + 1 and start > node.start_point.row
        if own and not prose and kind_of(child) is None:
            found.append(lines[start])
    return [*dict.fromkeys(found)][:WHOLE_LINES]


def _head(node: Node, lines: Sequence[str]) -> list[str]:
    """Return the lines of a definition up to its body."""
    body = node.child_by_field_name("body")
    start = node.start_point.row
    if body is None:
        return [*lines[start : min(lines_of(node)[1], start + VALUE_LINES)]]
    stop = body.start_point.row
    head = [*lines[start:stop]]
    if (last := _before(lines[stop], body.start_point.column)).strip():
        head.append(last)
    return head[:HEAD_LINES] or [lines[start]]


def _before(line: str, column: int) -> str:
    """Return what stands before a column, which counts bytes."""
    return line.encode("utf-8", "replace")[:column].decode("utf-8", "replace").rstrip()


def _documented(node: Node, lines: Sequence[str]) -> list[str]:
    """Return the head, and the documentation that the body begins with."""
    head = _head(node, lines)
    body = node.child_by_field_name("body")
    first = body.named_children[0] if body and body.named_children else None
    if first is None or first.type != "expression_statement" or not first.named_children:
        return head
    if first.named_children[0].type != "string":
        return head
    start, stop = lines_of(first)
    return [*head, *lines[start : min(stop, start + DOCUMENTED)]]


def _last(name: str) -> str:
    """Return the name by which others know a definition: `exports.h`, `Point::area`."""
    return name.rpartition(".")[2].rpartition(":")[2]


def _cut(lines: Sequence[str], most: int) -> str:
    """Return as many of the lines as have so many characters, whole ones."""
    kept: list[str] = []
    for line in lines:
        most -= len(line) + 1
        if most < 0 and kept:
            break
        kept.append(line[:most] if most < 0 else line)
    return "\n".join(kept).rstrip()
