"""From an answer to the region's new text: the one edit that it can mean, or a reason.

    answer -> blocks -> numbers, diffs, elisions -> what repeats the file -> indents -> new lines

What would be right for two different edits is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from arriero.core.blocks import blocks, without_numbers
from arriero.core.imports import taken_out
from arriero.core.indentation import Mapping, mapping, margin_of
from arriero.core.patches import elided, is_patch, patched
from arriero.core.regions import defines
from arriero.core.reply import unopened
from arriero.core.text import Excerpt, indent_of, width
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
ASKEW = "The indentation of the model's answer fits nowhere, so nothing was changed. Try again."

_NAME = re.compile(
    r"\b(?:def|class|function\*?|func|fn|fun|sub|struct|enum|trait|interface|module|object|impl"
    r"|const|let|var|val|type)\s+(?:\([^)]*\)\s*)?([\w$]+)|([\w$]+)\s*\("
)
# Languages in which a cut-off block still is a block: nothing closes it.
INDENTED = {"python", "yaml", "haskell", "nim", "coffeescript"}


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


def read(answer: str, excerpt: Excerpt, *, whole: bool) -> Rewriting:
    """Return what the answer makes of the selected lines. Raises AnswerError.

    The answer began inside a fence; `whole`: it was not cut off by its limit.
    """
    # The format's end of a turn has a blank before it that is no part of the code.
    text = answer.replace("\r\n", "\n").replace("\r", "\n").rstrip()
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
            new, imports = _fitted(lines, region, excerpt, closed=closed)
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
    lines: list[str], region: list[str], excerpt: Excerpt, *, closed: bool
) -> tuple[list[str], tuple[str, ...]]:
    above = excerpt.before.removesuffix("\n").split("\n")
    below = excerpt.after.removeprefix("\n").split("\n")
    lines = without_numbers(lines, [*above[-3:], *region, *below[:3]])
    if is_patch(lines):
        return patched(lines, region), ()
    if line := elided(lines, [*above, *region, *below]):
        raise AnswerError(LEFT_OUT.format(line=line))
    lines, imports = taken_out(lines, region, above, excerpt.language)
    said = lines
    start, stop = _own_part(lines, above, region, below)
    if start == stop:
        raise AnswerError(NO_CODE)
    lines = said[start:stop]
    pairs = [
        *_pairs(said[:start], above, at_end=True),
        *_common(lines, region),
        *_pairs(said[stop:], below, at_end=False),
    ]
    # The first line of an answer often lacks its indent: it goes on behind the fence.
    pairs = [pair for pair in pairs if pair[0] is not said[0]]
    indents = mapping(said, pairs, [*above, *region, *below], margin_of(region))
    if len(lines) > 1 and excerpt.language in INDENTED and not indents.trusted:
        raise AnswerError(ASKEW)
    new = _settled(lines, region, indents)
    name = _name(region)
    if name and not any(name in _names(line) for line in new):
        new = _spliced(new, region)
    _check_end(new, region, excerpt.language, closed=closed)
    return new, imports


def _own_part(
    lines: list[str], above: Sequence[str], region: Sequence[str], below: Sequence[str]
) -> tuple[int, int]:
    """Return the lines that do not repeat what stands before and after the region, half-open.

    Of all ways to do so, the one that leaves what is most like the region. Blank lines do not
    count.
    """
    full = [n for n, line in enumerate(lines) if line.strip()]
    mine = [lines[n].strip() for n in full]
    before = [line.strip() for line in above if line.strip()]
    after = [line.strip() for line in below if line.strip()]
    own = [line.strip() for line in region if line.strip()]
    heads = [
        k for k in range(min(len(mine), len(before)) + 1) if mine[:k] == before[len(before) - k :]
    ]
    tails = [m for m in range(min(len(mine), len(after)) + 1) if mine[len(mine) - m :] == after[:m]]
    ways = [(k, len(mine) - m) for k in heads for m in tails if k < len(mine) - m]
    if not ways:
        return 0, 0

    known = {*above, *below}

    def likeness(way: tuple[int, int]) -> tuple[float, bool, bool, int]:
        kept = mine[way[0] : way[1]]
        by_line = SequenceMatcher(None, own, kept, autojunk=False).ratio()
        # Where no line is as it was: what closes its own brackets, and repeats nothing verbatim. A
        # line or two may be alike by chance, though hardly at the same indent.
        repeated = [lines[full[n]] for n in (*range(way[0]), *range(way[1], len(full)))]
        verbatim = len(repeated) > 2 or all(line in known for line in repeated)
        balanced = _open(kept) == _open(own) and unopened("\n".join(kept)) == unopened(
            "\n".join(own)
        )
        return by_line, len(repeated) > 2, balanced, len(repeated) if verbatim else -1

    start, stop = max(ways, key=likeness)
    return full[start], full[stop - 1] + 1


def _pairs(lines: Sequence[str], others: Sequence[str], *, at_end: bool) -> list[tuple[str, str]]:
    """Return repeated lines with the file's own, which are next to the region."""
    mine, theirs = ([line for line in each if line.strip()] for each in (lines, others))
    theirs = theirs[len(theirs) - len(mine) :] if at_end else theirs[: len(mine)]
    return list(zip(mine, theirs, strict=True))


def _common(lines: Sequence[str], region: Sequence[str]) -> list[tuple[str, str]]:
    """Return the lines that the answer and the region have in common, in order."""
    return [(lines[b], region[a]) for a, b in _matches(lines, region) if lines[b].strip()]


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


def _settled(lines: list[str], region: Sequence[str], indents: Mapping) -> list[str]:
    """Give the lines the file's indents; those that the region has too stay as they are there."""
    new = [indents.place(indent_of(line)) + line.lstrip(" \t") for line in lines]
    alike = lines[0].strip() == region[0].strip() or (defines(lines[0]) and defines(region[0]))
    if alike or len(new) == 1:
        new[0] = indent_of(region[0]) + lines[0].lstrip(" \t")
    for a, b in _matches(new, region):
        if not new[b].strip() or not _moved(new[b], region[a], indents):
            new[b] = region[a]
    return new


def _moved(line: str, own: str, indents: Mapping) -> bool:
    """Tell whether the model moved a line on purpose, by whole levels."""
    by = width(indent_of(line)) - width(indent_of(own))
    return by != 0 and (indents.same or by % indents.step == 0)


def _spliced(new: list[str], region: Sequence[str]) -> list[str]:
    """Put a part of a definition where its first and last lines say. Raises AnswerError."""
    stripped = [line.strip() for line in region]
    ends = [new[0].strip(), new[-1].strip()]
    if len(new) < 2 or any(stripped.count(end) != 1 for end in ends):
        raise AnswerError(ELSEWHERE)
    first, last = (stripped.index(end) for end in ends)
    if last < first:
        raise AnswerError(ELSEWHERE)
    return [*region[:first], *new, *region[last + 1 :]]


def _check_end(new: Sequence[str], region: Sequence[str], language: str, *, closed: bool) -> None:
    """Raise AnswerError for an answer that seems to stop half-way."""
    own, mine = ([line.strip() for line in lines if line.strip()] for lines in (region, new))
    matcher = SequenceMatcher(None, own, mine, autojunk=False)
    tag, i, j, _, _ = matcher.get_opcodes()[-1]
    if tag == "delete" and j - i >= max(2, len(own) // 5) and i > 0:
        raise AnswerError(HALF)
    # Without the closing fence, an end of the text is no proof that it was the end of the code.
    if not closed and (_open(new) > _open(region) or not _ends_alike(new, region, language)):
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


def _open(lines: Sequence[str]) -> int:
    """Return how many brackets are not closed: read backwards, they are not opened."""
    return unopened("\n".join(lines)[::-1].translate(str.maketrans("()[]{}", ")(][}{")))


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
