"""How many secrets are found in code, how often none is there, and what it costs.

    python tests/benchmarks/redaction.py [DIR...]

Made-up secrets of every kind are set in code: `redaction_recall` is the share of which nothing is
left. Then 1,000 files of the DIRs (by default Python's library, what is installed beside it, and
the extension's npm packages where they are) are read, and all that is found in them counts as a
false hit. Prints what was missed and what was hit, a table, and last one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from arriero import app, detection
from arriero.core.text import Excerpt
from benchmarks import made_up

LANGUAGES = (".py", ".js", ".mjs", ".ts", ".tsx", ".go", ".c", ".h", ".rs", ".java", ".lua", ".sh")
FILES = 1000
LARGEST = 500_000  # bytes
EACH = 8  # secrets of a kind
LEAVES = 10  # characters of a secret that must not be left together
KEYSTROKES = 200
NPM = Path(__file__).parents[2] / "editors" / "vscode" / "node_modules"


def main() -> int:
    folders = [Path(each) for each in sys.argv[1:]] or real_code()
    missed = [f"{kind.name}: {code.strip()}" for kind, code, left in tried(EACH) if left]
    files, hits = false_hits(folders)
    count = len(made_up.KINDS) * EACH
    told = {
        "secrets": count,
        "kinds": len(made_up.KINDS),
        "redaction_recall": round(1 - len(missed) / count, 4),
        "files": files,
        "false_hits_per_1000_files": round(len(hits) * 1000 / files, 1),
        "added_ms": round(added() * 1000, 3),
    }
    for name in missed:
        print(f"missed: {name}")
    for hit in hits:
        print(f"hit: {hit}")
    table = Table("measure", "", title="Secrets in text")
    for name, value in told.items():
        table.add_row(name, str(value))
    Console().print(table)
    print(json.dumps(told))
    return 0


def redaction_recall() -> float:
    """Return the share of secrets of which nothing is left, of eight of each kind."""
    results = list(tried(EACH))
    return sum(not left for *_, left in results) / len(results)


def false_hits_per_1000_files(folders: Sequence[Path] = ()) -> float:
    """Return how often something is found in real code."""
    files, hits = false_hits(folders or real_code())
    return len(hits) * 1000 / files


def tried(each: int) -> Iterator[tuple[made_up.Kind, str, bool]]:
    """Set secrets in code one by one; tell of each whether anything of it is left."""
    redactor = app.redactor()
    chosen = random.Random(2)
    for kind, secret in made_up.secrets(each):
        code = f"import os\n\n{made_up.placed(kind, secret, chosen)}\n\nprint(os.name)\n"
        (shown,), _ = redactor.redact(code)
        yield kind, code, is_left(secret, shown)


def is_left(secret: str, shown: str) -> bool:
    """Tell whether part of a secret is still to be seen; what is no secret of it may be."""
    lines = [line for line in secret.split("\n") if "-----" not in line]
    if "://" in secret and "@" in secret:
        lines = [secret.partition("://")[2].partition(":")[2].partition("@")[0]]
    return any(
        line[place : place + LEAVES] in shown
        for line in lines
        for place in range(max(len(line) - LEAVES, 0) + 1)
    )


def false_hits(folders: Sequence[Path], most: int = FILES) -> tuple[int, list[str]]:
    """Return how many files were read, and what was found in them: the place and the line."""
    files = source_files(folders)[:most]
    hits = []
    for file in files:
        text = file.read_text("utf-8", errors="replace").replace("\r\n", "\n")
        for found in detection.secrets_in(text):
            line = text.count("\n", 0, found.start) + 1
            hits.append(f"{file}:{line}: {found.kind}: {text[found.start : found.stop]:.60}")
    return len(files), hits


def source_files(folders: Sequence[Path]) -> list[Path]:
    """Return the source files of some folders, mixed, but the same every time."""
    files = {
        (hashlib.sha256(file.relative_to(folder).as_posix().encode()).digest(), file)
        for folder in folders
        for suffix in LANGUAGES
        for file in folder.rglob(f"*{suffix}")
        if file.is_file() and 0 < file.stat().st_size < LARGEST
    }
    return [file for _, file in sorted(files)]


def real_code() -> list[Path]:
    """Return where code of many people is on every computer that has arriero."""
    paths = sysconfig.get_paths()
    return [Path(paths["stdlib"]), Path(paths["purelib"]), *([NPM] if NPM.is_dir() else [])]


def added() -> float:
    """Return the seconds that a completion takes longer, at a key in a file of 12 kB (median)."""
    redactor = app.redactor()
    whole = (Path(app.__file__).parent / "settings.py").read_text("utf-8")
    above, below = whole[:8000], whole[8000:12_000]
    seconds = []
    for size in range(KEYSTROKES):
        excerpt = Excerpt("settings.py", "python", f"{above}\n    value{'e' * size}", f"\n{below}")
        started = time.perf_counter()
        redactor.excerpt(excerpt)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    sys.exit(main())
