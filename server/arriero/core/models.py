"""The models: what a model server says of its model, and what follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

# The card says 16k for the 70B Instruct; Meta's own repository says 4096 (codellama#188), and TGI
# follows the model's config.json. Only the server's own word lifts this.
ASSUMED_TOTAL_TOKENS = 4096

# TGI's --max-stop-sequences, unless /info says otherwise.
ASSUMED_STOP_SEQUENCES = 4

CODELLAMA_70B_INSTRUCT = "codellama/CodeLlama-70b-Instruct-hf"


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

    def smaller(self) -> ModelInfo:
        """Return limits to try when the server counted more tokens than were estimated."""
        return self.share(0.75)

    def share(self, share: float) -> ModelInfo:
        """Return limits of which only a share may be used."""
        return replace(
            self,
            max_input_tokens=int(self.max_input_tokens * share),
            max_total_tokens=int(self.max_total_tokens * share),
        )

    @property
    def demo(self) -> bool:
        """Whether this is the embedded model, which continues text and follows no instruction."""
        return self.backend == "local"


@dataclass(frozen=True, slots=True)
class Formats:
    """A model's prompt formats, keys of `dialects.BY_NAME`: for suggestions, and for actions."""

    completion: str
    conversation: str


@dataclass(frozen=True, slots=True)
class CodeLlama:
    """One of the twelve. `context` is in tokens: what it was trained with and is served with."""

    size: Literal["7b", "13b", "34b", "70b"]
    variant: Literal["", "Python", "Instruct"]
    context: int
    formats: Formats

    @property
    def id(self) -> str:
        """Its name on the hub."""
        return "-".join(filter(None, (f"codellama/CodeLlama-{self.size}", self.variant, "hf")))

    @property
    def chats(self) -> bool:
        return self.variant == "Instruct"

    @property
    def infills(self) -> bool:
        return self.formats.completion == "infill"


_BASE = Formats("plain", "plain")
_FILLS = Formats("infill", "plain")
_FILLS_AND_CHATS = Formats("infill", "llama2_inst")
_CHATS = Formats("llama2_inst", "llama2_inst")
_CHATS_IN_TURNS = Formats("source_destination", "source_destination")

# Who infills: MODEL_CARD.md of facebookresearch/codellama (1af62e1). It gives all of them 16k
# tokens but the 70B Python and Instruct; those two have 4096 (codellama#188).
CODE_LLAMAS = (
    CodeLlama("7b", "", 16_384, _FILLS),
    CodeLlama("7b", "Python", 16_384, _BASE),
    CodeLlama("7b", "Instruct", 16_384, _FILLS_AND_CHATS),
    CodeLlama("13b", "", 16_384, _FILLS),
    CodeLlama("13b", "Python", 16_384, _BASE),
    CodeLlama("13b", "Instruct", 16_384, _FILLS_AND_CHATS),
    CodeLlama("34b", "", 16_384, _BASE),
    CodeLlama("34b", "Python", 16_384, _BASE),
    CodeLlama("34b", "Instruct", 16_384, _CHATS),
    CodeLlama("70b", "", 16_384, _FILLS),
    CodeLlama("70b", "Python", 4096, _BASE),
    CodeLlama("70b", "Instruct", 4096, _CHATS_IN_TURNS),
)

# Names as they are served: codellama/..., meta-llama/..., a folder, models--codellama--... in a
# cache. A name before it (Phind-CodeLlama-34B) makes another model of it, and so does one behind a
# base model's, unless it says how the weights are stored.
_NAME = re.compile(
    r"""(?:^|[/\\:]|--)code-?llama[-_:]?
    (?P<size>7|13|34|70)b
    (?:[-_.]?(?P<variant>python|instruct)
      |(?![-_.]?(?!hf|awq|gptq|ggml|gguf|exl|eetq|marlin|bnb|fp|bf|int|nf4|base|code|text|main|q\d)[a-z]))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CHAT_NAME = re.compile(r"instruct|chat|(?<![a-z])it(?![a-z])", re.IGNORECASE)


def recognised(model_id: str) -> CodeLlama | None:
    """Return which Code Llama a model's name or path says it is; None for any other model."""
    named = list(_NAME.finditer(model_id))
    if not named:
        return None
    found = named[-1]  # a folder's name says less than the file's
    size, variant = f"{found['size']}b", (found["variant"] or "").capitalize()
    return next(each for each in CODE_LLAMAS if (each.size, each.variant) == (size, variant))


def formats_of(info: ModelInfo) -> Formats:
    """Return the prompt formats that a model was trained on, by what is known of it.

    A model of another family gets its own chat template, if its name says that it chats.
    """
    if info.demo:
        return _BASE
    if model := recognised(info.id):
        return model.formats
    return Formats("template", "template") if _CHAT_NAME.search(info.id) else _BASE
