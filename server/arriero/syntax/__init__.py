"""What tree-sitter knows of a text, as the plain values of core/syntax.py.

text, language -> grammars -> tree -> scopes, places, openings, faults
"""

from arriero.syntax.faults import faults
from arriero.syntax.openings import opens
from arriero.syntax.places import block, inside, whole
from arriero.syntax.scopes import enclosing, scopes

__all__ = ["block", "enclosing", "faults", "inside", "opens", "scopes", "whole"]
