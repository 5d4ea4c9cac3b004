"""From what is asked to a plan."""

from __future__ import annotations

from dataclasses import dataclass

from arriero_backend.plan import choice, launch
from arriero_backend.plan.gpus import Machines
from arriero_backend.plan.model import Model
from arriero_backend.plan.servers import BY_NAME, Server
from arriero_backend.plan.sizing import Option, Setting, options, options_across


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known before a server is started; `people` write code at the same time."""

    setting: Setting
    people: int
    options: tuple[Option, ...]
    chosen: Option

    @property
    def model(self) -> Model:
        return self.setting.model

    @property
    def machines(self) -> Machines:
        return self.setting.machines

    @property
    def server(self) -> Server:
        return BY_NAME[self.setting.server]

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


def make(setting: Setting, people: int = 1, *, across: bool = False) -> Plan:
    """Make a plan, `across` for all machines together; raise PlanError where nothing fits."""
    found = tuple(options_across(setting) if across else options(setting))
    return Plan(setting, people, found, choice.choose(found, people))
