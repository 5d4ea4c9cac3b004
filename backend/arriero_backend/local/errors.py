"""What can go wrong before the model answers."""

from __future__ import annotations


class ModelError(Exception):
    """The model cannot be had or used; the message says why, and what to do, to people."""


class BeyondUs(ModelError):
    """A sound model that the built-in engine does not compute; `what` says what it is."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, which the built-in engine does not compute. "
            "Install llama-cpp-python, and it is used in its place."
        )
