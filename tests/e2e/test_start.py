"""What is loaded before the client hears from the server: it waits for the initialize reply."""

from __future__ import annotations

import json
import subprocess

from e2e.house import SERVE
from e2e.loaded import HEAVY, loaded

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
    packages = loaded(ended.stderr.decode())
    assert "pygls" in packages
    assert not HEAVY & packages
