"""The models: what a model server says of its model, and what follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The card says 16k for the 70B Instruct; Meta's own repository says 4096 (codellama#188), and TGI
# follows the model's config.json. Only the server's own word lifts this.
ASSUMED_TOTAL_TOKENS = 4096

# TGI's --max-stop-sequences, unless /info says otherwise.
ASSUMED_STOP_SEQUENCES = 4

CODELLAMA_70B_INSTRUCT = "codellama/CodeLlama-70b-Instruct-hf"

SOURCE_DESTINATION = re.compile(r"code-?llama-70b-instruct", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of the model behind an endpoint. Limits are in tokens, `<s>` included."""

    id: str
    backend: str  # the kind of server: "tgi", "local", "simulated"
    url: str
    max_input_tokens: int = ASSUMED_TOTAL_TOKENS - 512
    max_total_tokens: int = ASSUMED_TOTAL_TOKENS
    max_stop_sequences: int = ASSUMED_STOP_SEQUENCES
    version: str = ""

    @property
    def demo(self) -> bool:
        """Whether this is the embedded model, which continues text and follows no instruction."""
        return self.backend == "local"


def dialect_of(model_id: str) -> str:
    """Name the prompt format that a model was trained on: a key of `dialects.DIALECTS`."""
    return "source_destination" if SOURCE_DESTINATION.search(model_id) else "plain"
