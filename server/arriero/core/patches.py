"""Answers in the shape of a diff, and answers that leave parts out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from arriero.errors import AnswerError

MISFIT = (
    "The model answered with a diff that does not fit this code, so nothing was changed. Try again."
)

_HEADER = re.compile(r"(?:diff --git |index [0-9a-f]+\.\.|--- |\+\+\+ |@@)")
_HUNK = re.compile(r"\s*@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_ELISION = re.compile(
    r"(?:#|//|/\*|--|<!--|;|%)?\s*(?:\.\.\.|…)\s*"
    r"|(?:#|//|/\*|--|<!--|;|%)\s*(?:\.\.\.|…).*"
    r"|(?:#|//|/\*|--|<!--|;|%).*(?:\.\.\.|…)\s*(?:\*/|-->)?"
    r"|(?:#|//|/\*|--|<!--|;|%)\W*(?:the )?(?:rest|remainder|remaining|existing|same|previous|other"
    r"|unchanged)\b.*\b(?:code|unchanged|same|as before|function|method|class|file|here|above)\b.*",
    re.IGNORECASE,
)


def elided(lines: Sequence[str], known: Sequence[str]) -> str | None:
    """Return the first line that only stands for others, if the text did not have it before."""
    have = {line.strip() for line in known}
    return next(
        (
            line.strip()
            for line in lines
            if line.strip() not in have and _ELISION.fullmatch(line.strip())
        ),
        None,
    )


def is_patch(lines: Sequence[str]) -> bool:
    """Tell whether lines are a unified diff, with or without its headers."""
    body = [line for line in lines if line.strip()]
    hunks = any(line.startswith("@@") for line in body)
    changes = [line for line in body if line[:1] in "+-"]
    shaped = all(line[:1] in " +-\\" or _HEADER.match(line) for line in body)
    return shaped and bool(changes) and (hunks or len(changes) == len(body) or _has_both(body))


def holds_patch(lines: Sequence[str], known: Sequence[str]) -> bool:
    """Tell whether a hunk begins among lines that the text did not have before."""
    return any(_HUNK.match(line) and line not in known for line in lines)


def patched(lines: Sequence[str], region: Sequence[str]) -> list[str]:
    """Return the region with the diff applied. Raises AnswerError where it does not fit.

    Line numbers in a model's diff are rarely right, so a hunk goes where its old lines stand; there
    has to be one such place.
    """
    result = list(region)
    for old, new in _hunks(lines):
        at = _places(old, result)
        if len(at) != 1:
            raise AnswerError(MISFIT)
        kept = dict(zip(old, result[at[0] : at[0] + len(old)], strict=True))
        result[at[0] : at[0] + len(old)] = [kept.get(line, line) for line in new]
    return result


def _hunks(lines: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """Return each hunk's old and new lines."""
    hunks: list[tuple[list[str], list[str]]] = [([], [])]
    for line in lines:
        if line.startswith("@@"):
            hunks.append(([], []))
        elif not _is_header(line, begun=any(hunks[-1])):
            old, new = hunks[-1]
            if not line.startswith("+"):
                old.append(line[1:])
            if not line.startswith("-"):
                new.append(line[1:])
    return [hunk for hunk in hunks if any(hunk)]


def _is_header(line: str, *, begun: bool) -> bool:
    """Tell whether a line names files; within a hunk, `--- x` takes the line `-- x` out."""
    if line.startswith(("diff --git ", "index ", "\\")):
        return True
    return line.startswith(("--- ", "+++ ")) and not begun


def _places(old: Sequence[str], lines: Sequence[str]) -> list[int]:
    wanted = [line.rstrip() for line in old]
    if not any(wanted):
        return []
    have = [line.rstrip() for line in lines]
    size = len(wanted)
    return [n for n in range(len(have) - size + 1) if have[n : n + size] == wanted]


def _has_both(body: Sequence[str]) -> bool:
    return {"+", "-"} <= {line[:1] for line in body}
