"""The twelve models that can be simulated: what each can read, and how much of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from arriero_backend import models
from arriero_backend.engine import InputToken
from arriero_backend.simulated import dialog, instructions
from arriero_backend.simulated.dialog import Dialog

# MODEL_CARD.md of facebookresearch/codellama (1af62e1): 7B, 13B and 70B infill, but for the Python
# ones and the 70B Instruct.
_FILLING = {("7", ""), ("7", "-Instruct"), ("13", ""), ("13", "-Instruct"), ("70", "")}


@dataclass(frozen=True, slots=True)
class Model:
    """One of the twelve. `read` understands its dialogs, `render` writes them; a base has neither.

    `context` is in tokens, `turns_end` says whether its turns end in `<step>`.
    """

    id: str
    context: int
    fills: bool
    turns_end: bool
    read: Callable[[Sequence[InputToken]], Dialog] | None
    render: Callable[[Sequence[Mapping[str, str]]], str]


def no_template(messages: Sequence[Mapping[str, str]]) -> str:
    """Refuse a chat in TGI's words for a model without a chat template."""
    raise ValueError("template not found")


def named(name: str) -> Model | None:
    """Return the model of this name, or None."""
    known = models.named(name)
    if known is None:
        return None
    in_turns = (known.size, known.variant) == ("70", "-Instruct")
    read, render = None, no_template
    if in_turns:
        read, render = dialog.read, dialog.render
    elif known.variant == "-Instruct":
        read, render = instructions.read, instructions.render
    return Model(
        id=known.id,
        context=known.context,
        fills=(known.size, known.variant) in _FILLING,
        turns_end=in_turns,
        read=read,
        render=render,
    )


def _known(name: str) -> Model:
    model = named(name)
    assert model is not None
    return model


CHAT_70B = _known("codellama/CodeLlama-70b-Instruct-hf")
