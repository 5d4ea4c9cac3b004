"""What a prompt shows of whom, part by part: for people who want to see what leaves.

The parts are cut out of the final text, whose fences no text within can close, so they are exactly
what is sent. Nothing is left out: what stands in no fence is the instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from arriero.core import dialects
from arriero.core.completion import Ask
from arriero.core.dialects import Dialect
from arriero.core.text import fence_for

# As plain values: lsp/privacy.py says what is in it.
Report = dict[str, Any]

INSTRUCTIONS = "Instructions"
REPLY = "The reply so far, which the model goes on with"
ABOVE = "Code before the cursor"
BELOW = "Code after the cursor"


@dataclass(frozen=True, slots=True)
class Shown:
    """One part of a prompt: what it is, and its text."""

    label: str
    text: str


def parts(asked: Ask, dialect: Dialect) -> tuple[Shown, ...]:
    """Return the parts of a prompt in their order; only fences and blank lines are missing."""
    text = asked.prompt.text
    if dialect.infills:
        before, after = dialects.gap(text)
        found = [Shown(BELOW, after), Shown(ABOVE, before)]
    elif asked.fence:
        found = list(_fenced(text.split("\n"), asked.fence))
    else:
        found = [Shown(ABOVE, text)]
    return tuple(replace(each, text=each.text.strip("\n")) for each in found if each.text.strip())


def _fenced(lines: list[str], fence: str) -> Iterator[Shown]:
    """Yield what stands between fences, by the line above each, and what stands outside."""
    inside = False
    labelled: list[tuple[str, str]] = []
    label = INSTRUCTIONS
    for line in lines:
        opens = not inside and line.lstrip().startswith(fence)
        if opens or (inside and line == fence):
            inside = opens
            label = INSTRUCTIONS
            if opens:
                label = _taken(labelled)
        else:
            labelled.append((label, line))
    for name, group in groupby(labelled, key=lambda each: each[0]):
        yield Shown(name, "\n".join(line for _, line in group))


def _taken(labelled: list[tuple[str, str]]) -> str:
    """Take the line above a fence, which says what comes, out of the instructions."""
    if labelled and labelled[-1][0] == INSTRUCTIONS and labelled[-1][1].endswith(":"):
        return labelled.pop()[1].removesuffix(":")
    return REPLY


def as_markdown(told: Report) -> str:
    """Return the report for people."""
    place = f"{told['file']}, line {told['line']}"
    lines = [f"# What arriero would send for a suggestion in {place}", ""]
    if told["kept_back"]:
        lines += [f"Nothing. {told['kept_back']}", ""]
    else:
        lines += [f"{told['tokens']} tokens, to {told['model']} at {told['to']}.", ""]
    if told["redacted"]:
        lines += ["## Redacted", "", *map(_told_secret, told["redacted"]), ""]
    if told["beside"]:
        lines += ["## Kept back beside it", ""]
        lines += [f"- {each['why']}" for each in told["beside"]]
        lines.append("")
    for part in told["parts"]:
        fence = fence_for(part["text"])
        lines += [
            f"## {part['part']} ({part['tokens']} tokens)",
            "",
            fence,
            part["text"],
            fence,
            "",
        ]
    return "\n".join(lines).strip("\n") + "\n"


def _told_secret(each: dict[str, Any]) -> str:
    where = ", ".join(map(str, each["lines"])) or "elsewhere"
    return f"- `{each['placeholder']}`: {each['kind']}, line {where}"
