"""`arriero backend local --bench`, with a tiny model."""

import dataclasses
import json

import pytest

from arriero_backend.local import __main__, bench, loading, threads
from arriero_backend.local.engine import LlamaEngine
from backend.local import tiny


@pytest.fixture
def roomy(tmp_path):
    """A tiny model with room for the longest prompt and its answer."""
    return tiny.write(tmp_path / "Tiny.gguf", llama__context_length=2048)


async def test_what_is_measured_is_all_there(roomy, tmp_path):
    figures = await bench.measure(LlamaEngine(roomy, tmp_path, loading.built_in))
    assert (figures.model, figures.engine) == ("Tiny", "NumPy")
    numbers = [n for n in dataclasses.astuple(figures) if isinstance(n, float)]
    assert min(*numbers, *figures.first_token_s.values()) > 0
    assert list(figures.first_token_s) == [500, 1500]
    assert figures.known_first_token_s < figures.first_token_s[1500]


def test_it_is_told_in_words_or_as_json(roomy, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path))
    monkeypatch.setattr(threads, "set_default", lambda: None)
    assert __main__.main(["--bench", "--gguf", str(roomy)]) == 0
    assert "tokens a second" in capsys.readouterr().out
    assert __main__.main(["--bench", "--json", "--gguf", str(roomy)]) == 0
    assert json.loads(capsys.readouterr().out)["first_token_s"].keys() == {"500", "1500"}


def test_a_file_that_is_no_model_is_one_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(threads, "set_default", lambda: None)
    (tmp_path / "page.gguf").write_text("<html>")
    assert __main__.main(["--bench", "--gguf", str(tmp_path / "page.gguf")]) == 1
    assert "It has to be a whole GGUF file." in capsys.readouterr().err
