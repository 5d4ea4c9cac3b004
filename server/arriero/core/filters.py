"""Suggestions that are worse than none. One small function each; the first that objects wins."""

from __future__ import annotations

import re
from collections.abc import Callable

from arriero.core.reply import refuses
from arriero.core.text import Excerpt

_TALK = re.compile(r"\s*(?:```|<\|im_(?:start|end)\|>|(?:Sure|Here is|Here's)\b.*:\s*$)")

# A phrase of at least four characters, at least four times, up to the end or nearly so.
_PHRASE = re.compile(r"(\S.{3,39}?)\1{3,}.{0,40}\Z", re.DOTALL)

# A row of one sign, as it divides a file or underlines a title. A longer one has gone astray.
_RULER = re.compile(r"(?<![^\w\s])([^\w\s])\1{3,119}(?!\1)")

Filter = Callable[[str, Excerpt], bool]


def blank(text: str, excerpt: Excerpt) -> bool:
    """Nothing but blanks."""
    return not text.strip()


def repeats_itself(text: str, excerpt: Excerpt) -> bool:
    """End in four equal lines, or in a short phrase over and over."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > 3 and len(set(lines[-4:])) == 1:
        return True
    return bool(_PHRASE.search(_RULER.sub("-", text)))


def repeats_a_block(text: str, excerpt: Excerpt) -> bool:
    """End in the same few lines three times."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return any(
        lines[-size:] == lines[-2 * size : -size] == lines[-3 * size : -2 * size]
        for size in range(2, len(lines) // 3 + 1)
    )


def repeats_the_line_above(text: str, excerpt: Excerpt) -> bool:
    """Write the line above once more, all of it: whoever has begun to repeat it may want to."""
    if excerpt.line_before.strip():
        return False
    above = excerpt.before.split("\n")[:-1]
    written = (excerpt.line_before + text).strip()
    last = next((line.strip() for line in reversed(above) if line.strip()), "")
    return len(written) > 3 and written == last


def repeats_the_line_below(text: str, excerpt: Excerpt) -> bool:
    """Write a line that stands below already, all of it."""
    if excerpt.line_before.strip():
        return False
    written = (excerpt.line_before + text.partition("\n")[0]).strip()
    below = next((line.strip() for line in excerpt.below.split("\n") if line.strip()), "")
    return len(written) > 3 and written == below


def repeats_the_lines_above(text: str, excerpt: Excerpt) -> bool:
    """Begin with the last two lines above or more, as deep as they are there."""
    if excerpt.line_before.strip():
        return False
    code = excerpt.line_before + text
    written = [line.rstrip() for line in code.split("\n") if line.strip()]
    above = [line.rstrip() for line in excerpt.before.split("\n")[-50:-1] if line.strip()]
    return any(written[:size] == above[-size:] for size in range(2, len(written) + 1))


def talks(text: str, excerpt: Excerpt) -> bool:
    """Prose, an apology or the model's own signs where code belongs."""
    return bool(_TALK.match(text)) or refuses(text)


FILTERS: tuple[Filter, ...] = (
    blank,
    talks,
    repeats_itself,
    repeats_a_block,
    repeats_the_line_above,
    repeats_the_line_below,
    repeats_the_lines_above,
)


def objection(text: str, excerpt: Excerpt) -> str | None:
    """Return the name of the first filter that objects, or None."""
    return next((check.__name__ for check in FILTERS if check(text, excerpt)), None)
