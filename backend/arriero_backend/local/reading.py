"""Generated tokens as text, one at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable


class Reader:
    """Reads tokens by the bytes that they stand for.

    A token that ends inside a character reads as what is complete, and the next one brings the
    rest. Bytes that are no UTF-8 read as U+FFFD; the DecodeStream of `tokenizers` raises on some.
    """

    def __init__(self, piece: Callable[[int], bytes]) -> None:
        self._piece = piece
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self, token: int) -> str:
        """Return the text that a token adds."""
        return self._decoder.decode(self._piece(token))
