"""`make bench-local`: the built-in engine beside llama.cpp, with the same model on this computer.

Both are measured by `arriero backend local --bench`, each in processes of its own that take turns;
LLAMA_CPP_PYTHON is the Python that has llama-cpp-python, which is then used in the engine's place.
Prints a table of medians and ratios; the last line is one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median

from rich.console import Console
from rich.table import Table

ROUNDS = 2
OURS, THEIRS = "NumPy", "llama.cpp"
UNITS = {
    "tokens_per_s": "tokens a second",
    "first_token_500_s": "s to the first token, 500 new",
    "first_token_1500_s": "s to the first token, 1500 new",
    "known_first_token_s": "s to the first token, all known",
    "load_s": "s to load",
    "memory_mb": "MB of memory",
    "own_mb": "MB of it its own",
}


def measured(python: str, engine: str) -> dict[str, float]:
    """Let a process measure itself; what computes in it has to be `engine`."""
    command = (python, "-m", "arriero_backend.local", "--bench", "--json")
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert told["engine"] == engine, f"{python} computes with {told['engine']}"
    for length, seconds in told["first_token_s"].items():
        told[f"first_token_{length}_s"] = seconds
    return {name: told[name] for name in UNITS}


def main() -> None:
    rounds = {OURS: [], THEIRS: []}
    for _ in range(ROUNDS):
        for engine, python in ((OURS, sys.executable), (THEIRS, os.environ["LLAMA_CPP_PYTHON"])):
            rounds[engine].append(measured(python, engine))
    table = Table("", OURS, THEIRS, "ratio")
    result = {}
    for name, unit in UNITS.items():
        ours, theirs = (median(each[name] for each in rounds[e]) for e in (OURS, THEIRS))
        result[name] = {
            "ours": round(ours, 3),
            "theirs": round(theirs, 3),
            "ratio": round(ours / theirs, 2),
        }
        table.add_row(unit, f"{ours:.3g}", f"{theirs:.3g}", f"{ours / theirs:.2f}")
    Console().print(table)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
