"""What tree-sitter knows of a text, as the plain values of core/syntax.py.

text, language -> grammars -> tree -> scopes, places, openings, faults
"""

from arriero.syntax.faults import faults
from arriero.syntax.openings import opens
from arriero.syntax.outlines import definitions
from arriero.syntax.places import block, inside, whole
from arriero.syntax.scopes import enclosing, scopes

__all__ = ["block", "definitions", "enclosing", "faults", "inside", "opens", "scopes", "whole"]
