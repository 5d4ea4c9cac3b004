"""The twelve Code Llamas: how they are named, and how many tokens each holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"(?:\A|/)CodeLlama-(?P<size>7|13|34|70)b(?P<variant>-Python|-Instruct)?(?:-hf)?\Z",
    re.IGNORECASE,
)

# Trained with 16k tokens, all but two (codellama#188).
_SHORT = {("70", "-Python"), ("70", "-Instruct")}


@dataclass(frozen=True, slots=True)
class CodeLlama:
    """One of the twelve: `size` in billions, `variant` "", "-Python" or "-Instruct"."""

    size: str
    variant: str

    @property
    def id(self) -> str:
        """Its name on the hub."""
        return f"codellama/CodeLlama-{self.size}b{self.variant}-hf"

    @property
    def context(self) -> int:
        """How many tokens it is served with, the answer's among them."""
        return 4096 if (self.size, self.variant) in _SHORT else 16_384


CODE_LLAMAS = tuple(
    CodeLlama(size, variant)
    for size in ("7", "13", "34", "70")
    for variant in ("", "-Python", "-Instruct")
)


def named(name: str) -> CodeLlama | None:
    """Return the Code Llama of this name, or None."""
    found = _NAME.search(name)
    return found and CodeLlama(found["size"], (found["variant"] or "").title())
