"""`make bench-context`: whether the model is shown what the next line needs, and what that costs.

Real packages of two languages. A case is a line that uses a name which the file imports from
another file of its package. The line is taken out, the cursor stands where it began, and the
question is whether the head of the name's definition is in the prompt. Prints a table; the last
line is one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from arriero import syntax
from arriero.assist.context import Context
from arriero.assist.gathering import Gathering
from arriero.core import completion, imports
from arriero.core.context import KEYWORDS, Block
from arriero.core.dialects import BY_NAME
from arriero.core.models import CODELLAMA_70B_INSTRUCT, ModelInfo
from arriero.core.outline import LANGUAGES, Definition, family, words
from arriero.core.text import Excerpt
from arriero.lsp import excerpts
from arriero.lsp.documents import Document
from arriero.lsp.positions import Position
from arriero.model.tokens import estimate
from benchmarks import cold, redaction
from benchmarks.one_file import OneFile, indexed
from benchmarks.packages import PACKAGES, fetched

TOKENS = 3500  # of the prompt
CASES = 120  # of a package
OTHERS = 1200  # tokens, the setting's default
INFO = ModelInfo(
    CODELLAMA_70B_INSTRUCT, "tgi", "", max_input_tokens=TOKENS + 1, max_total_tokens=TOKENS + 201
)
DIALECT = BY_NAME["source_destination"]
_HEAD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Case:
    """A line to be written, and a definition in another file that it uses."""

    path: str
    line: int
    definition: Definition


def cases(folder: Path) -> Iterator[Case]:
    """Yield every case of a package, by syntax and by the words of imports alone."""
    files = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8").replace("\r\n", "\n")
        for path in sorted(folder.rglob("*"))
        if path.suffix in LANGUAGES and path.is_file()
    }
    defined: dict[tuple[str, str], list[Definition]] = {}
    for path, text in files.items():
        language = LANGUAGES[Path(path).suffix]
        for definition in syntax.definitions(text, language, path):
            if not definition.member_of:
                kin = min(family(language))
                defined.setdefault((kin, definition.name), []).append(definition)
    for path, text in files.items():
        language = LANGUAGES[Path(path).suffix]
        lines = text.split("\n")
        needed = dict(_imported(lines, language, path, defined))
        last_import = max(_import_lines(lines, language), default=-1)
        for number, line in enumerate(lines):
            if number > last_import and not line.lstrip().startswith(("#", "//", "*", "/*")):
                for name in words(line):
                    if name in needed:
                        yield Case(path, number, needed[name])
                        break


def _imported(
    lines: Sequence[str],
    language: str,
    path: str,
    defined: dict[tuple[str, str], list[Definition]],
) -> Iterator[tuple[str, Definition]]:
    """Yield the names that a file imports and that one other file alone defines."""
    for statement in imports.statements(lines, language):
        for name in statement:
            found = defined.get((min(family(language)), name), [])
            if name not in KEYWORDS and len(found) == 1 and found[0].path != path:
                yield name, found[0]


def _import_lines(lines: Sequence[str], language: str) -> list[int]:
    """Return the lines of imports: those that begin one, and those up to where it is closed."""
    found, depth = [], 0
    for number, line in enumerate(lines):
        begins = imports.is_import(line.strip(), language) or line.startswith("import")
        if depth > 0 or begins:
            found.append(number)
            depth += sum(c in "([{" for c in line) - sum(c in ")]}" for c in line)
    return found


def without_line(folder: Path, case: Case) -> tuple[Document, Excerpt]:
    """Return a case's file without its line, and what stands around the cursor."""
    file = folder / case.path
    lines = file.read_text("utf-8").replace("\r\n", "\n").split("\n")
    taken = lines[case.line]
    lines[case.line] = taken[: len(taken) - len(taken.lstrip())]
    document = Document(file.as_uri(), LANGUAGES[file.suffix], 1, "\n".join(lines))
    cursor = Position(case.line, len(lines[case.line]))
    return document, excerpts.at(document, cursor, folder)


def is_in(definition: Definition, prompt: str) -> bool:
    """Tell whether the first line of a definition's head is in a prompt, however it is spaced."""
    head = definition.brief.split("\n")[0].strip()
    return _HEAD.sub(" ", head) in _HEAD.sub(" ", prompt)


def worded(excerpt: Excerpt, others: Sequence[Block] = ()) -> str:
    told = completion.Generation("You are an assistant.")
    asked = completion.ask(excerpt, DIALECT, estimate, INFO, told, others=others)
    assert estimate(asked.prompt.text) <= TOKENS
    return asked.prompt.text


@dataclass(slots=True)
class Result:
    """What came of a package's cases: shares, and seconds for each."""

    name: str
    shown: list[bool]
    alone: list[bool]
    seconds: list[float]


async def measured(name: str, folder: Path, place: Path, most: int) -> Result:
    """Try a package's cases, or some that are drawn, with its index made before."""
    index = indexed(folder, place)
    result = Result(name, [], [], [])
    found = [*cases(folder)]
    for case in random.Random(1).sample(found, min(most, len(found))):
        document, excerpt = without_line(folder, case)
        context = Context(
            lambda *_: True, Gathering(index, OneFile(document.uri, folder / case.path, folder))
        )
        context.prepare(excerpt)
        await context.settled()
        began = time.perf_counter()
        others = context.around(excerpt, OTHERS)
        result.seconds.append(time.perf_counter() - began)
        result.shown.append(is_in(case.definition, worded(excerpt, others)))
        result.alone.append(is_in(case.definition, worded(excerpt)))
    await index.close()
    return result


def percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def main() -> None:
    results = []
    with tempfile.TemporaryDirectory() as place:
        for package in PACKAGES:
            folder = fetched(package)
            run = measured(f"{package.name} {package.version}", folder, Path(place), CASES)
            results.append(asyncio.run(run))
    table = Table("package", "cases", "in the prompt", "the file alone", "gathered in, p95")
    together = Result("all", *([v for r in results for v in getattr(r, n)]
                               for n in ("shown", "alone", "seconds")))  # fmt: skip
    for result in (*results, together):
        table.add_row(
            result.name,
            str(len(result.shown)),
            f"{mean(result.shown):.1%}",
            f"{mean(result.alone):.1%}",
            f"{1e3 * percentile(result.seconds, 95):.1f} ms",
        )
    Console().print(table)
    idle, busy = cold.measured()
    blocked = max(busy.longest - idle.longest, 0.0)
    print(
        f"A suggestion took {1e3 * idle.median:.1f} ms beside the model, and 1 of {cold.ASKED} "
        f"{1e3 * idle.longest:.1f} ms; while {cold.SOURCES} of {cold.FILES} files were read, "
        f"{1e3 * busy.median:.1f} ms and {1e3 * busy.longest:.1f} ms."
    )
    if not busy.still_reading:
        sys.exit("All files were read before the last suggestion, so this says nothing.")
    figures = {
        "cases": len(together.shown),
        "needed_in_prompt": round(mean(together.shown), 3),
        "file_alone": round(mean(together.alone), 3),
        "gather_p95_ms": round(1e3 * percentile(together.seconds, 95), 2),
        "blocked_ms": round(1e3 * blocked, 2),
        "redaction_recall": round(redaction.redaction_recall(), 4),
        "false_hits_per_1000_files": redaction.false_hits_per_1000_files(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
