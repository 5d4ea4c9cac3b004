"""What the server is told: the stub is its model, and a tokenizer as large as the 70B's."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from string import ascii_lowercase as letters

PIECES = 32_000
QUIET = "plaintext"  # the language for which suggestions are off


def environment(port: int, tokenizer: Path) -> dict[str, str]:
    return {
        "ARRIERO_URL": f"http://127.0.0.1:{port}",
        "ARRIERO_TOKENIZER": str(tokenizer),
        "ARRIERO_COMPLETION_LANGUAGES": json.dumps({"*": True, QUIET: False}),
    }


def tokenizer_file(folder: Path) -> Path:
    """Write a BPE tokenizer of 32,000 pieces, made up of letters; nobody's own is needed."""
    signs = [chr(code) for code in range(32, 127)] + ["\n", "\t"]
    words = [
        "".join(each) for size in (2, 3, 4) for each in itertools.product(letters, repeat=size)
    ]
    words = words[: PIECES - len(signs)]
    model = {
        "type": "BPE",
        "vocab": {piece: number for number, piece in enumerate(signs + words)},
        "merges": [[word[:-1], word[-1]] for word in words],
    }
    file = folder / "tokenizer.json"
    file.write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))
    return file
