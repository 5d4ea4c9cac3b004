"""How many tokens a text is: exactly where a tokenizer is at hand, else rather too many.

    count   a tokenizer.json   ->  its own counts
            a model server     ->  estimates at once, its counts of the lines when it has told them

Counts are kept per line, so that a keystroke costs one line. Where a line end is always a token of
its own, as in Llama's vocabulary, the lines of a text add up to the text; words do too where a
blank only begins a token. In other vocabularies a token can run over a line end. There each line is
counted with the line end before it, and the sum is somewhat too large: at the median of 600 source
files by 0.3 % with SmolLM2's, and by 9 % with one that was trained with Qwen's way to split text.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from arriero.core.escape import SPECIAL
from arriero.errors import SettingsError, WrongAddress
from arriero.memory import give_back
from arriero.model.lines import LONGEST_LINE, Lines

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Pieces of ASCII text, somewhat smaller than those of the Llama vocabulary: a space belongs to the
# word behind it, digits and tabs stand alone.
PIECES = re.compile(
    r"""[A-Z]?[a-z]{1,4} | [A-Z] | [0-9] | [!-/:-@\[-`{-~] | [ ]{2,16} | [\x00-\x1f\x7f]""",
    re.VERBOSE,
)

# Tenths of a token that a piece counts for: one to spare. Measured with the Llama vocabulary on 708
# source files of six languages, the estimate is below the true count in one file, and 1.4 times it
# on the median.
TENTHS = 11

MOST_WORDS = 20_000  # counted words that are kept
BLANK = "\u2581"  # how SentencePiece writes a space
WORDS = re.compile(r"[ ]*[^ ]+|[ ]+")
ASKED_AT_ONCE = 20_000  # characters, in one request to the server

# What a server says of a text: its token ids, or None where it never says.
Ask = Callable[[str], Awaitable[Sequence[int] | None]]

log = logging.getLogger(__name__)


def estimate(text: str) -> int:
    """Return a number of tokens that a text of code hardly ever exceeds."""
    return math.ceil(pieces(text) * TENTHS / 10)


def pieces(text: str) -> int:
    """Return the pieces of a text; the lines of a text and its line ends add up to it.

    Characters outside ASCII count by their bytes in UTF-8: byte fallback makes no more of them.
    """
    found = len(PIECES.findall(text))
    if text.isascii():
        return found
    plain = sum(map(str.isascii, text))
    return found + len(text.encode("utf-8", "surrogatepass")) - plain


def load(path: Path) -> Tokenizer:
    """Read a `tokenizer.json`, or the one in a directory. Raises SettingsError."""
    from tokenizers import Tokenizer

    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises bare Exception for all that it cannot read
        raise SettingsError(
            f"The tokenizer {str(file)!r} cannot be read ({error}). Set ARRIERO_TOKENIZER to the "
            "model's tokenizer.json, or leave it out: lengths are then estimated."
        ) from None


def splits(tokenizer: Tokenizer) -> bool:
    """Tell whether line ends stand alone in all tokens, and blanks only at their beginning."""
    vocabulary = tokenizer.get_vocab()
    if "<0x0A>" not in vocabulary:
        return False  # not SentencePiece with byte fallback: line ends are spelled in other ways
    return not any("\n" in piece[1:] or BLANK in piece.lstrip(BLANK) for piece in vocabulary)


def by_tokenizer(tokenizer: Tokenizer) -> Callable[[str], int]:
    """Return what counts a text by a tokenizer, without `<s>`: by words or by lines, as it can."""

    def whole(text: str) -> int:
        sound = text.encode("utf-8", "replace").decode("utf-8")  # half a character is no text
        return len(tokenizer.encode(sound, add_special_tokens=False))

    before = whole("\n")

    def behind_a_line_end(text: str) -> int:
        # Some tokenizers put a space before a text. One at least: a turn's end takes the blanks
        # before it, and the line end would be one of them.
        return max(whole("\n" + text) - before, 1)

    if not splits(tokenizer):
        return Lines(lambda line: 10 * behind_a_line_end(line), line_end=10).count
    word = lru_cache(MOST_WORDS)(behind_a_line_end)
    return Lines(lambda line: 10 * sum(map(word, WORDS.findall(line))), line_end=10).count


def _counting(path: Path) -> Callable[[str], int]:
    count = by_tokenizer(load(path))
    give_back()
    return count


class Counter:
    """Counts tokens without `<s>`: by estimate until better is known.

    That is the tokenizer at `path`, or what the model server says by `ask`: the token ids of a
    text. It is asked about lines in the background, and its counts serve the next time.
    """

    def __init__(self, path: Path | None, ask: Ask | None = None) -> None:
        self._path = path
        self._ask = ask if path is None else None
        self._instead = ask
        self._exact: Callable[[str], int] | None = None
        self._estimated = Lines(self._note, line_end=TENTHS)
        self._unknown: dict[str, None] = {}
        self._asking: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read the tokenizer, off the event loop: it takes some 50 ms.

        One that cannot be read is said once, in the log, and done without.
        """
        if self._path is None:
            return
        try:
            self._exact = await asyncio.to_thread(_counting, self._path)
        except SettingsError as error:
            log.warning("%s", error)
            self._ask = self._instead
            self._estimated = Lines(self._note, line_end=TENTHS)  # to be asked about from now on
        self._path = None

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        if self._exact:
            return self._exact(text)
        total = self._estimated.count(text)
        if self._unknown and self._ask and self._asking is None:
            self._asking = asyncio.create_task(self._learn(self._ask))
            self._asking.add_done_callback(self._asked)
        return total

    async def close(self) -> None:
        """Stop asking."""
        self._ask = None
        if self._asking:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    def _note(self, line: str) -> int:
        """Estimate a line, to be asked about when it is likely to come again."""
        if self._ask and line and len(line) <= LONGEST_LINE:
            self._unknown[line] = None
        return pieces(line) * TENTHS

    async def _learn(self, ask: Ask) -> None:
        """Ask about all lines that are only estimated, many at a time.

        Ids do not tell which text they stand for, but those of line ends part the lines; a
        vocabulary in which they do not is not asked again.
        """
        ends = list(await ask("\n" * 4) or ())[-4:]
        if len(ends) < 4 or len(set(ends)) > 1:
            self._ask = None
            return
        while self._unknown:
            lines = self._next_lines()
            # Escaped, lest a special token takes line ends with it.
            ids = await ask("".join("\n" + SPECIAL.escape(line) for line in lines))
            counts = _between(ids or (), ends[-1])[1:]
            if len(counts) != len(lines):
                self._ask = None
                return
            for line, count in zip(lines, counts, strict=True):
                self._estimated.learn(line, 10 * count)

    def _next_lines(self) -> list[str]:
        lines, size = [], 0
        for line in list(self._unknown):
            del self._unknown[line]
            lines.append(line)
            size += len(line)
            if size > ASKED_AT_ONCE:
                break
        return lines

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking = None
        if not task.cancelled() and (error := task.exception()):
            # Estimates do; the next text asks again, unless there is nobody to ask.
            self._unknown.clear()
            if isinstance(error, WrongAddress):
                self._ask = None
            log.debug("the model server did not count: %s", error)


def _between(ids: Sequence[int], end: int) -> list[int]:
    """Return how many ids stand between the given one, and before and after it."""
    counts = [0]
    for each in ids:
        if each == end:
            counts.append(0)
        else:
            counts[-1] += 1
    return counts
