r"""Special tokens in people's text: taken apart on the way to the model, mended on the way back.

People edit code in which `<s>`, `</s>` or `<step>` stand as plain text, and a tokenizer would read
them as the model's own signs: a turn that nobody took, an end that nobody reached. A zero-width
space behind the `<` makes each of them ordinary text at the price of one token.

    escape("<step>")             -> "<\u200bstep>"
    restore(escape(text))        == text, for every text

Text that is escaped already gets one more, so that nothing is lost. Escape once, the whole of a
turn, when all its parts are joined: two halves can meet and become a special token.
"""

from __future__ import annotations

import re

APART = "\u200b"

# The names are those of the Llama 2 and Code Llama vocabularies (ids 0-2, 32007-32010, 32015).
_NAMES = "s|/s|unk|step|PRE|SUF|MID|EOT"
_WHOLE = re.compile(f"<(?={APART}*(?:{_NAMES})>)")
_APART = re.compile(f"<{APART}(?={APART}*(?:{_NAMES})>)")
_UNFINISHED = re.compile(f"<{APART}*(?:/?[A-Za-z]{{0,4}})?$")


def escape(text: str) -> str:
    """Return the text with every special token taken apart."""
    return _WHOLE.sub("<" + APART, text)


def restore(text: str) -> str:
    """Undo `escape`. What was never taken apart stays as it is."""
    return _APART.sub("<", text)


def settled(text: str) -> int:
    """Return how many characters of a stream so far can be restored now.

    What follows may be the first half of a special token, whose other half is still to come.
    """
    unfinished = _UNFINISHED.search(text)
    return unfinished.start() if unfinished else len(text)
