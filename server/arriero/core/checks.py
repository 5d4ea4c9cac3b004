"""What a rewriting does to the whole file: its hunks, and whether the syntax survives them."""

from __future__ import annotations

from collections.abc import Sequence

from arriero.core import edits, imports
from arriero.core.edits import Hunk
from arriero.core.rewriting import Rewriting
from arriero.core.syntax import Syntax


def hunks(lines: Sequence[str], region: Hunk, new: Rewriting, language: str) -> tuple[Hunk, ...]:
    """Return the smallest edits that put the new text into the file's lines."""
    old = lines[region.start : region.stop]
    changed = edits.hunks(old, new.text.split("\n"), region.start)
    if not new.imports:
        return changed
    at = min(imports.place(lines, language), region.start)
    # Two edits at one place would have no order.
    if changed and changed[0].start == at:
        first, *others = changed
        return (Hunk(at, first.stop, (*new.imports, *first.lines)), *others)
    return (Hunk(at, at, new.imports), *changed)


def broken(
    syntax: Syntax, language: str, lines: Sequence[str], region: Hunk, new: Rewriting
) -> str:
    """Return what syntax errors a rewriting adds to the file, in a sentence; "" if none."""
    before = syntax.faults("\n".join(lines), language)
    if before is None:
        return ""
    changes = hunks(lines, region, new, language)
    after_lines = applied(lines, changes)
    after = syntax.faults("\n".join(after_lines), language)
    if after is None:
        return ""
    known = {lines[n] for n in before.lines}
    written = {line for hunk in changes for line in hunk.lines}
    added = [n for n in after.lines if after_lines[n] not in known]
    # One error in place of another is no repair, if the model wrote it.
    if after.count <= before.count and not any(after_lines[n] in written for n in added):
        return ""
    line = (added or after.lines)[0]
    return f"it has a syntax error near this line: {after_lines[line].strip()}"


def applied(lines: Sequence[str], changes: Sequence[Hunk]) -> list[str]:
    """Return the lines with the hunks put in."""
    result = list(lines)
    for hunk in reversed(changes):
        result[hunk.start : hunk.stop] = hunk.lines
    return result
