"""What a model is shown beside the file itself: parts of other files, ranked, within a limit.

    Needs of a place + Definitions that there are -> Snippets, the most useful first
    Snippets + a limit -> chosen -> Blocks, one for each file

The parts stand above the code in the prompt, so whatever changes among them has the server read
the code anew. So a choice is kept until the place needs something that it lacks: see `near_names`.
"""

from __future__ import annotations

import re
from collections import Counter as Count
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from arriero.core.budget import Counter
from arriero.core.imports import RELATIVE, statements
from arriero.core.outline import Definition, distance, distinct, nearness, words
from arriero.core.text import Excerpt, held_back

Kind = Literal["cells", "definitions", "recent", "tests", "open", "similar"]

# In the order in which they are given room, and how much of all the room each may take at most.
SHARES: Mapping[Kind, float] = {
    "cells": 0.5,
    "recent": 0.25,
    "definitions": 1.0,
    "tests": 0.4,
    "similar": 0.4,
    "open": 0.4,
}

# Lines around a cursor whose names count as needed there.
NEAR_ABOVE, NEAR_BELOW = 12, 3
# Lines around it that the prompt will have room for in any case, so that nobody repeats them.
SHOWN_ABOVE, SHOWN_BELOW = 120, 40
# Code has 3.2 to 3.6 in Code Llama's vocabulary.
BYTES_PER_TOKEN = 3
# A part is too like what is shown when so many of its lines are.
ALIKE = 0.6
MOST_NAMES = 400
_ATTRIBUTE = re.compile(r"\b([^\W\d]\w*)(?:\.|::|->)([^\W\d]\w*)")
# Words of imports that name nothing.
KEYWORDS = frozenset(
    words(
        "as class const crate export extern from function import include let mod package pub "
        "require require_once require_relative self static super type typeof use using var"
    )
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of another file, or of this one far away: whole lines, from `line` on.

    `brief` is what is left of it where there is little room; "" stands for all or nothing.
    `origin` is the file's own path and that of its folder, for those who say what may be sent.
    """

    kind: Kind
    path: str
    line: int
    text: str
    brief: str = ""
    names: tuple[str, ...] = ()
    origin: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Block:
    """What a model is shown of one file. `path` is how people call it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What a place in a file may want to know of other files.

    `brought` has the names that the file imports, or takes from what it imports, each with the
    other words of the imports that bring it. `near` are the names around the cursor with their
    weights, `used` says how often a name stands in the excerpt.
    """

    path: str
    brought: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    near: Mapping[str, float] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All names whose definitions are worth looking for, the nearest first."""
        return [*distinct([*self.near, *self.brought])][:MOST_NAMES]


def near_names(excerpt: Excerpt) -> dict[str, float]:
    """Return the names around the cursor: the nearer, the weightier. A half-typed one is none."""
    above = excerpt.before.removesuffix(held_back(excerpt.before)).split("\n")[-NEAR_ABOVE:]
    below = excerpt.after.split("\n", NEAR_BELOW)[:NEAR_BELOW]
    found = dict.fromkeys(words(excerpt.selected), 1.0)
    for away, line in enumerate(reversed(above)):
        for name in words(line):
            found[name] = found.get(name, 0.0) + 1 / (1 + away)
    for away, line in enumerate(below):
        for name in words(line):
            found[name] = found.get(name, 0.0) + 1 / (2 + away)
    return found


def needs(excerpt: Excerpt, imports: Iterable[tuple[str, ...]] = ()) -> Needs:
    """Return what the place needs; `imports` are those of the file as it was saved."""
    text = excerpt.before + excerpt.selected + excerpt.after
    written = statements(excerpt.before.split("\n"), excerpt.language)
    brought = _brought(dict.fromkeys([*written, *imports]), text)
    return Needs(excerpt.path, brought, near_names(excerpt), Count(words(text)))


def _brought(imports: Iterable[tuple[str, ...]], text: str) -> dict[str, list[list[str]]]:
    """Return the names that imports bring, and those behind the point of such a name."""
    members: dict[str, dict[str, None]] = {}
    for name, member in _ATTRIBUTE.findall(text):
        members.setdefault(name, {})[member] = None
    brought: dict[str, list[list[str]]] = {}
    for statement in imports:
        said = [word for word in statement if word not in KEYWORDS]
        for place, name in enumerate(said):
            brought.setdefault(name, []).append(said[:place] + said[place + 1 :])
            for member in members.get(name, ()):
                brought.setdefault(member, []).append(said)
    brought.pop(RELATIVE, None)
    return brought


def is_imported(definition: Definition, place: Needs) -> int:
    """Return how well an import of the file, by its words, names a definition; 0 for not at all."""
    imports = place.brought.get(definition.name, ())
    # A file may pass on what others define, so an import by place may name any of them.
    fits = (max(nearness(rest, definition.path), int(RELATIVE in rest)) for rest in imports)
    return max(fits, default=0)


def definitions(found: Iterable[tuple[str, Definition]], place: Needs) -> list[Snippet]:
    """Rank definitions, each with its folder, by how much the place needs them.

    Of several with one name the one counts that an import names best. What is imported from
    elsewhere is not looked for; what is not imported has to be near, and the only one of its name.
    """
    by_name: dict[str, list[tuple[str, Definition]]] = {}
    for folder, definition in found:
        by_name.setdefault(definition.name, []).append((folder, definition))
    ranked = []
    for name, candidates in by_name.items():
        fits = max(candidates, key=lambda each: _fitness(each[1], place))
        imported = is_imported(fits[1], place)
        own = fits[1].path == place.path
        if not imported:
            alone = len({definition.path for _, definition in candidates}) == 1
            if name not in place.near or (name in place.brought and not own) or not alone:
                continue
        weight = place.near.get(name, 0.0) + 0.01 * place.used.get(name, 0)
        ranked.append(((bool(imported) and not own, weight), fits))
    ranked.sort(key=lambda each: (each[0][1] >= 1 / NEAR_ABOVE, *each[0]), reverse=True)
    return [_snippet(folder, definition) for _, (folder, definition) in ranked]


def _fitness(definition: Definition, place: Needs) -> tuple[int, int, int]:
    member = bool(definition.member_of)
    return is_imported(definition, place), -member, -distance(definition.path, place.path)


def _snippet(folder: str, definition: Definition) -> Snippet:
    return Snippet(
        "definitions",
        definition.path,
        definition.line,
        definition.more or definition.brief,
        definition.brief,
        (definition.name,),
        (f"{folder}/{definition.path}", folder),
    )


def roughly(text: str) -> int:
    """Return about how many tokens a text has, rather too many; nobody has to be asked."""
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN + 1


def chosen(
    ranked: Sequence[Snippet],
    excerpt: Excerpt,
    count: Counter,
    limit: int,
    kinds: Collection[str] = tuple(SHARES),
) -> tuple[Snippet, ...]:
    """Return the snippets that have room within `limit` tokens, the most useful first.

    Each kind has its share. First they are taken briefly, so that there are many of them; what room
    is left then goes to the first of them.
    """
    lines = shown_lines(excerpt)
    taken: list[Snippet] = []
    whole: list[str] = []
    left = limit
    for kind, share in SHARES.items():
        if kind not in kinds:
            continue
        room = min(left, int(limit * share))
        for snippet in ranked:
            if snippet.kind != kind or is_shown(snippet, lines):
                continue
            brief = snippet.brief or snippet.text
            cost = _cost(snippet.path, brief, taken, count)
            if cost <= room:
                taken.append(_with_text(snippet, brief))
                whole.append(snippet.text)
                room, left = room - cost, left - cost
    for number, (snippet, text) in enumerate(zip(taken, whole, strict=True)):
        more = count(text) - count(snippet.text) if text != snippet.text else 0
        if 0 < more <= left:
            taken[number] = _with_text(snippet, text)
            left -= more
    return tuple(taken)


def _cost(path: str, text: str, taken: Sequence[Snippet], count: Counter) -> int:
    """Return the tokens of a snippet, with those of its file's frame where it is the first."""
    framed = any(each.path == path for each in taken)
    return count(text) + (1 if framed else count(path) + 8)


def _with_text(snippet: Snippet, text: str) -> Snippet:
    return Snippet(
        snippet.kind, snippet.path, snippet.line, text, "", snippet.names, snippet.origin
    )


def shown_lines(excerpt: Excerpt) -> frozenset[str]:
    """Return the lines around the cursor that the prompt has anyway."""
    above = excerpt.before.split("\n")[-SHOWN_ABOVE:]
    below = excerpt.after.split("\n", SHOWN_BELOW)[:SHOWN_BELOW]
    return frozenset(line.strip() for line in (*above, *excerpt.selected.split("\n"), *below))


def is_shown(snippet: Snippet, lines: Collection[str]) -> bool:
    """Tell whether a snippet says little that is not among these lines."""
    own = [line.strip() for line in (snippet.brief or snippet.text).split("\n")]
    own = [line for line in own if len(line) > 3]
    return sum(line in lines for line in own) >= ALIKE * len(own)


def blocks(snippets: Iterable[Snippet]) -> tuple[Block, ...]:
    """Return what is shown of each file, its parts in their order there, none twice."""
    files: dict[str, list[Snippet]] = {}
    for snippet in snippets:
        files.setdefault(snippet.path, []).append(snippet)
    return tuple(
        Block(path, _joined(sorted(parts, key=lambda part: part.line)))
        for path, parts in sorted(files.items())
    )


def _joined(parts: Sequence[Snippet]) -> str:
    """Join parts; the head of a type is not said again for each of its members."""
    said: list[str] = []
    heads: set[str] = set()
    for part in parts:
        own = part.text.rstrip("\n").split("\n")
        said += own[1:] if len(own) > 1 and own[0] in heads else own
        heads.add(own[0])
    return "\n".join(said)
