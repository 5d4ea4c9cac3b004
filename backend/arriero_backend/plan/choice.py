"""Which option to take, and why, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.quantisation import QUANTISATIONS
from arriero_backend.plan.sizing import Option
from arriero_backend.plan.terms import GIB


def choose(found: Sequence[Option], people: int) -> Option:
    """Return the best option for so many people; raise PlanError where nothing fits.

    First comes that it serves them all, then what it keeps of the model, then that the GPUs can
    surely compute it, then for how many more it has room, and last that there are more copies: one
    that fails leaves the others.
    """
    fitting = [each for each in found if each.fits]
    if not fitting:
        raise PlanError(_nothing(found))
    return max(fitting, key=lambda each: _worth(each, people))


def _worth(option: Option, people: int) -> tuple[float, ...]:
    served = min(option.people, people)
    return served, option.quantisation.bits, not option.proviso, option.people, option.copies


def reason(chosen: Option, found: Sequence[Option], people: int) -> str:
    """Say why this one was chosen, and what it is not enough for."""
    said = [_size(chosen)]
    best = QUANTISATIONS[0]
    kept = [each.people for each in found if each.quantisation == best]
    if chosen.quantisation == best:
        said.append("It is the model as it was published: nothing is lost to quantisation.")
    elif kept:
        why = f"would serve {max(kept)} people at once" if max(kept) else "does not fit"
        said.append(f"It is quantised because {best.name} {why} on these GPUs.")
    if chosen.copies > 1:
        said.append(
            "If a copy fails, arriero goes on with the rest, which its setting `replicas` names."
        )
    if chosen.people < people:
        said.append(
            f"It is not enough for {people} people who write code at once: expect suggestions to "
            "come late, or add GPUs."
        )
    return " ".join(said)


def _size(chosen: Option) -> str:
    several = chosen.copies > 1
    where = (
        f"{f'{chosen.copies} copies, each' if several else 'one copy'} on {_gpus(chosen.shards)}"
    )
    if chosen.stages > 1:
        where += f" of each of {chosen.stages} machines"
    tokens = f"{chosen.tokens:,} tokens of context{' in each' if several else ''}"
    return f"{chosen.quantisation.name}, {where}: {tokens}, {chosen.requests} requests at once."


def _nothing(found: Sequence[Option]) -> str:
    possible = [each for each in found if not each.obstacle]
    if not possible:
        return "The model cannot be cut up for these GPUs."
    nearest = max(possible, key=lambda each: each.tokens)
    return (
        f"It does not fit: {nearest.quantisation.name} on {_gpus(nearest.gpus)} comes nearest, "
        f"with {nearest.weights / GIB:.1f} GiB of weights. Add GPUs, or take a smaller model."
    )


def _gpus(count: int) -> str:
    return f"{count} GPUs" if count > 1 else "one GPU"
