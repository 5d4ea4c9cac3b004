"""Filling a gap: what the signs of infilling say, and what the true files have there.

Source of the rules: `infilling_prompt_tokens` in facebookresearch/codellama (1af62e1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arriero_backend.engine import InputToken
from arriero_backend.simulated import truth
from arriero_backend.simulated.dialog import Beginning, Header, together
from arriero_backend.simulated.tokenizer import BEGIN, INFILLING, SPECIAL_IDS

PRE, SUF, MID = (INFILLING[sign] for sign in ("<PRE>", "<SUF>", "<MID>"))
SIGNS = {PRE, SUF, MID}


@dataclass(frozen=True, slots=True)
class Gap:
    """The text around a gap."""

    prefix: str
    suffix: str


def shown(tokens: Sequence[InputToken]) -> bool:
    """Tell whether a prompt is about a gap, well-formed or not."""
    return any(token.id in SIGNS for token in tokens)


def read(tokens: Sequence[InputToken]) -> Gap:
    """Return what stands around the gap, in either order; raises Flaw."""
    order, texts = [], [""]
    for token in tokens:
        if token.id in SPECIAL_IDS:
            order.append(token.id)
            texts.append("")
        else:
            texts[-1] += token.text
    if order[:1] != [BEGIN] or order.count(BEGIN) > 1:
        raise Beginning("the prompt has to have <s> once, at its beginning")
    before, begun, prefix, suffix, rest = [*texts, "", ""][:5]
    if order != [BEGIN, PRE, SUF, MID] or before or begun:
        raise Header("the signs have to be <PRE>, <SUF> and <MID>, each once")
    # The space before a sign belongs to it.
    if not (prefix.startswith(" ") and prefix.endswith(" ") and suffix.endswith(" ")):
        raise Header("a sign needs a space on the side of the prefix")
    if prefix == " ":
        return Gap(_one_space_less(rest), together(suffix[:-1]))
    if rest:
        raise Header("nothing may stand behind <MID> where the prefix stands first")
    return Gap(together(prefix[1:-1]), together(suffix[:-1]))


def filled(gap: Gap, files: Mapping[str, str]) -> str | None:
    """Return what truly stands in the gap; None when the truth does not tell.

    Where it has the text around the gap twice, the shorter way from one to the other counts.
    """
    fillings = set()
    for place in truth.places(files, gap.prefix):
        stop = place.text.find(gap.suffix, place.end) if gap.suffix else len(place.text)
        if stop < 0:
            below = truth.next_line(place.text, gap.suffix.partition("\n")[2], place.end)
            stop = -1 if below is None else below - 1
        if stop >= 0:
            fillings.add(place.text[place.end : stop])
    return min(fillings, key=lambda text: (len(text), text), default=None)


def _one_space_less(prefix: str) -> str:
    if not prefix.startswith(" "):
        raise Header("a space has to stand between <MID> and the prefix")
    return together(prefix[1:])
