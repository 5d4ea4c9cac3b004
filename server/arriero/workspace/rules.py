"""Rules as in a .gitignore: their text and a path in, the rule that keeps the path back out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Matching takes time to the power of the wildcards, and a file of rules can come from anyone: with
# three it stays below 0.1 s for the longest of names, with five it takes a minute.
MOST_WILDCARDS = 3


# Patterns are joined to one, in which no two groups may have the same name.
_GROUP = re.compile(r"\(\?P<\w+>")
_NOTHING = "(?!)"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Rules, and what matches wherever one of those does that keep back.

    Hardly any path is kept back, and to try the hundred rules for secrets one by one takes longer
    than all else that is done with a key.
    """

    lines: list[str]
    spec: GitIgnoreSpec
    any: re.Pattern[str]


def keeping_back(rules: str, path: str) -> str | None:
    """Return the rule (one a line) that keeps a path back, or None; the last that matches decides.

    Case is disregarded, which git does not do: where the file system disregards it too, a file has
    many names, and a rule that misses one of them would let it out.

    Raises ValueError for a rule that would take too long; the message says which.
    """
    compiled, path = _compiled(rules), _folded(path)
    if not compiled.any.search(path):
        return None
    found = compiled.spec.check_file(path)
    return compiled.lines[found.index] if found.include and found.index is not None else None


def ignored(rules: str, path: str) -> bool | None:
    """Tell whether git's rules ignore a path; None where they do not say. A folder ends in `/`.

    Case counts, as it does for git. Rules that would take too long are left out: what they would
    have ignored is only a file too many.
    """
    return _git(rules).check_file(path).include


def as_text(path: PurePath) -> str:
    """Write a path as rules see it: without its drive and its root, with `/` in between."""
    return "/".join(path.parts[1:] if path.anchor else path.parts)


def _folded(text: str) -> str:
    # Some file systems take names apart (macOS: a and ¨ for ä), and editors put them together.
    return unicodedata.normalize("NFC", text).lower()


@lru_cache(maxsize=64)
def _compiled(rules: str) -> _Compiled:
    """Compile rules once: it takes a thousand times as long as to match them."""
    # Imported when there is a document: the initialize reply does not wait for it.
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    lines: list[str] = []
    patterns: list[GitIgnoreSpecPattern] = []
    for line in _folded(rules).splitlines():
        _check_wildcards(line)
        try:
            patterns.append(GitIgnoreSpecPattern(line))
        except ValueError:
            continue  # as git does with a line that says nothing, such as a lone `!`
        lines.append(line)
    keeping = [each.regex.pattern for each in patterns if each.include and each.regex]
    at_all = re.compile("|".join(_GROUP.sub("(?:", each) for each in keeping) or _NOTHING)
    return _Compiled(lines, GitIgnoreSpec(patterns), at_all)


@lru_cache(maxsize=256)
def _git(rules: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(line for line in rules.splitlines() if _is_usable(line))


def _is_usable(line: str) -> bool:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        _check_wildcards(line)
        GitIgnoreSpecPattern(line)
    except ValueError:
        return False
    return True


def _check_wildcards(line: str) -> None:
    names = [] if line.startswith("#") else line.split("/")
    within = max((name.count("*") for name in names if name != "**"), default=0)
    if max(within, names.count("**")) > MOST_WILDCARDS:
        raise ValueError(
            f'"{line}" has more than {MOST_WILDCARDS} `*` within one name, or more than '
            f"{MOST_WILDCARDS} `**`"
        )
