"""From what is asked to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arriero_backend.plan import choice, launch
from arriero_backend.plan.gpus import Machines
from arriero_backend.plan.model import Model
from arriero_backend.plan.quantisation import QUANTISATIONS, Quantisation
from arriero_backend.plan.servers import Server
from arriero_backend.plan.sizing import Option, options, options_across
from arriero_backend.plan.terms import DEFAULT, Terms


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known before a server is started; `people` write code at the same time."""

    model: Model
    machines: Machines
    server: Server
    terms: Terms
    people: int
    options: tuple[Option, ...]
    chosen: Option

    @property
    def copies_here(self) -> int:
        """How many copies run on each machine."""
        return max(self.chosen.copies // self.machines.nodes, 1)

    @property
    def reason(self) -> str:
        return choice.reason(self.chosen, self.options, self.people)

    @property
    def commands(self) -> list[str]:
        """What starts it on each machine; nothing where it takes several machines together."""
        if self.chosen.stages > 1:
            return []
        return launch.commands(self.chosen, self.model, self.server, self.copies_here)


def make(
    model: Model,
    machines: Machines,
    server: Server,
    terms: Terms = DEFAULT,
    people: int = 1,
    quantisations: Sequence[Quantisation] = QUANTISATIONS,
    *,
    across: bool = False,
) -> Plan:
    """Make a plan, `across` for several machines together; raise PlanError where nothing fits."""
    ways = options_across if across else options
    found = tuple(ways(model, machines, server.name, terms, quantisations))
    return Plan(model, machines, server, terms, people, found, choice.choose(found, people))
