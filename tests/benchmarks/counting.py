"""How near estimates and sums over lines are to true counts, and what a keystroke costs.

    python tests/benchmarks/counting.py --tokenizer FILE DIR...

FILE is the model's own tokenizer.json, the DIRs hold real source files. Prints a table and, last,
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from arriero.model import tokens

LANGUAGES = (".py", ".js", ".ts", ".go", ".lua", ".c", ".rs")
FILES = 120  # of each language
SIZES = range(1_000, 60_000)  # bytes; what people edit
EDITED = 10_000  # characters
KEYSTROKES = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tokenizer", type=Path, required=True, metavar="FILE")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    args = parser.parse_args()
    tokenizer = tokens.load(args.tokenizer)

    def true(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    count = tokens.by_tokenizer(tokenizer)
    told: dict[str, object] = {}
    ratios: list[float] = []
    sums: list[float] = []
    print(f"{'':8}{'files':>8}{'too low':>9}{'median':>8}{'most':>8}   estimate / tokens")
    for language in LANGUAGES:
        found = [tokens.estimate(text) / true(text) for text in texts(args.folders, language)]
        sums += [count(text) / true(text) for text in texts(args.folders, language)]
        ratios += found
        _row(language, found)
    _row("all", ratios)
    _row("lines", sums)
    whole, keystroke = cost(true, count, _edited(args.folders))
    print(f"\n10 kB counted whole {whole * 1e6:.0f} µs, after a keystroke {keystroke * 1e6:.0f} µs")
    told |= {"files": len(ratios), "never_too_low": sum(r >= 1 for r in ratios) / len(ratios)}
    told |= {"least_sum": min(sums), "median_sum": statistics.median(sums), "most_sum": max(sums)}
    told |= {"median": statistics.median(ratios), "keystroke_gain": whole / keystroke}
    print(json.dumps(told))
    return 0


def texts(folders: list[Path], suffix: str) -> list[str]:
    """Return files of a language from as many places as there are, the same every time."""
    files = [file for folder in folders for file in sorted(folder.rglob(f"*{suffix}"))]
    random.Random(suffix).shuffle(files)
    found: list[str] = []
    for text in _readable(files):
        if len(found) == FILES:
            break
        found.append(text)
    return found


def cost(true, count, text: str) -> tuple[float, float]:
    """Return the seconds that a text takes whole, and after one more character (medians)."""
    chosen = random.Random(1)
    edited = []
    for _ in range(KEYSTROKES):
        place = chosen.randrange(len(text))
        text = text[:place] + "q" + text[place:]
        edited.append(text)
    return (
        statistics.median(_seconds(true, each) for each in edited),
        statistics.median(_seconds(count, each) for each in edited),
    )


def _seconds(count, text: str) -> float:
    started = time.perf_counter()
    count(text)
    return time.perf_counter() - started


def _edited(folders: list[Path]) -> str:
    return next(text for text in texts(folders, ".py") if len(text) > EDITED)[:EDITED]


def _readable(files: list[Path]) -> Iterator[str]:
    for file in files:
        try:
            if file.stat().st_size in SIZES and ".min." not in file.name:
                yield file.read_text("utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError):
            continue


def _row(name: str, ratios: list[float]) -> None:
    if ratios:
        low = sum(ratio < 1 for ratio in ratios)
        median = statistics.median(ratios)
        print(f"{name:8}{len(ratios):>8}{low:>9}{median:>8.2f}{max(ratios):>8.2f}")


if __name__ == "__main__":
    sys.exit(main())
