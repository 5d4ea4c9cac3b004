"""Events of TGI's stream, read plainly: as huggingface_hub's own types read them."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from huggingface_hub import TextGenerationStreamOutput as Output
from huggingface_hub import (
    TextGenerationStreamOutputStreamDetails as Details,
)
from huggingface_hub import TextGenerationStreamOutputToken as Token
from hypothesis import given
from hypothesis import strategies as st

from arriero.assist.seam import End, Piece
from arriero.model import hub

tokens = st.fixed_dictionaries(
    {"text": st.text()},
    optional={"id": st.integers(0), "special": st.booleans(), "logprob": st.floats(-30, 0)},
)
details = st.none() | st.fixed_dictionaries(
    {"finish_reason": st.sampled_from(["length", "eos_token", "stop_sequence"])},
    optional={"generated_tokens": st.integers(0), "input_length": st.integers(0)},
)


@given(st.fixed_dictionaries({"token": tokens}, optional={"details": details, "index": st.just(1)}))
def test_an_event_is_read_as_the_hub_reads_it(event):
    output = Output.parse_obj_as_instance(event)
    token, end = output.token, output.details
    said = hub.read(event)
    assert said is not None
    assert said.piece == Piece(token.text, token.id, bool(token.special), token.logprob)
    assert said.end == (End(end.finish_reason, end.generated_tokens) if end else None)


def test_what_is_read_is_what_the_hub_has_fields_for():
    assert {"token", "details"} <= get_type_hints(Output).keys()
    assert {"text", "id", "special", "logprob"} <= get_type_hints(Token).keys()
    assert {"finish_reason", "generated_tokens"} <= get_type_hints(Details).keys()


@pytest.mark.parametrize(
    "event", [{}, {"token": None}, {"token": "x"}, {"token": {"id": 1}}, {"token": {"text": 1}}]
)
def test_what_has_no_token_is_no_event_of_tgi(event):
    assert hub.read(event) is None


def test_an_end_that_is_no_object_is_no_end():
    assert hub.read({"token": {"text": "x"}, "details": "soon"}).end is None
