"""The parts over llama.cpp, with a stand-in for its library."""

import numpy as np
import pytest

from arriero_backend.local import llama_cpp
from arriero_backend.local.llama_cpp import ForeignNetwork, ForeignText
from arriero_backend.local.vocabulary import Signs

# Id to bytes; 3 and 4 are the two halves of é, 9 the model's BOS.
PIECES = {1: b"def", 2: b" f", 3: b"\xc3", 4: b"\xa9", 5: b"<|im_end|>", 9: b"<s>"}


class ScriptedRuntime:
    def __init__(self, ids=(), forgets=True) -> None:
        self.ids, self.forgets = list(ids), forgets
        self.held: list[int] = []

    def tokenize(self, text, begin):
        return [9, *self.ids] if begin else self.ids

    def piece(self, token):
        return PIECES[token]

    def keep(self, length):
        if length == 0 or self.forgets:
            del self.held[length:]
            return True
        self.held.clear()
        return False

    def evaluate(self, ids):
        self.held.extend(ids)
        return np.zeros(10, np.float32)


def check_prepared(prompts, known, forgets=True) -> None:
    """Ask for prompts; see how much of each was known, and what llama.cpp then holds."""
    runtime = ScriptedRuntime(forgets=forgets)
    network = ForeignNetwork(runtime)
    for prompt, expected in zip(prompts, known, strict=True):
        assert network.prepare(prompt) == expected
        network.advance(prompt[expected:])
        assert runtime.held == prompt


def test_a_common_start_is_not_computed_again():
    check_prepared([[1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]], [0, 3, 4])
    check_prepared([[1, 2, 3], [1, 2, 4], [1, 2, 3]], [0, 2, 2])
    check_prepared([[1, 2, 3], [1, 2], [1, 2, 3]], [0, 1, 2])
    check_prepared([[1, 2, 3], [2, 3], [1, 2, 3]], [0, 0, 0])
    check_prepared([[1, 2, 3], [1, 2, 3]], [0, 2])


def test_a_model_that_cannot_go_back_starts_again():
    check_prepared([[1, 2, 3], [1, 2, 4], [1, 2, 5]], [0, 0, 0], forgets=False)


def encoded(text, ids, *, begin=False):
    signs = Signs(9, frozenset({5, 9}), frozenset({5}), {}, None)
    tokens = ForeignText(ScriptedRuntime(ids), signs).encode(text, begin=begin)
    return [(token.id, token.text, token.start, token.stop) for token in tokens]


def test_offsets_are_counted_in_characters():
    assert encoded("def fé<|im_end|>", [1, 2, 3, 4, 5], begin=True) == [
        (9, "", 0, 0),
        (1, "def", 0, 3),
        (2, " f", 3, 5),
        (3, "", 5, 5),
        (4, "é", 5, 6),
        (5, "<|im_end|>", 6, 16),
    ]


def test_a_blank_that_llama_cpp_put_before_the_text_has_no_place():
    assert encoded("fdef", [2, 1]) == [(2, "f", 0, 1), (1, "def", 1, 4)]


@pytest.mark.parametrize("error", [RuntimeError("no library"), OSError("too old"), KeyError("x")])
def test_a_library_that_does_not_load_says_what_to_do(monkeypatch, tmp_path, error):
    def fails(_):
        raise error

    monkeypatch.setattr(llama_cpp, "import_module", fails)
    with pytest.raises(llama_cpp.ModelError, match="or uninstall llama-cpp-python"):
        llama_cpp.load(tmp_path / "model.gguf", 4096)
