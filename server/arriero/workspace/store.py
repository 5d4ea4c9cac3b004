"""What is known of a folder's files, in an SQLite database that one process writes and others read.

Definitions are found by their name, files by theirs, and stretches of code by the names in them
(SQLite's FTS5 ranks those by BM25). Code changes all the time and an index of it is cheap to make
anew, so a database of another version is begun again, and a crash may lose the last second.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from arriero.core.outline import Definition, Outline

VERSION = 1
STRETCH = 24  # lines; as much code as one looks at
# Stretches are a third of the database; 200,000 of them are five million lines.
MOST_STRETCHES = 200_000
UNUSED = 60 * 86_400  # seconds after which a database goes that nobody has opened to write
MOST_FOUND = 400  # definitions, for one question
PATIENCE = 60  # seconds that a writer waits for another server's

logger = logging.getLogger(__name__)

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA secure_delete = ON;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path TEXT UNIQUE, stem TEXT, language TEXT,
    changed INTEGER, size INTEGER, imports TEXT
);
CREATE INDEX files_stem ON files (stem);
CREATE TABLE definitions (
    name TEXT, file INTEGER, line INTEGER, stop INTEGER, brief TEXT, more TEXT, member_of TEXT
);
CREATE INDEX definitions_name ON definitions (name);
CREATE INDEX definitions_file ON definitions (file);
CREATE TABLE stretches (id INTEGER PRIMARY KEY, file INTEGER, line INTEGER);
CREATE INDEX stretches_file ON stretches (file);
CREATE VIRTUAL TABLE code USING fts5 (names, tokenize = "unicode61 tokenchars '_'");
"""
_COLUMNS = "d.name, f.path, d.line, d.stop, d.brief, d.more, d.member_of"


class Writer:
    """Keeps a database up to date. Nothing is seen by readers before `commit`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database = _opened(path)
        self._stretches = self._database.execute("SELECT count(*) FROM stretches").fetchone()[0]

    def known(self) -> dict[str, tuple[int, int]]:
        """Return the stamps of the files that are known, by their paths."""
        rows = self._database.execute("SELECT path, changed, size FROM files")
        return {path: (changed, size) for path, changed, size in rows}

    def put(
        self,
        path: str,
        language: str,
        stamp: tuple[int, int],
        outline: Outline,
        stretches: Sequence[Iterable[str]],
    ) -> None:
        """Keep what is known of a file in the place of what was. A stretch is the names in it."""
        self.remove(path)
        run = self._database.execute
        stem = path.rpartition("/")[2].rpartition(".")[0]
        row = (path, stem, language, *stamp, json.dumps(outline.imports))
        file = run(
            "INSERT INTO files (path, stem, language, changed, size, imports)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        ).lastrowid
        self._database.executemany(
            "INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((d.name, file, d.line, d.stop, d.brief, d.more, d.member_of)
             for d in outline.definitions),
        )  # fmt: skip
        for number, names in enumerate(stretches):
            if self._stretches >= MOST_STRETCHES:
                break
            self._stretches += 1
            added = run("INSERT INTO code (names) VALUES (?)", (" ".join(names),)).lastrowid
            run("INSERT INTO stretches VALUES (?, ?, ?)", (added, file, number * STRETCH))

    def remove(self, path: str) -> None:
        """Forget a file."""
        run = self._database.execute
        found = run("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        if found is None:
            return
        own = "SELECT id FROM stretches WHERE file = ?"
        self._stretches -= run(f"DELETE FROM code WHERE rowid IN ({own})", found).rowcount
        for table in ("stretches", "definitions"):
            run(f"DELETE FROM {table} WHERE file = ?", found)
        run("DELETE FROM files WHERE id = ?", found)

    def commit(self) -> None:
        """Let readers see what was put and removed."""
        self._database.commit()

    def close(self) -> None:
        self._database.commit()
        self._database.close()


class Reader:
    """Asks a database that another process may be writing; one that is not there knows nothing.

    One thread at a time may ask.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def definitions(
        self, names: Collection[str], languages: Collection[str]
    ) -> Iterator[Definition]:
        """Yield what has one of the names, in files of one of the languages."""
        yield from map(
            _definition,
            self._rows(
                f"SELECT {_COLUMNS} FROM definitions d JOIN files f ON f.id = d.file"
                f" WHERE d.name IN ({_marks(names)}) AND f.language IN ({_marks(languages)})"
                f" LIMIT {MOST_FOUND}",
                *names,
                *languages,
            ),
        )

    def outline(self, path: str) -> Outline:
        """Return what is known of a file."""
        found = self._rows("SELECT imports FROM files WHERE path = ?", path)
        defined = self._rows(
            f"SELECT {_COLUMNS} FROM definitions d JOIN files f ON f.id = d.file"
            " WHERE f.path = ? ORDER BY d.rowid",
            path,
        )
        imports = json.loads(found[0][0]) if found else []
        return Outline(tuple(map(_definition, defined)), tuple(map(tuple, imports)))

    def files(self, stems: Collection[str], languages: Collection[str]) -> list[str]:
        """Return the files with one of these names, without their endings."""
        rows = self._rows(
            f"SELECT path FROM files WHERE stem IN ({_marks(stems)})"
            f" AND language IN ({_marks(languages)}) LIMIT {MOST_FOUND}",
            *stems,
            *languages,
        )
        return [path for (path,) in rows]

    def similar(
        self, names: Collection[str], languages: Collection[str], most: int
    ) -> list[tuple[str, int]]:
        """Return file and first line of the stretches that have most of the names in common."""
        query = " OR ".join(f'"{name}"' for name in names)
        return self._rows(
            "SELECT f.path, s.line FROM (SELECT rowid, rank FROM code WHERE code MATCH ?"
            f" ORDER BY rank LIMIT {int(most) * 4}) n JOIN stretches s ON s.id = n.rowid"
            f" JOIN files f ON f.id = s.file WHERE f.language IN ({_marks(languages)})"
            f" ORDER BY n.rank LIMIT {int(most)}",
            query,
            *languages,
        )

    def close(self) -> None:
        if self._database:
            self._database.close()
            self._database = None

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            if self._database is None:
                uri = f"{self._path.as_uri()}?mode=ro"
                self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            return self._database.execute(query, values).fetchall()
        except sqlite3.DatabaseError:
            # It is not there yet, or is just being made anew: then nothing is known.
            self.close()
            return []


def sweep(place: Path) -> None:
    """Remove the databases of folders in which nobody has worked for long: some are 100 MB."""
    for file in place.glob("*.sqlite"):
        try:
            if file.stat().st_mtime < time.time() - UNUSED:
                _remove(file)
        except OSError as error:
            logger.info("%s stays: %s", file, error)  # Windows keeps what another server has open


def _remove(path: Path) -> None:
    for beside in ("", "-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """Return a database of this version, begun anew where it is of another, or is damaged."""
    for _ in range(2):
        # There is code in it, of files that others on this computer may have no right to read.
        # The time of it is that of the last use: see `sweep`.
        path.touch(mode=0o600)
        database = sqlite3.connect(path, timeout=PATIENCE)
        try:
            if database.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                database.execute("PRAGMA synchronous = OFF")
                return database
            if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
                database.executescript(_TABLES)
                database.execute(f"PRAGMA user_version = {VERSION}")
                return database
        except sqlite3.OperationalError:
            database.close()
            raise  # it cannot be opened, or another server's process does not let go of it
        except sqlite3.DatabaseError as error:
            logger.info("%s is begun anew: %s", path, error)
        database.close()
        _remove(path)
    raise sqlite3.DatabaseError(f"{path} cannot be made")


def _definition(row: Sequence[object]) -> Definition:
    return Definition(*row)  # type: ignore[arg-type]  # columns in the order of its fields


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
