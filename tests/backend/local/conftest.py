import pytest

from backend.local import tiny


@pytest.fixture(scope="session")
def gguf(tmp_path_factory):
    """A byte-level model, as SmolLM2 is one."""
    return tiny.write(tmp_path_factory.mktemp("models") / "Tiny-1M-Instruct.Q8_0.gguf")


@pytest.fixture(scope="session")
def llama_gguf(tmp_path_factory):
    """A SentencePiece model with an output matrix of its own, as Llama 2 is one."""
    path = tmp_path_factory.mktemp("models") / "tiny-llama.gguf"
    return tiny.write(path, "llama", tied=False)
