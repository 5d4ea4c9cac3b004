"""The indexes of a workspace's folders: kept up to date by a process, and asked at any time.

What a question finds is what is known by then. Nothing here waits for the reading of files: a
folder of 100,000 of them is read once, in the background, and only what changed after that.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from arriero.core.outline import LANGUAGES, Definition, Outline
from arriero.programs import PYTHON
from arriero.workspace.store import STRETCH, Reader
from arriero.workspace.tree import matters

# Seconds that changes are gathered for: a branch that is switched changes hundreds of files.
GATHERED = 1.0

# Windows wants to be told so from outside; elsewhere the process sees to it itself.
LOWEST_PRIORITY = getattr(subprocess, "IDLE_PRIORITY_CLASS", 0)

logger = logging.getLogger(__name__)


class Index:
    """What is known of the files of some folders.

    Databases lie in the folder `place`. `module` is run to read files. `news` counts how often more
    could be found than before.
    """

    def __init__(self, place: Path, module: str = "arriero.indexer") -> None:
        self._place = place
        self._module = module
        self._ignore: tuple[str, ...] = ()
        self._readers: dict[Path, Reader] = {}
        self._to_read: dict[Path, set[Path] | None] = {}  # None: all of the folder
        self._task: asyncio.Task[None] | None = None
        self.news = 0
        self.files_read = 0

    @property
    def reading(self) -> bool:
        """Whether files are being read."""
        return self._task is not None and not self._task.done()

    @property
    def folders(self) -> Sequence[Path]:
        """The folders whose files are known."""
        return [*self._readers]

    def watch(self, folders: Iterable[Path], ignore: Sequence[str]) -> None:
        """Know the files of these folders, and of no others; `ignore` is the setting."""
        wanted = [*folders]
        again = tuple(ignore) != self._ignore
        self._ignore = tuple(ignore)
        for folder in [each for each in self._readers if each not in wanted]:
            self._readers.pop(folder).close()
            self._to_read.pop(folder, None)
        for folder in wanted:
            if folder not in self._readers or again:
                self._readers.setdefault(folder, Reader(self.database(folder)))
                self._to_read[folder] = None
        self.news += 1
        self._read_on()

    def know(self, folder: Path) -> None:
        """Answer by what was read of a folder before, and read nothing."""
        self._readers.setdefault(folder, Reader(self.database(folder)))

    def changed(self, paths: Iterable[Path]) -> None:
        """Read these files again, those of them that can matter to a folder that is known."""
        for path in paths:
            for folder in self._readers:
                if path.is_relative_to(folder) and matters(path.relative_to(folder), LANGUAGES):
                    files = self._to_read.setdefault(folder, set())
                    if files is not None:
                        files.add(path)
        self._read_on()

    async def close(self) -> None:
        """End the process, if it runs."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    async def ready(self) -> None:
        """Wait until all is read that was to be read when this was called."""
        if self._task:
            await asyncio.shield(self._task)

    # Questions -----------------------------------------------------------------------------------

    def definitions(
        self, names: Collection[str], languages: Collection[str]
    ) -> Iterator[tuple[Path, Definition]]:
        """Yield what has one of the names, with the folder that it is in."""
        for folder, reader in self._readers.items():
            for definition in reader.definitions(names, languages):
                yield folder, definition

    def outline(self, folder: Path, path: str) -> Outline:
        """Return what is known of a file, by its path within the folder."""
        reader = self._readers.get(folder)
        return reader.outline(path) if reader else Outline()

    def files(self, folder: Path, stems: Collection[str], languages: Collection[str]) -> list[str]:
        """Return the files of a folder that have one of these names, without their endings."""
        reader = self._readers.get(folder)
        return reader.files(stems, languages) if reader else []

    def similar(
        self, folder: Path, names: Collection[str], languages: Collection[str], most: int
    ) -> list[tuple[str, int, str]]:
        """Return file, first line and text of the code that has most of the names in common.

        It reads files and takes milliseconds, so it is for a thread.
        """
        with contextlib.closing(Reader(self.database(folder))) as reader:
            found = reader.similar(names, languages, most)
        texts = ((path, line, _stretch(folder / path, line)) for path, line in found)
        return [each for each in texts if each[2]]

    def database(self, folder: Path) -> Path:
        """Return where the database of a folder is."""
        name = hashlib.sha256(str(folder).encode("utf-8", "replace")).hexdigest()[:16]
        return self._place / f"{name}.sqlite"

    # Reading files -------------------------------------------------------------------------------

    def _read_on(self) -> None:
        if self._to_read and not self.reading:
            self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            while self._to_read:
                if None not in self._to_read.values():
                    await asyncio.sleep(GATHERED)
                folder = next(iter(self._to_read))
                await self._run(folder, self._to_read.pop(folder))
        except OSError as error:
            logger.warning("The workspace is not indexed: %s", error)
            self._to_read.clear()

    async def _run(self, folder: Path, changed: Collection[Path] | None) -> None:
        """Let a process do one job; raises OSError if it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *PYTHON,
            self._module,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            creationflags=LOWEST_PRIORITY,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        job = {
            "folder": str(folder),
            "database": str(self.database(folder)),
            "ignore": self._ignore,
            "changed": None if changed is None else sorted(map(str, changed)),
        }
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            async for line in process.stdout:
                self.files_read += json.loads(line)["files"]
                self.news += 1
        finally:
            process.stdin.close()
            code = await process.wait()
        if code:
            logger.warning("The index of %s was not finished (exit code %d)", folder, code)


def _stretch(path: Path, line: int) -> str:
    """Return a stretch of a file as it is now; "" where there is none any more."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return ""
    return "\n".join(lines[line : line + STRETCH])
