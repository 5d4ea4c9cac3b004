"""From a file to the parts of an engine."""

from __future__ import annotations

from pathlib import Path

from arriero_backend.local import expanded, llama_cpp
from arriero_backend.local.llama import Llama
from arriero_backend.local.memories import Remembering
from arriero_backend.local.parts import Parts

# The most that the embedded engine takes, whatever the model could: the time to read a prompt grows
# with its length (about 20 s of one core for 4096 tokens), and so do the memories (189 MB for each
# of two with SmolLM2).
MAX_TOTAL_TOKENS = 4096


def load(gguf: Path, cache: Path) -> Parts:
    """Load the model with llama.cpp where that is installed, else by ourselves.

    Raises ModelError. `cache` is where the built-in engine keeps its expanded form.
    """
    if llama_cpp.is_installed():
        return llama_cpp.load(gguf, MAX_TOTAL_TOKENS)
    return built_in(gguf, cache)


def built_in(gguf: Path, cache: Path) -> Parts:
    """Load the model to be computed with NumPy."""
    model = expanded.load(gguf, cache)
    context = min(model.header.context, MAX_TOTAL_TOKENS)
    llama = Llama(model.header, model.weights, context)
    return Parts(Remembering(llama), model.vocabulary, context, "NumPy")
