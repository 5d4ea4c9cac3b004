"""What a Python process has loaded, by what `python -X importtime` writes."""

from __future__ import annotations

# What somebody who waits for an answer of the editor or the shell must not wait for.
HEAVY = {"httpx2", "huggingface_hub", "numpy", "rich", "tenacity", "tokenizers", "transformers"}


def loaded(importtime: str) -> set[str]:
    """Return the packages."""
    lines = (line for line in importtime.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
