"""What is to be served: its dimensions, its context, and where its weights are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from arriero_backend.models import CodeLlama
from arriero_backend.plan.architecture import Architecture, architecture_of

QUANTISED = "TheBloke/CodeLlama-{size}B{variant}-GPTQ"


@dataclass(frozen=True, slots=True)
class Model:
    """`context`: how many tokens a request may have, its answer's among them.

    `weights` names a repository for each quantisation that needs weights of its own. `told` is the
    context that vLLM has to be told apart, as it refuses one above that in the model's config.json.
    """

    id: str
    architecture: Architecture
    context: int
    weights: Mapping[str, str] = field(default_factory=dict)
    told: int | None = None

    def repository(self, quantisation: str) -> str:
        """Return where the weights are that a server loads."""
        return self.weights.get(quantisation, self.id)


def known(model: CodeLlama, context: int | None, weights: str | None) -> Model:
    """Return one of the twelve; a context and a repository of quantised weights may be given.

    The config.json of the 70B Instruct says 2048 tokens, where 4096 is right (codellama#188).
    """
    held = context or model.context
    misnamed = (model.size, model.variant) == ("70", "-Instruct")
    return Model(
        id=model.id,
        architecture=architecture_of(model),
        context=held,
        weights={"gptq": weights or QUANTISED.format(size=model.size, variant=model.variant)},
        told=held if misnamed else None,
    )
