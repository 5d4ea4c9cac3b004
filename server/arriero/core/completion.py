"""A suggestion at the cursor: what to ask, when the answer is complete, what of it to insert.

    ask(excerpt) -> Ask -> (the model) -> complete(answer)? -> read(answer) -> text or None

A chat model without infilling is shown the code after the cursor and the code before it, and goes
on from a prefilled answer: an open fence and the lines from an anchor to the cursor. The anchor and
the top of the window move in steps, so that between two keystrokes only the prompt's tail grows and
the server's prefix cache serves the rest. Models that only continue text get the text alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from arriero.core import reply
from arriero.core.budget import Counter, Part, fit
from arriero.core.dialects import Dialect, Prompt, Turn
from arriero.core.filters import objection, repeats_itself
from arriero.core.text import Excerpt, fence_for, held_back, indent_of, taken_up, whole_lines, width

ANCHOR_STEP = 16  # lines
WINDOW_STEP = 32  # lines
AFTER_SHARE = 0.25  # of the room that the instructions leave

# The card's own figure for an answer, and enough for the longest line.
SEVERAL_LINES_TOKENS = 200
ONE_LINE_TOKENS = 64

# A suggestion longer than this is not read by anybody, and the GPU is shared.
MOST_LINES = 24

# A line that ends so is followed by a block.
OPENERS = (":", "{", "(", "[", "=>", "->", " do", " then", "begin")

SYSTEM = "You continue code exactly where it stops."
TASK = "Continue the code of {path} ({language})."
INSTRUCTION = (
    "Go on directly after the last character of your reply so far. Write code only, in the style "
    "of the file, and stop where the code after the cursor begins."
)
REST_OF_LINE = " The line that you continue ends with: {rest}"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the model, with what is needed to read its answer.

    `held` is the end of the text before the cursor that the answer has to repeat (see
    `text.held_back`); `fence` closes the code, "" where there is none.
    """

    prompt: Prompt
    held: str
    fence: str
    several: bool


def wants_several(excerpt: Excerpt) -> bool:
    """Tell whether a block is to be written, not just the rest of a line."""
    if excerpt.line_after.strip(reply.CLOSERS):
        return False
    written = excerpt.line_before.rstrip()
    return not written or written.endswith(OPENERS)


def ask(
    excerpt: Excerpt, dialect: Dialect, count: Counter, limit: int, *, max_new_tokens: int
) -> Ask:
    """Word the question. `limit` is the room for the prompt in tokens; raises TooLong."""
    several = wants_several(excerpt)
    held = held_back(excerpt.before)
    # A stop string that stands in the file itself would cut the answer; token ids end it anyway.
    stop = tuple(s for s in dialect.stop if s not in excerpt.before and s not in excerpt.after)
    tokens = min(max_new_tokens, SEVERAL_LINES_TOKENS if several else ONE_LINE_TOKENS)
    written = excerpt.before.removesuffix(held)
    if dialect.converses:
        fence = fence_for(excerpt.before, excerpt.after)
        text = _conversation(excerpt, written, fence, dialect, count, limit)
        stop = (*stop, "\n" + fence)
    else:
        fence = ""
        text = _continuation(excerpt, written, count, limit)
    return Ask(Prompt(text, stop, dialect.end_ids, tokens), held, fence, several)


def complete(answer: str, asked: Ask, excerpt: Excerpt) -> bool:
    """Tell whether the answer so far is all that is wanted, so that the GPU can be let go."""
    text, closed = _code(answer, asked)
    added = taken_up(text, asked.held)
    if added is None or closed:
        return True
    if not asked.several:
        return "\n" in added.lstrip("\n") if added.strip() else False
    # The last line of a stream is still being written: only what stands before it is certain.
    whole = added[: added.rfind("\n") + 1]
    ends = _block(whole, excerpt) != whole or whole.count("\n") >= MOST_LINES
    return ends or repeats_itself(whole, excerpt)


def read(answer: str, asked: Ask, excerpt: Excerpt, *, whole: bool) -> str | None:
    """Return the text to insert at the cursor, or None when there is nothing worth showing.

    `whole` is False when the answer was cut off by its limit: its last line may be half a line.
    """
    text, _ = _code(answer, asked)
    added = taken_up(text, asked.held)
    if added is None:
        return None
    if asked.several:
        if not whole and "\n" in added.strip("\n"):
            added = added[: added.rfind("\n")]
        added = _block(added, excerpt)
    else:
        added = added.partition("\n")[0]
    added = reply.without_overlap(added, excerpt.after).rstrip()
    return None if objection(added, excerpt) else added


def _code(answer: str, asked: Ask) -> tuple[str, bool]:
    text, ended = reply.said(answer, asked.prompt.stop)
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
            return "\n".join(lines[: number + 1])
    return text


def _floor(text: str, excerpt: Excerpt) -> int:
    """Return the indent, in columns, of the line that opens the block, or of its first line."""
    if excerpt.line_before.strip():
        return width(indent_of(excerpt.line_before))
    first = next((line for line in (excerpt.line_before + text).split("\n") if line.strip()), "")
    return width(indent_of(first))


def _conversation(
    excerpt: Excerpt, written: str, fence: str, dialect: Dialect, count: Counter, limit: int
) -> str:
    """Lay out the chat, from what changes least to what changes with every key."""
    rest = excerpt.line_after.strip()
    instruction = INSTRUCTION + (REST_OF_LINE.format(rest=rest) if rest else "")

    def render(above: str, below: str, prefill: str) -> str:
        user = "\n\n".join(
            (
                TASK.format(path=excerpt.path, language=excerpt.language),
                f"Code after the cursor:\n{fence}{excerpt.language}\n{below}\n{fence}",
                f"Code before the cursor:\n{fence}{excerpt.language}\n{above}\n{fence}",
                instruction,
            )
        )
        turns = (Turn("system", SYSTEM), Turn("user", user))
        return dialect.render(turns, f"{fence}{excerpt.language}\n{prefill}")

    above, near = _at_anchor(written, excerpt.top)
    frame = count(render("", "", ""))
    near, below, above = fit(
        (
            Part(near, rank=0, keep="last"),
            Part(excerpt.below.rstrip("\n"), rank=1, keep="first", share=AFTER_SHARE),
            Part(above, rank=2, keep="last"),
        ),
        count,
        limit - frame,
    )
    top = excerpt.top + written.count("\n") - near.count("\n") - above.count("\n")
    return render(_from_step(above, top, excerpt.top).rstrip("\n"), below.rstrip("\n"), near)


def _continuation(excerpt: Excerpt, written: str, count: Counter, limit: int) -> str:
    """Return the text before the cursor, as much of it as fits, from a step of the window on."""
    (fitted,) = fit((Part(written, rank=0, keep="last"),), count, limit)
    top = excerpt.top + written.count("\n") - fitted.count("\n")
    return _from_step(fitted, top, excerpt.top)


def _at_anchor(written: str, top: int) -> tuple[str, str]:
    """Split the text before the cursor at the anchor line: what is shown, what is prefilled.

    The anchor is the line number rounded down to a step, further up where only blanks would follow.
    """
    lines = written.split("\n")
    last = top + len(lines) - 1
    anchor = last - last % ANCHOR_STEP
    while anchor > top and not "".join(lines[anchor - top :]).strip():
        anchor -= ANCHOR_STEP
    split = max(anchor - top, 0)
    above = "".join(line + "\n" for line in lines[:split])
    return above, "\n".join(lines[split:])


def _from_step(text: str, top: int, window_top: int) -> str:
    """Cut a text that begins at document line `top` so that it begins at a step of the window."""
    if top == window_top:
        return text
    skip = -top % WINDOW_STEP
    lines = whole_lines(text)
    return "".join(lines[skip:]) if skip < len(lines) else text
