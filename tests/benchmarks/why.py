"""Why a pause had no right suggestion in time, though the oracle would have had one."""

from __future__ import annotations

from arriero.assist.completer import Completer
from arriero.core import reuse
from arriero.core.text import Excerpt


def reason(completer: Completer, uri: str, now: Excerpt, shown: str, *, asking: bool) -> str:
    """Return how things stand, in a few words; `asking` tells that no answer has come yet."""
    place = completer.places[uri]
    if place.now != now:
        return "moved on"
    if shown:
        return "shown, but wrong"
    if asking:
        running = place.fitting(now)
        if running is None:
            return "not asked yet"
        return "being said" if running.known.text else "asked, no token yet"
    if any(reuse.rest(known, now) for known in place.knowns):
        return "known, but filtered"
    return "the model would say it again" if _said(place.knowns, now) else "nothing known"


def _said(knowns, now: Excerpt) -> bool:
    return reuse.to_show(list(knowns), now) is None
