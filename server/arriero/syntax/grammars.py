"""The grammars: each is a wheel of its own, imported when a document first needs it.

Packs of grammars are no choice: they fetch what they lack from a public host at run time.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module

from tree_sitter import Language, Parser, Tree

# LSP language identifier -> module and the function in it that returns the grammar.
GRAMMARS = {
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "css": ("tree_sitter_css", "language"),
    "go": ("tree_sitter_go", "language"),
    "html": ("tree_sitter_html", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "json": ("tree_sitter_json", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "lua": ("tree_sitter_lua", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "scala": ("tree_sitter_scala", "language"),
    "shellscript": ("tree_sitter_bash", "language"),
    "swift": ("tree_sitter_swift", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "yaml": ("tree_sitter_yaml", "language"),
    "zig": ("tree_sitter_zig", "language"),
}

# A larger text takes longer to parse than people wait for a menu (about 30 ms at this size).
LARGEST = 300_000  # characters


def parse(text: str, language: str) -> Tree | None:
    """Return the syntax tree, or None where the grammar is not known or the text too large.

    The last few trees are kept: one menu asks several questions about one text.
    """
    if language not in GRAMMARS or len(text) > LARGEST:
        return None
    return _parsed(text, language)


@lru_cache(maxsize=4)
def _parsed(text: str, language: str) -> Tree:
    return _parser(language).parse(text.encode("utf-8", "replace"))


@cache
def _parser(language: str) -> Parser:
    module, function = GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))
