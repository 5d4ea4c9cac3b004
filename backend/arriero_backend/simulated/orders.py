"""What can be ordered of the simulated model: how fast, how many at once, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Orders:
    """Speeds are in tokens a second. A place `..._at` counts the tokens that still come through.

    `overload` is how many requests are refused as overloaded before one is served. `noise` names
    forms of `noise.FORMS`, in which code that is asked for is wrapped, one after the other; `seed`
    is that of their parameters.
    """

    prompt_speed: float = inf
    speed: float = inf
    slots: int = 8
    hidden_step: bool = False
    overload: int = 0
    fault_at: int | None = None
    drop_at: int | None = None
    stall_at: int | None = None
    refuse: bool = False
    leak: bool = False
    noise: tuple[str, ...] = ()
    seed: int = 1
