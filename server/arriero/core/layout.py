"""What a model is shown for a suggestion: the text around the cursor, as much of it as fits.

A chat model without infilling is shown the code before the cursor and the code after it, and goes
on from a prefilled answer: an open fence and the lines from an anchor to the cursor. The anchor and
the top of the window move in steps, so that between two keystrokes only the prompt's tail grows and
the server's prefix cache serves the rest. The code before stands first: it is the larger part, and
whoever goes to another line of the file leaves most of it as it is.

Models trained to infill are shown the gap, the code after it first, and models that only continue
text get the text alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from arriero.core.budget import Counter, Part, fit
from arriero.core.context import Block
from arriero.core.dialects import Dialect, Turn, infill
from arriero.core.text import Excerpt, whole_lines

ANCHOR_STEP = 16  # lines
WINDOW_STEP = 32  # lines
AFTER_SHARE = 0.25  # of the room that the instructions leave
# Of the room too. More would not leave the code around the cursor what it needs.
MOST_OTHERS = 0.5

TASK = "Continue the code of {path} ({language})."
INSTRUCTION = (
    "Go on directly after the last character of your reply so far. Write code only, in the style "
    "of the file, and stop where the code after the cursor begins."
)
REST_OF_LINE = " The line that you continue goes on with: {rest}"
REST_CHARACTERS = 200  # a minified line would fill the prompt with itself

# What begins a comment that ends with its line, where that is not `//`.
COMMENTS = dict.fromkeys(
    (*("python", "ruby", "shellscript", "perl", "elixir", "r", "julia", "makefile", "dockerfile"),
     *("yaml", "toml", "powershell", "coffeescript", "nix", "cmake")),
    "#",
) | dict.fromkeys(("lua", "haskell", "sql", "ada", "elm"), "--")  # fmt: skip

Laid = TypeVar("Laid")
Conversation = tuple[tuple[Turn, ...], str]


def conversation(
    excerpt: Excerpt,
    written: str,
    fence: str,
    system: str,
    dialect: Dialect,
    count: Counter,
    limit: int,
    others: Sequence[Block] = (),
) -> Conversation:
    """Return turns and a prefill, laid out from what changes least to what changes with every key.

    `written` is the text before the cursor that the prefill ends with, `others` are what is shown
    of other files. `limit` is in tokens of the rendered prompt. Raises TooLong.
    """
    rest = excerpt.line_after.strip()[:REST_CHARACTERS]
    instruction = INSTRUCTION + (REST_OF_LINE.format(rest=rest) if rest else "")

    def lay(above: str, below: str, prefill: str, beside: str = "") -> Conversation:
        user = "\n\n".join(
            (
                TASK.format(path=excerpt.path, language=excerpt.language) + beside,
                f"Code before the cursor:\n{fence}{excerpt.language}\n{above}\n{fence}",
                f"Code after the cursor:\n{fence}{excerpt.language}\n{below}\n{fence}",
                instruction,
            )
        )
        turns = (Turn("system", system), Turn("user", user))
        return turns, f"{fence}{excerpt.language}\n{prefill}"

    def fitted(room: int) -> Conversation:
        left = room - count(dialect.render(*lay("", "", "")))
        beside = fitting(in_fences(others, fence), dialect, count, left)
        above, near = _at_anchor(written, excerpt.top)
        near, below, above = fit(
            (
                Part(near, rank=1, keep="last"),
                # Before the rest: what it has room for then does not change with every line.
                Part(excerpt.below.rstrip("\n"), rank=0, keep="first", share=AFTER_SHARE),
                Part(above, rank=2, keep="last"),
            ),
            escaped(dialect, count),
            left - escaped(dialect, count)(beside),
        )
        top = excerpt.top + written.count("\n") - near.count("\n") - above.count("\n")
        above = _from_step(above, top, excerpt.top)
        return lay(above.rstrip("\n"), below.rstrip("\n"), near, beside)

    return within(limit, fitted, lambda laid: count(dialect.render(*laid)))


def gap(
    excerpt: Excerpt,
    written: str,
    dialect: Dialect,
    count: Counter,
    limit: int,
    others: Sequence[Block] = (),
) -> str:
    """Return the text with its gap where `written` ends. `limit` is in tokens. Raises TooLong.

    The suffix stands first. Then a keystroke changes the prompt's tail only, where the other order
    would have the server read the suffix anew. And it is the order in which the models were trained
    to go on with a prefix in whole tokens, which `written` is made of: they saw prefixes that end
    inside a token in the other order only (section 2.3 of arXiv 2308.12950).
    """

    def fitted(room: int) -> str:
        beside = fitting(in_comments(others, excerpt), dialect, count, room)
        before, after = fit(
            (
                Part(written, rank=1, keep="last"),
                Part(excerpt.after, rank=0, keep="first", share=AFTER_SHARE),
            ),
            escaped(dialect, count),
            room - count(infill(beside, "", suffix_first=True)),
        )
        top = excerpt.top + written.count("\n") - before.count("\n")
        before = _from_step(before, top, excerpt.top)
        return infill(beside + before, after, suffix_first=True)

    return within(limit, fitted, count)


def continuation(
    excerpt: Excerpt,
    written: str,
    dialect: Dialect,
    count: Counter,
    limit: int,
    others: Sequence[Block] = (),
) -> str:
    """Return the text before the cursor, as much of it as fits, from a step of the window on."""

    def fitted(room: int) -> str:
        beside = fitting(in_comments(others, excerpt), dialect, count, room)
        left = room - escaped(dialect, count)(beside)
        (text,) = fit((Part(written, rank=0, keep="last"),), escaped(dialect, count), left)
        top = excerpt.top + written.count("\n") - text.count("\n")
        return dialect.render((), beside + _from_step(text, top, excerpt.top))

    return within(limit, fitted, count)


def in_fences(others: Sequence[Block], fence: str) -> str:
    """Write what is shown of other files, for a model that is talked to."""
    return "".join(f"\n\nFrom {each.path}:\n{fence}\n{each.text}\n{fence}" for each in others)


def in_comments(others: Sequence[Block], excerpt: Excerpt) -> str:
    """Write it as comments above the code, for a model that knows nothing but files."""
    sign = COMMENTS.get(excerpt.language, "//")
    lines = [line for each in others for line in (f"From {each.path}:", *each.text.split("\n"))]
    if not lines:
        return ""
    lines.append(f"Now {excerpt.path}:")
    return "".join(f"{sign} {line}".rstrip() + "\n" for line in lines) + "\n"


def fitting(beside: str, dialect: Dialect, count: Counter, room: int) -> str:
    """Return the text if the prompt can spare the room for it; else none of it.

    It was chosen to have room, so it has none only where the model server turned out to be smaller.
    """
    if not beside:
        return ""
    return beside if escaped(dialect, count)(beside) <= room * MOST_OTHERS else ""


def within(limit: int, lay: Callable[[int], Laid], count: Callable[[Laid], int]) -> Laid:
    """Lay out within `limit` tokens: parts that meet can make more tokens than they have alone.

    `lay` is given the room that there is, and raises TooLong when it is too small.
    """
    room = limit
    laid = lay(room)
    while (excess := count(laid) - limit) > 0:
        room -= excess
        laid = lay(room)
    return laid


def escaped(dialect: Dialect, count: Counter) -> Counter:
    """Count a text as it will stand in the prompt."""
    return lambda text: count(dialect.signs.escape(text))


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
