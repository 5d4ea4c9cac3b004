"""What the commands share in speaking to people and to programs."""

from __future__ import annotations

import json
import sys
from typing import Any


def fail(message: str, code: int = 1) -> int:
    """Say what went wrong, on stderr, and return the exit code."""
    print(f"arriero: {message}", file=sys.stderr)
    return code


def note(message: str) -> None:
    """Say something by the way, on stderr."""
    print(f"arriero: {message}", file=sys.stderr)


def emit(text: str) -> None:
    """Print a text as it is: in UTF-8, with its own line ends, on every system."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


def emit_json(value: Any) -> None:
    """Print one JSON value on one line."""
    print(json.dumps(value, ensure_ascii=True))
