"""The parameters of a generation: read from JSON, and checked as TGI's router checks them.

Source of the rules and their words: router/src/validation.rs and router/src/lib.rs.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from arriero_backend.contract.fields import (
    Fields,
    Unexpected,
    boolean,
    f32,
    i32,
    sequence,
    shown,
    string,
    u32,
    u64,
    usize,
)
from arriero_backend.contract.refusals import invalid
from arriero_backend.engine import Sampling


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for. No engine of ours runs several sequences for one request."""

    max_stop_sequences: int = 4
    max_client_batch_size: int = 4
    max_best_of: int = 1
    max_top_n_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Parameters:
    """TGI's GenerateParameters. None is "not given"."""

    best_of: int | None = None
    temperature: float | None = None
    repetition_penalty: float | None = None
    frequency_penalty: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    typical_p: float | None = None
    do_sample: bool = False
    max_new_tokens: int | None = None
    return_full_text: bool | None = None
    stop: tuple[str, ...] = ()
    truncate: int | None = None
    watermark: bool = False
    details: bool = False
    decoder_input_details: bool = False
    seed: int | None = None
    top_n_tokens: int | None = None
    grammar: object = None
    adapter_id: str | None = None

    @property
    def samples(self) -> bool:
        """Whether tokens are drawn: these parameters switch it on by themselves (tokens.py)."""
        chosen = (self.top_k, self.top_p, self.typical_p)
        return self.do_sample or self.temperature not in (None, 1.0) or chosen != (None,) * 3

    def sampling(self) -> Sampling:
        """Return how to choose tokens, with a seed of its own where tokens are drawn."""
        seed = secrets.randbits(64) if self.seed is None else self.seed
        return Sampling(
            do_sample=self.samples,
            temperature=1.0 if self.temperature is None else self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
            typical_p=self.typical_p,
            repetition_penalty=1.0 if self.repetition_penalty is None else self.repetition_penalty,
            frequency_penalty=0.0 if self.frequency_penalty is None else self.frequency_penalty,
            seed=seed if self.samples else None,
        )


def read(fields: Fields) -> tuple[str, Parameters]:
    """Read a GenerateRequest: the inputs and their parameters."""
    inputs = fields.required("inputs", string)
    if "parameters" not in fields.values:
        # TGI samples when nothing at all is said, and is greedy when anything is.
        return inputs, Parameters(do_sample=True)
    return inputs, _given(
        Fields.of(fields.values["parameters"], "GenerateParameters", "parameters")
    )


def _given(given: Fields) -> Parameters:
    return Parameters(
        best_of=given.optional("best_of", usize),
        temperature=given.optional("temperature", f32),
        repetition_penalty=given.optional("repetition_penalty", f32),
        frequency_penalty=given.optional("frequency_penalty", f32),
        top_k=given.optional("top_k", i32),
        top_p=given.optional("top_p", f32),
        typical_p=given.optional("typical_p", f32),
        do_sample=given.get("do_sample", boolean, False),
        max_new_tokens=given.optional("max_new_tokens", u32),
        return_full_text=given.optional("return_full_text", boolean),
        stop=tuple(given.get("stop", sequence(string), [])),
        truncate=given.optional("truncate", usize),
        watermark=given.get("watermark", boolean, False),
        details=given.get("details", boolean, False),
        decoder_input_details=given.get("decoder_input_details", boolean, False),
        seed=given.optional("seed", u64),
        top_n_tokens=given.optional("top_n_tokens", u32),
        grammar=given.optional("grammar", grammar),
        adapter_id=given.optional("adapter_id", string),
    )


def grammar(value: object) -> object:
    """Read a GrammarType. It is refused later, but what is none is refused as such."""
    match value:
        case {"type": "json" | "json_object", "value": form}:
            return form
        case {"type": "regex", "value": str(pattern)}:
            return pattern
        case {"type": "json_schema", "value": {"schema": _} as form}:
            Fields.of(form, "JsonSchemaConfig").optional("name", string)
            return form
        case _:
            raise Unexpected(f"invalid type: {shown(value)}, expected a grammar")


def check(inputs: str, parameters: Parameters, limits: Limits, max_input_tokens: int) -> None:
    """Raise a Refusal for the first parameter amiss, in TGI's order."""
    p = parameters
    broken = (
        (not _above_zero(p.temperature), "`temperature` must be strictly positive"),
        (not _above_zero(p.repetition_penalty), "`repetition_penalty` must be strictly positive"),
        (
            p.frequency_penalty is not None and not -2.0 <= p.frequency_penalty <= 2.0,
            "`frequency_penalty` must be >= -2.0 and <= 2.0",
        ),
        (not _inside(p.top_p), "`top_p` must be > 0.0 and < 1.0"),
        (not _inside(p.typical_p), "`typical_p` must be > 0.0 and < 1.0"),
        (not _above_zero(p.top_k), "`top_k` must be strictly positive"),
        (p.max_new_tokens == 0, "`max_new_tokens` must be strictly positive"),
        (
            len(p.stop) > limits.max_stop_sequences,
            f"`stop` supports up to {limits.max_stop_sequences} stop sequences. "
            f"Given: {len(p.stop)}",
        ),
        (
            (p.top_n_tokens or 0) > limits.max_top_n_tokens,
            f"`top_n_tokens` must be >= 0 and <= {limits.max_top_n_tokens}. "
            f"Given: {p.top_n_tokens}",
        ),
        (not inputs, "`inputs` cannot be empty"),
        (
            p.truncate is not None and not 0 < p.truncate <= max_input_tokens,
            f"`truncate` must be strictly positive and less than {max_input_tokens}. "
            f"Given: {p.truncate}",
        ),
        (p.grammar is not None, "grammar is not supported"),
        (p.watermark, "`watermark` is not supported"),
        (p.adapter_id is not None, "`adapter_id` is not supported"),
    )
    for amiss, message in broken:
        if amiss:
            raise invalid(message)


def _above_zero(value: float | None) -> bool:
    return value is None or value > 0


def _inside(value: float | None) -> bool:
    return value is None or 0 < value < 1
