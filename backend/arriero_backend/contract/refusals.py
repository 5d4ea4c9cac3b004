"""The two ways to say no: TGI's JSON errors, and the plain texts of its JSON extractor (axum)."""

from __future__ import annotations

from arriero_backend.engine import EngineError

STATUS = {"overloaded": 429, "validation": 422, "generation": 424}


class Refusal(Exception):
    """An error in TGI's shape: `{"error": ..., "error_type": ...}`, or the same as an event."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind

    @property
    def body(self) -> dict[str, str]:
        return {"error": str(self), "error_type": self.kind}


class Malformed(Exception):
    """A body that cannot be read; the answer is plain text."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def invalid(message: str) -> Refusal:
    """Refuse a request that can be read but not served."""
    return Refusal(422, "validation", f"Input validation error: {message}")


def overloaded() -> Refusal:
    """Refuse a request that is one too many."""
    return Refusal(429, "overloaded", "Model is overloaded")


def incomplete(*, stream: bool) -> Refusal:
    """Say that the engine stopped before the answer had an end."""
    suffix = "_stream" if stream else ""
    return Refusal(
        500, f"incomplete_generation{suffix}", f"Incomplete generation{suffix.replace('_', ' ')}"
    )


def failed(error: EngineError) -> Refusal:
    """Say what the engine said, as TGI says it of its own shards."""
    if error.kind == "overloaded":
        return overloaded()
    if error.kind == "validation":
        return invalid(str(error))
    status = STATUS.get(error.kind, STATUS["generation"])
    return Refusal(status, error.kind, f"Request failed during generation: {error}")
