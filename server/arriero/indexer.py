"""The process that reads a workspace and keeps its index: one job, then it ends.

    {"folder": ..., "database": ..., "ignore": [...], "changed": [...] or null}   on its stdin
    {"files": 90} {"files": 110} ...                                              on its stdout

A process of its own, and of the lowest priority: a thread would take the interpreter from whoever
types. It holds the server's pipe as its stdin, and so ends with it, however that ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from arriero import syntax
from arriero.core import imports
from arriero.core.outline import LANGUAGES, Outline, words
from arriero.workspace.store import STRETCH, Writer, sweep
from arriero.workspace.tree import RULES, File, source_file, source_files

# Seconds of work between two commits: who asks meanwhile finds what is there by then.
BATCH = 0.5

SHORTEST_NAME = 3  # characters; shorter ones say nothing of what code is about


@dataclass(frozen=True, slots=True)
class Job:
    """What to read: all of a folder, or the files in it that changed."""

    folder: Path
    database: Path
    ignore: tuple[str, ...]
    changed: tuple[Path, ...] | None

    @classmethod
    def of(cls, text: str) -> Job:
        """Read what the server wrote (workspace/index.py)."""
        told = json.loads(text)
        changed = told["changed"]
        return cls(
            Path(told["folder"]),
            Path(told["database"]),
            tuple(told["ignore"]),
            None if changed is None else tuple(map(Path, changed)),
        )


def work(job: Job) -> Iterator[int]:
    """Do a job, and yield how many more files were read, each time that they can be found."""
    writer = Writer(job.database)
    try:
        yield from _keep(writer, job)
    finally:
        writer.close()
    sweep(job.database.parent)


def _keep(writer: Writer, job: Job) -> Iterator[int]:
    known = writer.known()
    read, committed = 0, time.monotonic()
    for path, file in _to_look_at(job, known):
        if file is None:
            writer.remove(path)
        elif known.get(path) != file.stamp:
            _put(writer, path, file)
            read += 1
        if time.monotonic() > committed + BATCH:
            writer.commit()
            yield read
            read, committed = 0, time.monotonic()
    writer.commit()
    yield read


def _to_look_at(job: Job, known: dict[str, tuple[int, int]]) -> Iterator[tuple[str, File | None]]:
    """Yield the paths in question; with None what is no longer there, or no longer to be seen."""
    if job.changed is not None and not any(map(_may_have_changed_many, job.changed)):
        for changed in job.changed:
            for path in _files_at(changed.relative_to(job.folder).as_posix(), known):
                yield path, source_file(job.folder / path, job.folder, LANGUAGES, job.ignore)
        return
    gone = set(known)
    for file in source_files(job.folder, LANGUAGES, job.ignore):
        path = file.path.relative_to(job.folder).as_posix()
        gone.discard(path)
        yield path, file
    yield from ((path, None) for path in gone)


def _may_have_changed_many(path: Path) -> bool:
    # Of a folder that came, editors tell nothing but itself.
    return path.name in RULES or path.is_dir()


def _files_at(path: str, known: Iterable[str]) -> Iterator[str]:
    """Yield a file, or those that were in a folder: of one that went, editors tell only itself."""
    if PurePosixPath(path).suffix in LANGUAGES:
        yield path
    yield from [each for each in known if each.startswith(f"{path}/")]


def _put(writer: Writer, path: str, file: File) -> None:
    language = LANGUAGES[file.path.suffix]
    try:
        text = file.path.read_text("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        writer.remove(path)  # gone meanwhile, or no text
        return
    lines = text.split("\n")
    outline = Outline(
        syntax.definitions(text, language, path), tuple(imports.statements(lines, language))
    )
    writer.put(path, language, file.stamp, outline, _stretches(lines))


def _stretches(lines: Sequence[str]) -> list[set[str]]:
    """Return the names in each stretch of the lines."""
    stretches = ("\n".join(lines[top : top + STRETCH]) for top in range(0, len(lines), STRETCH))
    return [{name for name in words(each) if len(name) >= SHORTEST_NAME} for each in stretches]


def _end_with_the_server() -> None:
    # Not by sys.stdin, whose lock a thread may not hold while the interpreter ends.
    while os.read(0, 1024):
        continue
    os._exit(0)


def main() -> None:
    """Do the job on stdin."""
    if hasattr(os, "nice"):
        os.nice(19)  # elsewhere the server starts it with the lowest priority
    job = Job.of(sys.stdin.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    for read in work(job):
        print(json.dumps({"files": read}), flush=True)


if __name__ == "__main__":
    main()
