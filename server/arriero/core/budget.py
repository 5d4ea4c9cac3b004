"""What fits: parts with ranks, a counter that is passed in, and a limit in tokens."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from arriero.core.models import ModelInfo
from arriero.core.text import whole_lines
from arriero.errors import TooLong

Counter = Callable[[str], int]

# Characters. Llama's longest pieces are runs of so many spaces, so what is longer than all tokens
# that there are is not even counted: a minified file is one line of a megabyte.
LONGEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A text that wants room. Lower ranks are served first.

    `keep` says what stays of a text that does not fit: its first lines, its last, or `all` of it.
    `share` bounds a part to a fraction of the room that is left when its turn comes.
    """

    text: str
    rank: int
    keep: Literal["all", "first", "last"] = "all"
    share: float = 1.0


def room(info: ModelInfo, max_new_tokens: int) -> int:
    """Return how many tokens a prompt may have, without `<s>`, so that the answer still fits."""
    return min(info.max_input_tokens, info.max_total_tokens - max_new_tokens) - 1


def check(needed: int, limit: int, answer: int) -> None:
    """Raise TooLong, with both numbers, if what cannot be cut exceeds the room for the prompt."""
    if needed > limit:
        raise TooLong(
            f"The code and the instructions take about {needed} tokens and the answer up to "
            f"{answer}, but the model holds {max(limit + answer, 0)} in all. Select less, or "
            "raise `context_tokens` if the server allows more."
        )


def fit(parts: Sequence[Part], count: Counter, limit: int) -> tuple[str, ...]:
    """Return the texts in their given order, each as much of it as fits, whole lines only.

    Raises TooLong if there is no room at all, or not for a part that has to be kept whole.
    """
    if limit <= 0:
        raise _too_long(limit)
    fitted = [""] * len(parts)
    left = limit
    for place in sorted(range(len(parts)), key=lambda place: parts[place].rank):
        part = parts[place]
        fitted[place], needed = _shorten(part, count, int(left * part.share))
        left -= needed
    return tuple(fitted)


def _shorten(part: Part, count: Counter, limit: int) -> tuple[str, int]:
    """Return as much of a part as fits, and its tokens."""
    text = part.text if part.keep == "all" else _clipped(part, max(limit, 0) * LONGEST_TOKEN)
    needed = count(text)
    if needed > limit and part.keep == "all":
        raise _too_long(limit - needed)
    lines = deque(whole_lines(text) if needed > limit else ())
    drop = lines.pop if part.keep == "first" else lines.popleft
    while lines and needed > limit:
        excess = needed - limit
        while lines and excess > 0:
            last = drop()
            excess -= count(last)
        text = "".join(lines)
        if not text and part.keep == "last":
            text = _end(last, count, limit)
        needed = count(text)
    return text, needed


def _clipped(part: Part, most: int) -> str:
    """Return the lines of a part that have a chance to fit; the end of one that has none."""
    text = part.text
    if len(text) <= most:
        return text
    if part.keep == "first":
        return text[: text.rfind("\n", 0, most) + 1]
    end = text[len(text) - most :]
    return end[end.find("\n") + 1 :]


def _end(line: str, count: Counter, limit: int) -> str:
    """Return the end of a line that is longer than the room: a minified file has such lines."""
    while line and (needed := count(line)) > limit:
        line = line[len(line) * (needed - limit) // needed + 1 :]
    return line


def _too_long(left: int) -> TooLong:
    return TooLong(
        f"The prompt is about {-left} tokens longer than the model's context has room for. "
        "Select less, or raise `context_tokens` if the server allows more."
    )
