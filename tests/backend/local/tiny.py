"""A tiny random Llama in a GGUF of its own, with a toy vocabulary of either kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize
from tokenizers.pre_tokenizers import ByteLevel

LAYERS, WIDTH, HEADS, KV_HEADS, HIDDEN, CONTEXT = 2, 64, 4, 2, 96, 512
HEAD = WIDTH // HEADS

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6

TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'tool' %}{{ raise_exception('no tools here') }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def write(path: Path, kind: str = "gpt2", *, tied: bool = True, seed: int = 0, **changed) -> Path:
    """Write the model. `changed` overrides metadata, "__" in a name standing for ".".

    `quantised` makes of a matrix what stands in the file: by default, it is quantised as Q8_0.
    """
    writer = GGUFWriter(path, changed.pop("architecture", "llama"))
    vocabulary = byte_level() if kind == "gpt2" else sentence_piece()
    numbers = {
        "llama__block_count": LAYERS,
        "llama__context_length": CONTEXT,
        "llama__embedding_length": WIDTH,
        "llama__feed_forward_length": HIDDEN,
        "llama__attention__head_count": HEADS,
        "llama__attention__head_count_kv": KV_HEADS,
        "llama__attention__layer_norm_rms_epsilon": 1e-5,
        "llama__rope__freq_base": 10_000.0,
        "tokenizer__chat_template": TEMPLATE,
    }
    extra = changed.pop("extra_tensor", None)
    quantised = changed.pop("quantised", _q8_0)
    for name, value in (numbers | vocabulary | changed).items():
        _add(writer, name.replace("__", "."), value)
    size = len(vocabulary["tokenizer__ggml__tokens"])
    for name, shape in shapes(size, tied=tied).items():
        array = drawn(name, shape, seed)
        if len(shape) == 1:
            writer.add_tensor(name, array)
        else:
            data, kind_of = quantised(array)
            writer.add_tensor(name, data, raw_dtype=kind_of)
    if extra:
        writer.add_tensor(extra, np.zeros(4, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def shapes(size: int, *, tied: bool) -> dict[str, tuple[int, ...]]:
    layer = {
        "attn_norm": (WIDTH,),
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (KV_HEADS * HEAD, WIDTH),
        "attn_v": (KV_HEADS * HEAD, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_norm": (WIDTH,),
        "ffn_gate": (HIDDEN, WIDTH),
        "ffn_up": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
    }
    whole = {"token_embd.weight": (size, WIDTH), "output_norm.weight": (WIDTH,)}
    whole |= {
        f"blk.{n}.{name}.weight": shape for n in range(LAYERS) for name, shape in layer.items()
    }
    return whole if tied else whole | {"output.weight": (size, WIDTH)}


def byte_level() -> dict[str, object]:
    """Three signs, the 256 bytes, what six merges make of them, and a sign of the user's own."""
    merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "1 2"]
    pieces = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *sorted(ByteLevel.alphabet())]
    signs = [CONTROL] * 3
    kinds = signs + [NORMAL] * (len(pieces) - 3 + len(merges)) + [USER_DEFINED]
    pieces += [*(merge.replace(" ", "") for merge in merges), "<a b>"]
    return {
        "tokenizer__ggml__model": "gpt2",
        "tokenizer__ggml__pre": "smollm",
        "tokenizer__ggml__tokens": pieces,
        "tokenizer__ggml__token_type": kinds,
        "tokenizer__ggml__merges": merges,
        "tokenizer__ggml__bos_token_id": 1,
        "tokenizer__ggml__eos_token_id": 2,
    }


def sentence_piece() -> dict[str, object]:
    """Three signs, 256 bytes, and a few pieces; the later a piece, the lower its score."""
    signs = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)]
    codes = [(f"<0x{value:02X}>", BYTE) for value in range(256)]
    runs = [(run, NORMAL) for run in ("▁▁", "▁▁▁▁", "▁▁▁")]
    words = [(word, NORMAL) for word in ("he", "ll", "▁he", "llo", "▁hello", "12")]
    letters = [(letter, NORMAL) for letter in "▁helowrd123é"]
    own = [("<step>", USER_DEFINED)]
    pieces = signs + codes + runs + words + letters + own
    return {
        "tokenizer__ggml__model": "llama",
        "tokenizer__ggml__tokens": [piece for piece, _ in pieces],
        "tokenizer__ggml__token_type": [kind for _, kind in pieces],
        "tokenizer__ggml__scores": [-float(place) for place in range(len(pieces))],
        "tokenizer__ggml__bos_token_id": 1,
        "tokenizer__ggml__eos_token_id": 2,
        "tokenizer__ggml__unknown_token_id": 0,
    }


def _q8_0(array: np.ndarray) -> tuple[np.ndarray, GGMLQuantizationType]:
    return quantize(array, GGMLQuantizationType.Q8_0), GGMLQuantizationType.Q8_0


def drawn(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    random = np.random.default_rng([seed, *name.encode()])
    around = 1.0 if len(shape) == 1 else 0.0
    return (around + 0.15 * random.standard_normal(shape)).astype(np.float32)


def _add(writer: GGUFWriter, name: str, value: object) -> None:
    match value:
        case bool():
            writer.add_bool(name, value)
        case int():
            writer.add_uint32(name, value)
        case float():
            writer.add_float32(name, value)
        case str():
            writer.add_string(name, value)
        case list():
            writer.add_array(name, value)
