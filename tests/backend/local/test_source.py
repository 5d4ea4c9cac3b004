"""Which quantisations the built-in engine reads, and that it reads them as they are written."""

import numpy as np
import pytest
from gguf import GGML_QUANT_SIZES
from gguf import GGMLQuantizationType as Kind
from gguf.quants import dequantize, quantize

from arriero_backend.local.source import Source
from backend.local import tiny


def written(tmp_path, monkeypatch, quantised) -> Source:
    """Write a model as wide as the blocks of all kinds, and open it."""
    monkeypatch.setattr(tiny, "WIDTH", 256)
    monkeypatch.setattr(tiny, "HEAD", 256 // tiny.HEADS)
    monkeypatch.setattr(tiny, "HIDDEN", 256)
    return Source(tiny.write(tmp_path / "model.gguf", quantised=quantised))


@pytest.mark.parametrize(
    ("kind", "off"),
    [
        (Kind.F32, 0.0),
        (Kind.F16, 1e-3),
        (Kind.BF16, 5e-3),
        (Kind.Q8_0, 5e-3),
        (Kind.Q5_1, 0.03),
        (Kind.Q5_0, 0.05),
        (Kind.Q4_1, 0.06),
        (Kind.Q4_0, 0.1),
    ],
)
def test_weights_are_what_was_quantised(tmp_path, monkeypatch, kind, off):
    source = written(tmp_path, monkeypatch, lambda array: (quantize(array, kind), kind))
    exact = np.concatenate(
        [tiny.drawn(f"blk.0.{name}.weight", (256, 256), 0) for name in ("ffn_gate", "ffn_up")]
    )
    assert np.allclose(source.weights().feed_in[0], exact, atol=off)


@pytest.mark.parametrize("kind", [Kind.Q2_K, Kind.Q3_K, Kind.Q4_K, Kind.Q5_K, Kind.Q6_K])
def test_kinds_that_only_llama_cpp_writes_are_read(tmp_path, monkeypatch, kind):
    """Any bytes are a block of these kinds; those of the gguf package say what it means."""
    size, bytes_in = GGML_QUANT_SIZES[kind]

    def quantised(array):
        blocks = np.random.default_rng(array.shape[0]).integers(
            0, 32, (len(array), array.shape[1] // size * bytes_in), np.uint8
        )
        return blocks, kind

    source = written(tmp_path, monkeypatch, quantised)
    meant = dequantize(quantised(np.empty((256, 256)))[0], kind)
    assert np.isfinite(meant).all()
    assert meant.std() > 0
    assert (source.weights().feed_out[0] == meant).all()
