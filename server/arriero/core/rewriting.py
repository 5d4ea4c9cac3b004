"""From an answer to the region's new text: the one edit that it can mean, or a reason.

    answer -> blocks -> numbers, diffs, elisions -> what repeats the file -> indents -> new lines

What would be right for two different edits is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from arriero.core.blocks import begins_with_number, belongs, blocks, numbers, without_numbers
from arriero.core.columns import columns, margin_of
from arriero.core.extent import Extent, left_open, own_part, repeats, shared
from arriero.core.imports import taken_out
from arriero.core.indentation import INDENTED, Indented, Place, Said, indented
from arriero.core.patches import MISFIT, elided, holds_patch, is_patch, patched
from arriero.core.regions import defines
from arriero.core.text import Excerpt, indent_of
from arriero.errors import AnswerError

CUT_OFF = (
    "The model ran out of room before its answer was complete, so nothing was changed. "
    "Select less code."
)
NO_CODE = "The model answered with no code, so nothing was changed."
UNCHANGED = "The model left the code as it is: it sees nothing to change."
LEFT_OUT = (
    "The model left out parts of the code (“{line}”), so nothing was changed. Select less code."
)
HALF = (
    "The model's answer seems to stop before the end of the code, so nothing was changed. "
    "Try again, or select less code."
)
ELSEWHERE = (
    "The model answered with another part of the code than was asked about, so nothing was "
    "changed. Try again."
)
SEVERAL = (
    "The model gave several versions and does not say which to take, so nothing was changed. "
    "Try again."
)
NUMBERED = (
    "The model's answer has numbers before its lines, which may be part of the code, so nothing "
    "was changed. Try again."
)
TWICE = (
    "The model's answer repeats lines that stand around the code already, so nothing was changed. "
    "Try again."
)
IMPORTS = (
    "The model's answer begins with an import that may belong here or at the top of the file, so "
    "nothing was changed. Try again."
)
ASKEW = "The indentation of the model's answer fits nowhere, so nothing was changed. Try again."

_NAME = re.compile(
    r"\b(?:def|class|function\*?|func|fn|fun|sub|struct|enum|trait|interface|module|object|impl"
    r"|const|let|var|val|type)\s+(?:\([^)]*\)\s*)?([\w$]+)|([\w$]+)\s*\("
)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The region's new text, and the imports that it needs at the top of the file."""

    text: str
    imports: tuple[str, ...] = ()


def complete(answer: str, excerpt: Excerpt) -> bool:
    """Tell whether the answer has said its code: a closed block that is not the old code."""
    if "```" not in answer:
        return False
    old = excerpt.selected.split()
    found = blocks(answer.replace("\r\n", "\n"))
    return any(closed and " ".join(lines).split() != old for lines, closed in found)


def read(answer: str, excerpt: Excerpt, *, whole: bool, below: bool = False) -> Rewriting:
    """Return what the answer makes of the selected lines. Raises AnswerError.

    The answer began inside a fence; `whole`: it was not cut off by its limit. `below`: it comes
    below the selected lines, and not in their place.
    """
    fit = _added if below else _fitted
    text = answer.replace("\r\n", "\n").replace("\r", "\n")
    found = blocks(text)
    if not found:
        raise AnswerError(NO_CODE if whole else CUT_OFF)
    region = excerpt.selected.strip("\n").split("\n")
    results: dict[tuple[str, ...], Rewriting] = {}
    reasons: list[str] = []
    for lines, closed in found:
        try:
            if not (closed or whole):
                raise AnswerError(CUT_OFF)
            new, imports = fit(lines, excerpt, closed=closed)
            if _words(new) == _words(region) and not imports:
                raise AnswerError(UNCHANGED)
            results.setdefault(tuple(new), Rewriting(_as_selected(new, excerpt), imports))
        except AnswerError as error:
            reasons.append(str(error))
    if not results:
        raise AnswerError(reasons[0])
    if len(results) > 1:
        raise AnswerError(SEVERAL)
    return next(iter(results.values()))


def _fitted(
    lines: list[str], excerpt: Excerpt, *, closed: bool
) -> tuple[list[str], tuple[str, ...]]:
    """Return the region's new lines, and the imports that they need."""
    place = _place(excerpt)
    code = _unwrapped(lines, place)
    said, imports = taken_out(code, place.region, place.above, excerpt.language)
    if imports and margin_of(place.region) and not any(map(defines, place.region)):
        raise AnswerError(IMPORTS)
    extent = _extent(said, place)
    own = said[extent.start : extent.stop]
    numbered = numbers(own) and not numbers(place.region)
    if numbered or begins_with_number(own, place.lines):
        raise AnswerError(NUMBERED)
    if holds_patch(own, place.region):
        raise AnswerError(MISFIT)
    name = _name(place.region)
    part = place
    if name and not any(name in _names(line) for line in own):
        part = _narrowed(own, place)
    found = indented(_said(said, extent, place, part.region), part)
    if len(own) > 1 and not found.sure:
        raise AnswerError(ASKEW)
    first = len(part.above) - len(place.above)
    rest = place.region[first + len(part.region) :]
    new = [*place.region[:first], *_settled(found, part.region), *rest]
    _check_end(new, place, closed=closed)
    if repeats(new, place):
        raise AnswerError(TWICE)
    return new, imports


def _added(
    lines: list[str], excerpt: Excerpt, *, closed: bool
) -> tuple[list[str], tuple[str, ...]]:
    """Return the region's lines with the answer's below them, and the imports that these need."""
    place = _place(excerpt)
    code = _unwrapped(lines, place)
    region = place.region if excerpt.selected.strip() else []
    above = [*place.above, *region]
    said, imports = taken_out(code, place.region, above, excerpt.language)
    # There is no line yet: one that nobody writes has the indent of those that come.
    under = Place(above, [margin_of(place.region) + "\0"], place.below, place.language)
    extent = _extent(said, under)
    found = indented(_said(said, extent, under, under.region), under)
    if len(found.lines) > 1 and not found.sure:
        raise AnswerError(ASKEW)
    if not closed and left_open(found.lines, under) > left_open((), under):
        raise AnswerError(HALF)
    if repeats(found.lines, under):
        raise AnswerError(TWICE)
    over = above if any(line.strip() for line in above) else imports
    return [*region, *_blank_lines(over, found.lines), *found.lines], imports


def _blank_lines(above: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the blank lines between code and what comes below it: two between definitions."""
    written = [line for line in above if line.strip()]
    if not written or not any(defines(line) for line in new[:2]):
        return []
    outer = not indent_of(new[0]) and not written[-1].startswith("}")
    have = len(above) - next(n for n in range(len(above), 0, -1) if above[n - 1].strip())
    return [""] * max((2 if outer else 1) - have, 0)


def _place(excerpt: Excerpt) -> Place:
    return Place(
        excerpt.before.removesuffix("\n").split("\n"),
        excerpt.selected.strip("\n").split("\n"),
        excerpt.after.removeprefix("\n").split("\n"),
        excerpt.language,
    )


def _unwrapped(lines: list[str], place: Place) -> list[str]:
    """Return the code that a diff or numbered lines hold, all of it. Raises AnswerError."""
    if form := numbers(lines):
        bare = without_numbers(lines, form)
        if not numbers(place.region):
            if any(belongs(form, line) for line in place.lines) and not _common(bare, place.region):
                raise AnswerError(NUMBERED)
            lines = bare
    if is_patch(lines):
        lines = patched(lines, place.region)
    if line := elided(lines, place.lines):
        raise AnswerError(LEFT_OUT.format(line=line))
    return lines


def _extent(said: Sequence[str], place: Place) -> Extent:
    """Return which of the lines are the answer's own. Raises AnswerError."""
    extent = own_part(said, place)
    if extent is None:
        raise AnswerError(NO_CODE)
    return extent


def _said(lines: Sequence[str], extent: Extent, place: Place, region: Sequence[str]) -> Said:
    """Return the answer's own lines with what it has in common with the file and the region."""
    own = lines[extent.start : extent.stop]

    def tells(number: int, theirs: str) -> bool:
        # The first line goes on behind the fence and often lacks its indent; what it has is true.
        return number > 0 or (bool(indent_of(theirs)) and indent_of(lines[0]) == indent_of(theirs))

    return Said(
        own,
        shared=[(lines[n], line) for n, line in shared(lines, extent, place) if tells(n, line)],
        common=[
            (own[b], region[a])
            for a, b in _matches(own, region)
            if own[b].strip() and tells(extent.start + b, region[a])
        ],
        first=extent.start == 0,
    )


def _common(lines: Sequence[str], region: Sequence[str]) -> bool:
    """Tell whether the lines have one that the region has."""
    return any(lines[b].strip() for _, b in _matches(lines, region))


def _matches(lines: Sequence[str], region: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places in the region and in the lines that hold the same but for the indent."""
    theirs, mine = ([line.strip() for line in each] for each in (region, lines))
    blocks = SequenceMatcher(None, theirs, mine, autojunk=False).get_matching_blocks()
    return [(block.a + n, block.b + n) for block in blocks for n in range(block.size)]


def _words(lines: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return what matters of lines: their indents and words."""
    return [(indent_of(line), line.split()) for line in lines if line.strip()]


def _alike(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, "\n".join(one), "\n".join(other), autojunk=False).ratio()


def _settled(found: Indented, region: Sequence[str]) -> list[str]:
    """Let the lines that the region has too stay as they are there, unless they moved by levels."""
    new = list(found.lines)
    for a, b in _matches(new, region):
        by = columns(indent_of(new[b])) - columns(indent_of(region[a]))
        on_purpose = by != 0 and (found.same or by % found.step == 0)
        if not new[b].strip() or not on_purpose:
            new[b] = region[a]
    return new


def _narrowed(own: Sequence[str], place: Place) -> Place:
    """Return the part of the region that a part of a definition stands for. Raises AnswerError.

    Its first and last lines say which.
    """
    stripped = [line.strip() for line in place.region]
    ends = [own[0].strip(), own[-1].strip()]
    if len(own) < 2 or any(stripped.count(end) != 1 for end in ends):
        raise AnswerError(ELSEWHERE)
    first, last = (stripped.index(end) for end in ends)
    if last < first:
        raise AnswerError(ELSEWHERE)
    return Place(
        [*place.above, *place.region[:first]],
        place.region[first : last + 1],
        [*place.region[last + 1 :], *place.below],
        place.language,
    )


def _check_end(new: Sequence[str], place: Place, *, closed: bool) -> None:
    """Raise AnswerError for an answer that seems to stop half-way."""
    own, mine = ([line.strip() for line in lines if line.strip()] for lines in (place.region, new))
    matcher = SequenceMatcher(None, own, mine, autojunk=False)
    tag, i, j, _, _ = matcher.get_opcodes()[-1]
    if tag == "delete" and j - i >= max(2, len(own) // 5) and i > 0:
        raise AnswerError(HALF)
    # Without the closing fence, an end of the text is no proof that it was the end of the code.
    if not closed and (
        left_open(new, place) > left_open(place.region, place)
        or not _ends_alike(new, place.region, place.language)
    ):
        raise AnswerError(HALF)


def _ends_alike(new: Sequence[str], region: Sequence[str], language: str) -> bool:
    last, own = (next(line for line in reversed(lines) if line.strip()) for lines in (new, region))
    if language not in INDENTED and last.strip()[:1] in ("}", ")", "]"):
        return indent_of(last) == indent_of(own)
    if len(region) == 1:
        return True
    return indent_of(last) == indent_of(own) and (
        last.split()[0] == own.split()[0] or _alike([own.strip()], [last.strip()]) >= 0.6
    )


def _as_selected(lines: Sequence[str], excerpt: Excerpt) -> str:
    """Return the lines with the blank lines around them that the selection has."""
    text = excerpt.selected
    start = text[: len(text) - len(text.lstrip("\n"))]
    return start + "\n".join(lines) + text[len(text.rstrip("\n")) :]


def _name(region: Sequence[str]) -> str | None:
    """Return the name that the region defines in its first lines."""
    head = next((line for line in region if defines(line)), None)
    if head is None or region.index(head) > 5:
        return None
    return next(iter(_names(head)), None)


def _names(line: str) -> list[str]:
    match = _NAME.search(line)
    return [match[1] or match[2]] if match else []
