"""Going on with code: which place of the true files is meant, and how far to go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from arriero_backend.simulated import truth
from arriero_backend.simulated.request import Request
from arriero_backend.simulated.truth import Place


def continuation(request: Request, files: Mapping[str, str]) -> str | None:
    """Return what truly follows the code of the reply; None when the truth does not tell.

    It ends where code begins that the request shows, else with the file.
    """
    place = _meant(request, truth.named(files, request.prose))
    if place is None:
        return None
    shown = _shown_after(request, place)
    code = place.text[place.end : shown].rstrip()
    return code if request.code.strip() else code.lstrip("\n")


def _meant(request: Request, files: Mapping[str, str]) -> Place | None:
    """Return the one place that fits best; None for none, and for several that fit as well."""
    ranked = sorted(
        ((_fit(request, place), place) for place in _candidates(request, files)),
        key=lambda each: each[0],
        reverse=True,
    )
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _candidates(request: Request, files: Mapping[str, str]) -> Iterable[Place]:
    if request.code.strip():
        return truth.places(files, request.code)
    # Nothing is said yet: the top of the file is missing, or what stood where shown code ends.
    if request.continues:
        return [Place(path, text, 0, 0) for path, text in files.items()]
    return [
        Place(place.path, place.text, place.end, place.end)
        for block in request.blocks
        if block.strip()
        for place in truth.places(files, block)
    ]


def _fit(request: Request, place: Place) -> tuple[int, bool, int]:
    """Rate a place: by how much of the code shown is around it, by being a top, by nearness."""
    above = place.text[: place.start].rstrip("\n")
    blocks = [block for block in request.blocks if block.strip()]
    before = max((len(b) for b in blocks if above.endswith(b.rstrip("\n"))), default=0)
    after = max((len(b) for b in blocks if _found_after(b, place) is not None), default=0)
    shown = _shown_after(request, place)
    distance = 0 if shown is None else shown - place.end
    return before + after, place.start == 0, -distance


def _shown_after(request: Request, place: Place) -> int | None:
    """Return where the first code begins that is shown and follows the place."""
    found = (_found_after(block, place) for block in request.blocks)
    return min((start for start in found if start is not None), default=None)


def _found_after(block: str, place: Place) -> int | None:
    return truth.next_line(place.text, block, place.end)
