"""The definitions in a text: functions, methods, classes and other types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from tree_sitter import Node

from arriero.core.syntax import Scope
from arriero.syntax.grammars import parse

Parts = Callable[[Node], list[Node]]

# Kinds of nodes, over all grammars: each grammar uses a few of them.
FUNCTIONS = {
    "constructor_declaration",
    "deinit_declaration",
    "destructor_declaration",
    "function_declaration",
    "function_definition",
    "function_item",
    "generator_function_declaration",
    "init_declaration",
    "local_function_statement",
    "method",
    "method_declaration",
    "method_definition",
    "operator_declaration",
    "secondary_constructor",
    "singleton_method",
    "test_declaration",
}
TYPES = {
    "abstract_class_declaration",
    "class",
    "class_declaration",
    "class_definition",
    "class_specifier",
    "enum_declaration",
    "enum_definition",
    "enum_item",
    "enum_specifier",
    "impl_item",
    "interface_declaration",
    "mod_item",
    "module",
    "object_declaration",
    "object_definition",
    "protocol_declaration",
    "record_declaration",
    "struct_declaration",
    "struct_item",
    "struct_specifier",
    "trait_declaration",
    "trait_definition",
    "trait_item",
    "type_declaration",
    "union_item",
    "union_specifier",
}
# Functions without a name of their own: what they are assigned to is the definition.
VALUES = {"arrow_function", "function_expression", "generator_function", "lambda_literal"}
ASSIGNED = {
    "assignment_expression",
    "assignment_statement",
    "expression_list",
    "field_definition",
    "public_field_definition",
    "variable_declarator",
}
# What stands around a definition and is part of it.
AROUND = {
    "decorated_definition",
    "export_statement",
    "expression_statement",
    "lexical_declaration",
    "template_declaration",
    "variable_declaration",
}
ABOVE = {"attribute_item", "decorator"}


def scopes(text: str, language: str) -> tuple[Scope, ...] | None:
    """See `Syntax.scopes`."""
    tree = parse(text, language)
    return tree and tuple(_scopes(tree.root_node))


def enclosing(text: str, language: str, line: int) -> tuple[Scope, ...] | None:
    """See `Syntax.enclosing`."""
    tree = parse(text, language)
    if tree is None:
        return None
    found = _scopes(tree.root_node, lambda parent: _around(parent, line))
    return tuple(scope for scope in found if scope.start <= line < scope.stop)


def lines_of(node: Node) -> tuple[int, int]:
    """Return a node's lines, half-open; a line end that closes it is no further line."""
    stop = node.end_point.row + (1 if node.end_point.column else 0)
    return node.start_point.row, max(stop, node.start_point.row + 1)


def _scopes(node: Node, parts: Parts = lambda node: node.named_children) -> Iterator[Scope]:
    # An own stack: the nesting of a text that somebody generated can be deeper than Python's.
    left = [node]
    while left:
        node = left.pop()
        if kind := kind_of(node):
            yield scope_of(node, kind)
        left.extend(reversed(parts(node)))


def _around(parent: Node, line: int) -> list[Node]:
    """Return the children that can have a definition around a line, of hundreds perhaps one."""
    if parent.type in AROUND | ASSIGNED:
        return parent.named_children  # whose definitions are as large as the parent
    found = []
    above = None  # the first line of what stands above the next child and is part of it
    for child in parent.named_children:
        start, stop = lines_of(child)
        if (start if above is None else above) <= line < stop:
            found.append(child)
        if child.type not in ABOVE:
            above = None
        elif above is None:
            above = start
    return found


def kind_of(node: Node) -> Literal["function", "type"] | None:
    if node.type in FUNCTIONS and node.parent and node.parent.type not in ASSIGNED:
        return "function"
    if node.type in TYPES and node.parent and _has_body(node):
        return "type"
    if node.type in VALUES | FUNCTIONS and node.parent and node.parent.type in ASSIGNED:
        return "function"
    return None


def _has_body(node: Node) -> bool:
    # C writes `struct point p;` for a use of the type too.
    return not node.type.endswith("_specifier") or bool(node.child_by_field_name("body"))


def scope_of(node: Node, kind: Literal["function", "type"]) -> Scope:
    name = name_of(node)
    whole = node
    while whole.parent and whole.parent.type in AROUND | ASSIGNED:
        whole = whole.parent
        name = name or name_of(whole)
    start, stop = lines_of(whole)
    above = whole.prev_named_sibling
    while above and above.type in ABOVE:
        start, above = above.start_point.row, above.prev_named_sibling
    return Scope(kind, name, start, stop)


def name_of(node: Node) -> str:
    """Return the text of the name; C hides it in declarators, assignments have it on the left."""
    found: Node | None = node
    while found is not None:
        for field in ("name", "left", "property"):
            if (named := found.child_by_field_name(field)) and named.text:
                return named.text.decode("utf-8", "replace")
        if found is not node and "identifier" in found.type and found.text:
            return found.text.decode("utf-8", "replace")
        found = found.child_by_field_name("declarator")
    return ""
