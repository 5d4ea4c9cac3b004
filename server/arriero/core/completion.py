"""A suggestion at the cursor: what to ask, when the answer is complete, what of it to insert.

    ask(excerpt) -> Ask -> (the model) -> heard(answer) -> settled? enough? -> shown -> text or None

What the model is shown of the file is the layout's to say: layout.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from arriero.core import layout, reply
from arriero.core.budget import Counter, room
from arriero.core.context import Block
from arriero.core.dialects import Dialect, Prompt, Sampling, prompt
from arriero.core.filters import objection, repeats_itself
from arriero.core.models import ModelInfo
from arriero.core.redaction import NO_SECRETS, Secrets
from arriero.core.text import Excerpt, fence_for, gone_on, held_back, indent_of, width

# A suggestion longer than this is not read by anybody, and the GPU is shared.
MOST_LINES = 24

# Characters of a line that are worth showing to somebody who types, before the line is complete.
PIECE = 4

# Characters of the line's rest that an answer has to repeat before it counts as having come there.
JOIN = 8
SHORTEST_JOIN = 3
QUOTES = ('"', "'", "`")

# A line that ends so is followed by a block.
OPENERS = (":", "{", "(", "[", "=>", "->", " do", " then", "begin")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the model, with what is needed to read its answer.

    The model is shown the text up to `line`, the last line that it sees, and not what is `held`:
    the end of the text before the cursor, with which the answer has to begin (see
    `text.held_back`). `fence` closes the code, "" where there is none. `secrets` are what the
    prompt has placeholders for; they do not cross the seam to the model.
    """

    prompt: Prompt
    line: str
    held: str
    fence: str
    several: bool
    secrets: Secrets = NO_SECRETS


def in_word(excerpt: Excerpt) -> bool:
    """Tell whether the cursor stands inside a word."""
    return excerpt.line_after[:1].isidentifier() and excerpt.before[-1:].isidentifier()


def wants_several(excerpt: Excerpt, opens: bool | None = None) -> bool:
    """Tell whether a block is to be written, not just the rest of a line.

    `opens` is what is known of the syntax: whether a block opens at the cursor. Without it the end
    of the line tells.
    """
    if excerpt.line_after.strip(reply.CLOSERS):
        return False
    written = excerpt.line_before.rstrip()
    return not written or (written.endswith(OPENERS) if opens is None else opens)


@dataclass(frozen=True, slots=True)
class Generation:
    """What the settings say of an answer: what the model is told it is, and its size in tokens."""

    system: str = ""
    max_new_tokens: int = 200
    one_line_tokens: int = 64


def ask(
    excerpt: Excerpt,
    dialect: Dialect,
    count: Counter,
    info: ModelInfo,
    generation: Generation,
    sampling: Sampling | None = None,
    *,
    held: str | None = None,
    opens: bool | None = None,
    others: Sequence[Block] = (),
) -> Ask:
    """Word the question. `held` is not shown; by default what `text.held_back` says.

    `opens` is for `wants_several`; `others` are shown of other files. Raises TooLong.
    """
    several = wants_several(excerpt, opens)
    # Who asks for more than this leaves no room to show the model what it is about.
    most = min(generation.max_new_tokens, info.max_total_tokens // 2)
    tokens = most if several else min(most, generation.one_line_tokens)
    # The same for one line as for several, so that the window above keeps its place.
    limit = room(info, most)
    # A stop string that stands in the file itself would cut the answer; token ids end it anyway.
    stop = tuple(s for s in dialect.stop if s not in excerpt.before and s not in excerpt.after)
    held = held_back(excerpt.before) if held is None else held
    written = excerpt.before.removesuffix(held)
    fence = ""
    if dialect.infills:
        text = layout.gap(excerpt, written, dialect, count, limit, others)
        asked = Prompt(text, stop, dialect.end_ids, tokens)
    elif dialect.converses:
        fence = fence_for(excerpt.before, excerpt.after, *(each.text for each in others))
        turns, prefill = layout.conversation(
            excerpt, written, fence, generation.system, dialect, count, limit, others
        )
        asked = prompt(dialect, turns, prefill, (*stop, "\n" + fence), tokens)
    else:
        text = layout.continuation(excerpt, written, dialect, count, limit, others)
        asked = Prompt(text, stop, dialect.end_ids, tokens)
    line = written[written.rfind("\n") + 1 :]
    return Ask(replace(asked, sampling=sampling), line, held, fence, several)


def heard(answer: str, asked: Ask, *, over: bool = True) -> tuple[str, bool]:
    """Return the code that an answer has so far, and whether it has come to its end.

    The code begins where the text ends that the model was shown: with what was held back, if the
    answer fits. A line in which a secret cannot be put back ends it.
    """
    text, closed = _code(answer, asked, over)
    if not (over or closed):
        text = text[: asked.secrets.settled(text)]
    text = asked.secrets.restore(text)
    remnant = asked.secrets.remnant(text)
    if remnant is not None:
        text, closed = text[: text.rfind("\n", 0, remnant) + 1], True
    return gone_on(text, asked.line, asked.held), closed


def enough(added: str, excerpt: Excerpt, *, lines: int) -> bool:
    """Tell whether no more needs to be said: so many lines, or the code that stands below."""
    if rest := excerpt.line_after.strip():
        closed = not rest.strip(reply.CLOSERS) and reply.unopened(added) > 0
        if "\n" in added or closed or joint(added, excerpt.line_after) is not None:
            return True
    # The last line of a stream is still being written: only what stands before it is certain.
    whole = added[: added.rfind("\n") + 1]
    if whole.strip("\n").count("\n") + bool(whole.strip()) >= lines:
        return True
    return repeats_itself(whole, excerpt) or reaches_below(whole, excerpt)


def settled(added: str, excerpt: Excerpt, *, several: bool, patient: bool) -> bool:
    """Tell whether what an answer adds so far can be shown, though the model is still speaking.

    Somebody who asked by hand is `patient`: they wait for the whole block.
    """
    if not added.strip(" \t"):
        return False
    if not (several and patient):
        line, ended, _ = (added.lstrip("\n") if several else added).partition("\n")
        return bool(ended) or (not patient and _is_piece(line))
    whole = added[: added.rfind("\n") + 1]
    return _block(whole, excerpt) != whole or whole.count("\n") >= MOST_LINES


def _is_piece(line: str) -> bool:
    """Tell whether so much of a line is worth showing, and sure to stay."""
    words = line.removesuffix(held_back(line))
    return len(words.strip()) >= PIECE and not (reply.may_refuse(line) or reply.may_leak(line))


def shown(added: str, excerpt: Excerpt, *, several: bool, whole: bool) -> str | None:
    """Return the text to insert at the cursor, or None when there is nothing worth showing.

    Not `whole`: the last line may be half a line.
    """
    joined = None if several else joint(added, excerpt.line_after)
    if joined is not None:
        added = added[:joined]
        return None if objection(added, excerpt) else added
    if in_word(excerpt):
        return None
    if several:
        if not whole:
            added = _whole_lines(added)
        added = _block(added, excerpt)
    else:
        added = _line(added, whole=whole)
    added = reply.without_overlap(added, excerpt.after)
    if not excerpt.line_after.strip():
        added = added.rstrip()
    return None if objection(added, excerpt) else added


def joint(added: str, rest: str) -> int | None:
    """Return where an answer within a line comes to what stands behind the cursor."""
    line = added.partition("\n")[0]
    mark = rest[:JOIN].rstrip()
    if not mark.strip(reply.CLOSERS):
        return None
    if len(mark.strip()) >= SHORTEST_JOIN and mark in line:
        return line.index(mark)
    # The answer may have been cut on its way across.
    for size in range(min(len(mark), len(line)), 0, -1):
        if line.endswith(mark[:size]) and (size >= SHORTEST_JOIN or mark[:size] in QUOTES):
            return len(line) - size
    return None


def reaches_below(whole: str, excerpt: Excerpt) -> bool:
    """Tell whether the last whole line is the one that stands below the cursor already."""
    below = next((line.strip() for line in excerpt.below.split("\n") if line.strip()), "")
    return len(below) > 2 and whole.rstrip("\n").rpartition("\n")[2].strip() == below


def _line(text: str, *, whole: bool) -> str:
    """Return the first line; of one that was cut off, no half word."""
    line, ended, _ = text.partition("\n")
    return line if whole or ended else line.removesuffix(held_back(line).lstrip())


def _whole_lines(text: str) -> str:
    """Return what was said without the last line, which is half a line; of an only one, words."""
    if "\n" in text.strip("\n"):
        return text[: text.rfind("\n")]
    return text.removesuffix(held_back(text).lstrip())


def _code(answer: str, asked: Ask, over: bool) -> tuple[str, bool]:
    text, ended = reply.said(answer, asked.prompt.stop, asked.prompt.signs, over=over)
    code, closed = reply.in_fence(text, asked.fence) if asked.fence else (text, False)
    return code, ended or closed


def _block(text: str, excerpt: Excerpt) -> str:
    """Return the lines that belong to the block at the cursor; what follows is another thing."""
    opens = bool(excerpt.line_before.strip())
    floor = _floor(text, excerpt)
    below = next((line.strip() for line in excerpt.below.split("\n") if line.strip()), None)
    lines = text.split("\n")
    for number, line in enumerate(lines[1:], start=1):
        if not line.strip():
            continue
        if line.strip() == below and len(line.strip()) > 2:
            return "\n".join(lines[:number])
        depth = width(indent_of(line))
        closes = line.strip()[0] in ")]}" or line.strip() in ("end", "fi", "done")
        if depth < floor or (opens and depth == floor and not closes):
            return "\n".join(lines[:number])
        if opens and depth == floor and closes:
            # Editors close a bracket by themselves; then it stands below already.
            return "\n".join(lines[: number + (line.strip() != below)])
    return text


def _floor(text: str, excerpt: Excerpt) -> int:
    """Return the indent, in columns, of the line that opens the block, or of its first line."""
    if excerpt.line_before.strip():
        return width(indent_of(excerpt.line_before))
    first = next((line for line in (excerpt.line_before + text).split("\n") if line.strip()), "")
    return width(indent_of(first))
