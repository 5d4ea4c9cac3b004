r"""Special tokens in people's text: taken apart on the way to the model, mended on the way back.

People edit code in which `<s>`, `</s>` or `<step>` stand as plain text, and a tokenizer would read
them as the model's own signs: a turn that nobody took, an end that nobody reached. A zero-width
space behind the first character of each makes it ordinary text at the price of one token.

    SPECIAL.escape("<step>")                -> "<\u200bstep>"
    SPECIAL.restore(SPECIAL.escape(text))   == text, for every text

Text that is escaped already gets one more, so that nothing is lost. Escape once, the whole of a
turn, when all its parts are joined: two halves can meet and become a special token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

APART = "\u200b"

# First character, the rest, and what a stream may have of the rest when it stops in the middle.
_Sign = tuple[str, str, str]

# The names are those of the Llama 2 and Code Llama vocabularies (ids 0-2, 32007-32010, 32015).
_TOKENS: _Sign = ("<", "(?:s|/s|unk|step|PRE|SUF|MID|EOT)>", "(?:/?[A-Za-z]{0,4})?")

# SPECIAL_TAGS of facebookresearch/codellama (1af62e1): ordinary text to a tokenizer, but the
# 7B to 34B Instruct models are trained to read them as the frame of a dialog.
_SYSTEM: _Sign = ("<", "</?SYS>>", "(?:</?[SY]{0,3}>?)?")
_INSTRUCTION: _Sign = (r"\[", r"/?INST\]", "/?[INST]{0,4}")

# How most other families of chat models write theirs: `<|im_end|>`, `<|eot_id|>`.
_BARRED: _Sign = ("<", r"\|\w{1,32}\|>", r"(?:\|\w{0,32}\|?)?")


@dataclass(frozen=True, slots=True)
class Signs:
    """What a model reads as more than text. Made by `signs`."""

    whole: re.Pattern[str]
    apart: re.Pattern[str]
    begun: re.Pattern[str]

    def escape(self, text: str) -> str:
        """Return the text with every sign taken apart."""
        return self.whole.sub(lambda found: found.group() + APART, text)

    def restore(self, text: str) -> str:
        """Undo `escape`. What was never taken apart stays as it is."""
        return self.apart.sub(lambda found: found.group()[0], text)

    def settled(self, text: str) -> int:
        """Return how many characters of a stream so far can be restored now.

        What follows may be the first half of a sign, whose other half is still to come.
        """
        unfinished = self.begun.search(text)
        return unfinished.start() if unfinished else len(text)


def signs(*kinds: _Sign) -> Signs:
    """Return what takes signs of these kinds apart."""
    return Signs(
        whole=_any(f"{first}(?={APART}*{rest})" for first, rest, _ in kinds),
        apart=_any(f"{first}{APART}(?={APART}*{rest})" for first, rest, _ in kinds),
        begun=_any(rf"{first}{APART}*{part}\Z" for first, _, part in kinds),
    )


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


SPECIAL = signs(_TOKENS)
SPECIAL_AND_TAGS = signs(_TOKENS, _SYSTEM, _INSTRUCTION)
EVERYTHING = signs(_TOKENS, _SYSTEM, _INSTRUCTION, _BARRED)
