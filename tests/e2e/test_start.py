"""What is loaded before the client hears from the server: it waits for the initialize reply."""

from __future__ import annotations

import json
import subprocess

from e2e.house import SERVE

HEAVY = {"httpx2", "huggingface_hub", "numpy", "rich", "tenacity", "tokenizers", "transformers"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


def test_initialize_is_answered_before_anything_heavy_is_loaded():
    # Only `initialized` lets the server go on to the model, and it never comes: all that was
    # loaded until the end was loaded for the reply.
    body = json.dumps(INITIALIZE).encode()
    sent = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    python, *arguments = SERVE
    command = [python, "-X", "importtime", *arguments]
    ended = subprocess.run(command, input=sent, capture_output=True, check=False)
    assert b'"capabilities"' in ended.stdout
    loaded = imported(ended.stderr.decode())
    assert "pygls" in loaded
    assert not HEAVY & loaded


def imported(importtime: str) -> set[str]:
    """Return the packages in what `python -X importtime` wrote."""
    lines = (line for line in importtime.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
