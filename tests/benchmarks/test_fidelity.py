"""The short form of `make bench-fidelity`: every form of noise on two functions."""

import gzip
import json

from benchmarks import fidelity

ROWS = {
    "python": {
        "task_id": "Python/0",
        "prompt": "import math\n\n\ndef mean(xs):\n",
        "declaration": "def mean(xs):\n",
        "buggy_solution": "    total = sum(xs)\n    return total * len(xs)\n",
        "canonical_solution": "    total = sum(xs)\n    return total / len(xs)\n",
        "entry_point": "mean",
        "test": "assert mean([1, 3]) == 2",
    },
    "js": {
        "task_id": "JavaScript/0",
        "prompt": "const mean = (xs) => {\n",
        "declaration": "const mean = (xs) => {\n",
        "buggy_solution": "  let total = 0;\n  for (const x of xs) {\n    total -= x;\n  }\n"
        "  return total / xs.length;\n}\n",
        "canonical_solution": "  let total = 0;\n  for (const x of xs) {\n    total += x;\n  }\n"
        "  return total / xs.length;\n}\n",
        "entry_point": "mean",
        "test": "",
    },
}


async def test_noise_never_becomes_a_wrong_edit(tmp_path, capsys):
    (tmp_path / "humanevalfix").mkdir()
    for name, row in ROWS.items():
        with gzip.open(tmp_path / "humanevalfix" / f"{name}.jsonl.gz", "wt") as file:
            file.write(json.dumps(row) + "\n")
    figures = await fidelity.bench(tmp_path, most=1)
    assert figures["wrong"] == 0, capsys.readouterr().out
    assert figures["single_exact_share"] >= 0.9
    assert (figures["fix_run"], figures["fix_passed"]) == (1, 1)
