"""The engine interface: what the HTTP contract needs from whatever generates the tokens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class InputToken:
    """A token of an input text; `start` and `stop` are character offsets into that text."""

    id: int
    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Token:
    """A generated token. `special` marks the model's own signs; `text` shows them all the same."""

    id: int
    text: str
    logprob: float
    special: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose the next token; the defaults are greedy."""

    do_sample: bool = False
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    typical_p: float | None = None
    repetition_penalty: float = 1.0
    frequency_penalty: float = 0.0
    seed: int | None = None


class EngineError(Exception):
    """The engine gave up; `kind` is TGI's error_type ("generation", "overloaded", ...)."""

    def __init__(self, message: str, kind: str = "generation") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Facts:
    """What /info reports. Limits in tokens."""

    model_id: str
    max_input_tokens: int
    max_total_tokens: int
    max_concurrent_requests: int
    router: str
    model_sha: str | None = None
    pipeline_tag: str | None = None


class Engine(Protocol):
    """One loaded model."""

    facts: Facts
    end_ids: frozenset[int]  # a generated token with such an id ends the answer (eos_token)

    def encode(self, text: str, *, add_special_tokens: bool = True) -> Sequence[InputToken]:
        """Tokenize, as the model's own tokenizer does: special tokens in the text are parsed."""
        ...

    def render_chat(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Write a chat as a prompt by the model's own template.

        Raises ValueError, with the template's own words, for a chat that it refuses.
        """
        ...

    def generate(
        self, prompt: str, ids: Sequence[int], sampling: Sampling, max_new_tokens: int
    ) -> AsyncGenerator[Token]:
        """Yield at most `max_new_tokens` tokens. Closing the generator stops the work at once.

        The caller applies stop strings and ends at `end_ids`. Raises EngineError. A caller that
        hangs up is thrown in as CancelledError, one that has heard enough closes.
        """
        ...

    async def start(self) -> None:
        """Load what has to be loaded; called once, before the first request."""
        ...

    async def close(self) -> None: ...
