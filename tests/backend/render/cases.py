"""What the files are rendered for in tests: the GPUs that people have."""

from __future__ import annotations

from pathlib import Path

from arriero_backend.render.__main__ import main

CASES = {
    "2x80-bf16": ("--gpus", "2x80", "--quantisation", "bf16"),
    "4x48-bf16": ("--gpus", "4x48", "--quantisation", "bf16"),
    "8x24-bf16": ("--gpus", "8x24", "--quantisation", "bf16"),
    "1x80-4bit": ("--gpus", "1x80", "--quantisation", "gptq"),
    "2-of-4x80": ("--gpus", "8x80"),
    "4x80": ("--gpus", "4x80"),
}


def render(case: str, folder: Path) -> Path:
    """Write the files of a case, and keys as somebody would fill them in."""
    assert main([*CASES[case], "--to", str(folder)]) == 0
    for name in (".env", "kubernetes/common/keys.env"):
        example = (folder / f"{name}.example").read_text("utf-8")
        filled = example.replace("KEY=\n", "KEY=k3y\n").replace("TOKEN=\n", "TOKEN=hf_t0ken\n")
        (folder / name).write_text(filled, "utf-8")
    return folder
