"""The same parts over llama.cpp, by llama-cpp-python: every architecture that llama.cpp knows.

    ForeignNetwork, ForeignText ── Runtime (the seam) ── Library ── the package llama_cpp

Sequences are remembered as llama.cpp does it: one, the last.
"""

from __future__ import annotations

import codecs
import ctypes
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from arriero_backend.engine import InputToken
from arriero_backend.local import threads
from arriero_backend.local.errors import ModelError
from arriero_backend.local.llama import PIECE
from arriero_backend.local.parts import Parts
from arriero_backend.local.vocabulary import Signs
from arriero_backend.local.weights import Array


def is_installed() -> bool:
    """Whether the package llama_cpp is there."""
    return find_spec("llama_cpp") is not None


def load(gguf: Path, max_total_tokens: int) -> Parts:
    """Load the model; raises ModelError."""
    try:
        library = Library(gguf, max_total_tokens)
    except (ImportError, OSError, RuntimeError, ValueError, KeyError) as error:
        raise ModelError(
            f"llama.cpp cannot load {gguf}: {error}. Take another file, or uninstall "
            "llama-cpp-python to use the built-in engine."
        ) from error
    text = ForeignText(library, library.signs())
    return Parts(ForeignNetwork(library), text, library.context, "llama.cpp")


class Runtime(Protocol):
    """What we use of llama.cpp."""

    def tokenize(self, text: bytes, begin: bool) -> list[int]:
        """Return the ids, signs in the text parsed; with the model's own BOS if `begin`."""
        ...

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for, a sign's name included."""
        ...

    def keep(self, length: int) -> bool:
        """Forget all but the first `length` tokens; False, with nothing kept, if it cannot."""
        ...

    def evaluate(self, ids: Sequence[int]) -> Array:
        """Append ids and return the logits of what follows, [vocabulary]."""
        ...


class ForeignNetwork:
    """Implements `parts.Network`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ids: list[int] = []

    def prepare(self, ids: Sequence[int]) -> int:
        """Keep what the last sequence and this one begin with, where the model can."""
        most = min(len(self._ids), len(ids) - 1)
        length = next((k for k in range(most) if self._ids[k] != ids[k]), most)
        # Recurrent models and sliding windows cannot go back to a place in the middle.
        kept = length if self._runtime.keep(length) else 0
        del self._ids[kept:]
        return kept

    def advance(self, ids: Sequence[int]) -> Array:
        logits = self._runtime.evaluate(ids)
        self._ids.extend(ids)
        return logits


class ForeignText:
    """Implements `parts.Text`."""

    def __init__(self, runtime: Runtime, signs: Signs) -> None:
        self.signs = signs
        self._runtime = runtime

    def encode(self, text: str, *, begin: bool) -> list[InputToken]:
        """Tokenize. llama.cpp tells no offsets, so they are counted from the tokens' bytes."""
        data = text.encode()
        decoder = codecs.getincrementaldecoder("utf-8")()
        tokens, done, start = [], 0, 0
        for token in self._runtime.tokenize(data, begin):
            piece = self._runtime.piece(token)
            # What is no part of the text has no width: a BOS, or the blank put before the text.
            width = next((len(p) for p in (piece, piece[1:]) if data.startswith(p, done)), 0)
            stop = start + len(decoder.decode(data[done : done + width]))
            tokens.append(InputToken(token, text[start:stop], start, stop))
            done, start = done + width, stop
        return tokens

    def piece(self, token: int) -> bytes:
        return self._runtime.piece(token)


class Library:
    """Implements `Runtime` with the package, 0.3.36; the names with llama_ in front are C's."""

    def __init__(self, gguf: Path, max_total_tokens: int) -> None:
        self._c: Any = import_module("llama_cpp")
        # n_ctx has to be told: its default is 512, and 0 is all that the model was made for.
        told = self._c.Llama(str(gguf), vocab_only=True, verbose=False).metadata
        made_for = int(told[f"{told['general.architecture']}.context_length"])
        self.context = min(made_for, max_total_tokens)
        self._llama: Any = self._c.Llama(
            str(gguf),
            n_ctx=self.context,
            n_batch=PIECE,
            n_threads=threads.count(),
            n_threads_batch=threads.count(),
            verbose=False,
        )
        self._vocabulary = self._c.llama_model_get_vocab(self._llama.model)

    def signs(self) -> Signs:
        """Read the model's signs."""
        size, c, vocabulary = self._llama.n_vocab(), self._c, self._vocabulary
        begin, end = self._llama.token_bos(), self._llama.token_eos()
        return Signs(
            begin=begin if c.llama_vocab_get_add_bos(vocabulary) else None,
            special=frozenset(t for t in range(size) if c.llama_vocab_is_control(vocabulary, t)),
            ends=frozenset(t for t in range(size) if c.llama_vocab_is_eog(vocabulary, t)),
            names={
                name: self.piece(token).decode(errors="replace")
                for name, token in (("bos_token", begin), ("eos_token", end))
                if token >= 0
            },
            template=self._llama.metadata.get("tokenizer.chat_template"),
        )

    def tokenize(self, text: bytes, begin: bool) -> list[int]:
        ids: list[int] = self._llama.tokenize(text, add_bos=begin, special=True)
        return ids

    def piece(self, token: int) -> bytes:
        # The package's own detokenize loses tokens of more than 32 bytes, such as deep indentation.
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            written: int = self._c.llama_token_to_piece(
                self._vocabulary, token, buffer, size, 0, True
            )
            if written >= 0:
                return buffer.raw[:written]
            size = -written

    def keep(self, length: int) -> bool:
        memory = self._c.llama_get_memory(self._llama.ctx)
        if length and self._c.llama_memory_seq_rm(memory, 0, length, -1):
            self._llama.n_tokens = length
            return True
        self._llama.reset()
        return length == 0

    def evaluate(self, ids: Sequence[int]) -> Array:
        self._llama.eval(list(ids))
        # Only the last token's logits are computed; the memory they lie in is llama.cpp's own.
        pointer = self._c.llama_get_logits_ith(self._llama.ctx, -1)
        logits: Array = np.ctypeslib.as_array(pointer, (self._llama.n_vocab(),)).copy()
        return logits
