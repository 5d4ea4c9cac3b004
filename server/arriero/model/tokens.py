"""How many tokens a text is: exactly where a tokenizer is at hand, else rather too many."""

from __future__ import annotations

import asyncio
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING

from arriero.errors import SettingsError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Characters per token. Code in the Llama vocabulary has 2.5 to 3.4; in more than 95 of 100 source
# files measured, tabs and all, the whole file has more than this.
DENSEST = 1.8

log = logging.getLogger(__name__)


def estimate(text: str) -> int:
    """Return a number of tokens that a text of code hardly ever exceeds.

    Characters outside ASCII count by their bytes in UTF-8: byte fallback makes no more of them.
    """
    plain = sum(character.isascii() for character in text)
    size = len(text.encode("utf-8", "surrogatepass"))
    return math.ceil(plain / DENSEST) + size - plain


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


class Counter:
    """Counts tokens without `<s>`: by estimate until the tokenizer at `path` is loaded."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._tokenizer: Tokenizer | None = None

    async def load(self) -> None:
        """Read the tokenizer, off the event loop: it takes some 50 ms.

        One that cannot be read is said once, in the log, and done without.
        """
        if self._path is None:
            return
        try:
            self._tokenizer = await asyncio.to_thread(load, self._path)
        except SettingsError as error:
            log.warning("%s", error)
        self._path = None

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        if self._tokenizer is None:
            return estimate(text)
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)
