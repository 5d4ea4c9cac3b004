"""Answers to edits: does a noisy answer become exactly the right edit. `make bench-fidelity`.

Every case is a file, lines in it, and the true new lines. The lines are chosen in an editor in
memory, the real server asks, and the model at its seam says the true lines wrapped in a form of
noise (noise.py), or in two. What the editor then holds is exact, refused (untouched), or wrong.
Then the fixed programs of HumanEvalFix are run, each in a process of its own.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from arriero.assist.seam import End, Piece
from arriero.lsp.peer import ResponseError
from arriero.lsp.positions import Position, Range
from benchmarks import noise
from desk import Desk, ScriptedModel

SECONDS = 10  # for one program
MEMORY = 2 << 30  # bytes, for one program
RUN = {"python": ([sys.executable, "-I"], ".py"), "javascript": (["node"], ".js")}
LANGUAGES = {"js": "javascript", "python": "python"}
BEHIND = "\n\n\nx = 1;\n"


@dataclass(frozen=True)
class Case:
    """The lines `start` to `stop` of `text` are to become `new`; `test` runs the result."""

    name: str
    language: str
    text: str
    start: int
    stop: int
    new: str
    action: str
    test: str = ""

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def truth(self) -> str:
        lines = self.lines
        return "\n".join([*lines[: self.start], *self.new.split("\n"), *lines[self.stop :]])


class Noisy(ScriptedModel):
    """Says one answer, and stops at a stop string as TGI does, which leaves it in the text."""

    answer = ""

    @asynccontextmanager
    async def stream(self, prompt, *, explicit):
        ends = [self.answer.find(s) + len(s) for s in prompt.stop if s in self.answer]
        yield self._pieces(self.answer[: min(ends, default=len(self.answer))])

    async def _pieces(self, reply):
        for place in range(0, len(reply), 7):
            if place == len(reply) // 14 * 7:
                self.before_reply()
                await asyncio.sleep(0)
            yield Piece(reply[place : place + 7])
        yield End("stop_sequence")


def cases(data: Path) -> Iterator[Case]:
    """Yield the cases of all sets that lie under the folder."""
    for file in sorted((data / "humanevalfix").glob("*.jsonl.gz")):
        language = LANGUAGES.get(file.name.split(".")[0], file.name.split(".")[0])
        for row in _rows(file):
            yield _fix(row, language)
    for file in sorted((data / "infilling").glob("*.jsonl.gz")):
        for row in _rows(file):
            yield _infilling(row)


def _rows(file: Path) -> Iterator[dict]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _fix(row: dict, language: str) -> Case:
    """A whole function is wrong: its lines, from the declaration's last on, are the region."""
    old = (row["prompt"] + row["buggy_solution"]).rstrip()
    new = (row["prompt"] + row["canonical_solution"]).rstrip()
    opening = next(line for line in row["declaration"].split("\n") if row["entry_point"] in line)
    start = old.split("\n").index(opening)
    stop = old.count("\n") + 1
    right = "\n".join(new.split("\n")[start:])
    return Case(row["task_id"], language, old + BEHIND, start, stop, right, "fix", row["test"])


def _infilling(row: dict) -> Case:
    """Some lines of a function are missing, and one that does nothing stands for them."""
    new = row["canonical_solution"].rstrip("\n")
    indent = min((len(x) - len(x.lstrip()) for x in new.split("\n") if x.strip()), default=0)
    text = row["prompt"] + " " * indent + "missing = True\n" + row["suffix"]
    start = row["prompt"].count("\n")
    return Case(row["task_id"], "python", text, start, start + 1, new, "simplify")


async def played(desk: Desk, case: Case, said: str, edit: int | None = None) -> str:
    """Choose the action; return exact, refused or wrong. `edit`: type above this line meanwhile."""
    uri = (desk.root / f"case.{case.language}").as_uri()
    if uri in desk.client.documents:
        desk.client.close(uri)
    desk.client.open(uri, case.text, case.language)
    desk.uri, desk.model.answer = uri, said
    before, truth = case.text, case.truth
    desk.model.before_reply = lambda: None
    if edit is not None:
        at = Position(edit, 0)
        desk.model.before_reply = lambda: desk.client.change(uri, Range(at, at), "typed()\n")
        before = _typed(before, edit)
        truth = _typed(truth, edit if edit <= case.start else edit + _grown(case))
    span = {
        "start": {"line": case.start, "character": 0},
        "end": {"line": case.stop, "character": 0},
    }
    message = [{"range": span, "message": f"{case.name}: the test fails"}]
    chosen = Range(Position(case.start, 0), Position(case.stop, 0))
    items = await desk.client.code_actions(uri, chosen, diagnostics=message)
    command = next(
        item["command"]
        for item in items
        if item["command"]["arguments"][0]["action"] == case.action
    )
    with suppress(ResponseError):  # The text moved on: what counts is the text.
        await desk.client.execute(command["command"], command["arguments"])
    text = desk.text
    return "exact" if text == truth else "refused" if text == before else "wrong"


def _grown(case: Case) -> int:
    return case.new.count("\n") + 1 - (case.stop - case.start)


def _typed(text: str, line: int) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:line], "typed()", *lines[line:]])


def wrapped(case: Case, forms: tuple[str, ...], random: Random) -> str:
    """Return the true answer in one form after the other."""
    lines = case.lines
    answer = noise.Answer(
        case.new,
        "".join(f"{line}\n" for line in lines[: case.start]),
        "".join(f"\n{line}" for line in lines[case.stop :]),
        "\n".join(lines[case.start : case.stop]),
    )
    for form in forms:
        answer = noise.FORMS[form](answer, random)
    return answer.text()


def runs(case: Case) -> bool:
    """Run the fixed program with its tests, in a process with limits."""
    command, suffix = RUN[case.language]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / f"program{suffix}"
        program.write_text(case.truth.removesuffix(BEHIND) + "\n\n" + case.test, "utf-8")
        try:
            done = subprocess.run(
                [*command, str(program)],
                cwd=folder,
                env={"PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                text=True,
                preexec_fn=_limited if case.language == "python" else None,
            )
        except subprocess.TimeoutExpired:
            return False
    # A failed console.assert is only told.
    return done.returncode == 0 and "Assertion failed" not in done.stderr


def _limited() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


async def bench(data: Path, folder: Path, *, most: int, seed: int = 1) -> dict[str, object]:
    """Run everything on at most so many cases of each set; return the figures."""
    random = Random(seed)
    sets: dict[str, list[Case]] = defaultdict(list)
    for case in cases(data):
        sets[case.name.rpartition("/")[0].split("/")[0]].append(case)
    picked = [case for each in sets.values() for case in random.sample(each, min(most, len(each)))]
    names = [name for name in noise.FORMS if name != "clean"]
    table: dict[str, Counter[str]] = defaultdict(Counter)
    fixed: dict[str, bool] = {}
    async with Desk.at(folder, model=Noisy()) as desk:
        for case in picked:
            for form in noise.FORMS:
                result = await played(desk, case, wrapped(case, (form,), random))
                table[form][result] += 1
                if form == "clean" and case.test and result == "exact":
                    fixed[case.name] = True
            pair = tuple(random.sample(names, 2))
            table["two forms"][await played(desk, case, wrapped(case, pair, random))] += 1
            line = random.randint(0, case.text.count("\n"))
            said = wrapped(case, ("clean",), random)
            table["typing"][await played(desk, case, said, line)] += 1
    run = [case for case in picked if case.test and case.language in RUN]
    passed = sum(fixed.get(case.name, False) and runs(case) for case in run)
    for form, counts in table.items():
        print(
            f"{form:18}", *(f"{kind} {counts[kind]:<6}" for kind in ("exact", "refused", "wrong"))
        )
    total = sum((counts for counts in table.values()), Counter())
    single = sum((table[form] for form in noise.FORMS), Counter())
    return {
        "cases": sum(total.values()),
        "exact": total["exact"],
        "refused": total["refused"],
        "wrong": total["wrong"],
        "single_exact_share": round(single["exact"] / max(single.total(), 1), 4),
        "fix_run": len(run),
        "fix_passed": passed,
    }


if __name__ == "__main__":
    where = Path(os.environ.get("DATA", "../shared/data"))
    if not where.is_dir():
        sys.exit(f"There is no data at {where}; say where it is: make bench-fidelity DATA=DIR")
    with tempfile.TemporaryDirectory() as made:
        figures = asyncio.run(
            bench(where, Path(made), most=int(os.environ.get("CASES", "1000000")))
        )
    print(json.dumps(figures))
