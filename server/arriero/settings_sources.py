"""Settings from everywhere they can be written, as one value and a list of what was wrong.

Later sources win over earlier ones; what somebody did most deliberately, and nearest to the work
at hand, comes last:

    1. the defaults
    2. the person's own file      config.toml in the user's configuration folder, or ARRIERO_CONFIG
    3. files of the workspace     [tool.arriero] in pyproject.toml, then arriero.toml
    4. the environment            ARRIERO_URL, ARRIERO_DEADLINES_FIRST_TOKEN, ...
    5. the editor, at the start   initializationOptions
    6. the editor, at any time    workspace/configuration, section "arriero"

The workspace wins over the person's own file because it is about this project; it can do so only
where it is trusted (settings.py says where, and why), and hardly at all while the person does not
trust the workspace (`trusted`). What says how much leaves it can only make narrower, whatever is
set elsewhere. `ignore` is the exception to the order: the lines of all sources are joined, so that
none can lift another's, and a workspace's come first, so that no `!` line of theirs undoes one of
the person's.

What is wrong is left out, told in a sentence, and never an exception.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from arriero.settings import ROWS, Row, Settings, build
from arriero.settings_files import Source, editor, environment, own_file, workspace_files
from arriero.settings_kinds import closest, narrower, one_of

GROUPS = {row.path.rpartition(".")[0] for row in ROWS} - {""}

Names = Mapping[str, Collection[str]]
Reading = tuple[Source, dict[str, Any], list[str]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, and one sentence for each thing that was wrong.

    `origins` has the path of each setting that somebody set, and where they did.
    """

    settings: Settings
    problems: tuple[str, ...]
    origins: Mapping[str, str] = field(default_factory=dict)


def load_all(
    folders: Sequence[Path] = (),
    options: object = None,
    configuration: object = None,
    *,
    environ: Mapping[str, str] = os.environ,
    names: Names | None = None,
) -> Loaded:
    """Read the settings of all sources, for a workspace of these folders.

    Where two folders set the same, the first one's counts.
    `options` are the editor's initializationOptions, `configuration` its answer to
    workspace/configuration; for `names`, see `load`.
    """
    persons = own_file(environ)
    nearer = (
        environment(environ),
        editor("the editor's initializationOptions", options),
        editor("the editor's settings", configuration),
    )
    files = [source for folder in reversed(folders) for source in workspace_files(folder)]
    if not load(persons, *nearer, names=names).settings.trusted:
        files = [_restricted(source) for source in files]
    return load(persons, *files, *nearer, names=names)


def _restricted(source: Source) -> Source:
    """Return what counts of a file in a workspace that is not trusted: what keeps files back."""
    kept = {row.path for row in ROWS if row.about.joined}
    values = {name: value for name, value in source.values.items() if name in kept}
    return Source(source.name, values, trusted=False)


def load(*sources: Source, names: Names | None = None) -> Loaded:
    """Merge the sources, the last of which wins.

    `names` are the names that may stand in a setting where a table elsewhere knows them: prompt
    formats in `dialect`, ids of actions in `actions.enabled`.
    """
    readings: list[Reading] = [(source, *_read(source, names or {})) for source in sources]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for source, read, _ in readings:
        values |= read
        origins |= dict.fromkeys(read, source.name)
    for row in ROWS:
        if row.about.narrows:
            values[row.path] = _narrowed(row, readings)
    workspace_first = sorted(readings, key=lambda reading: reading[0].trusted)
    for row in ROWS:
        if row.about.joined:
            parts = [read.get(row.path, ()) for _, read, _ in workspace_first]
            values[row.path] = tuple(chain.from_iterable(parts))
    problems = tuple(chain.from_iterable(wrong for _, _, wrong in readings))
    return Loaded(build(values), problems, origins)


def _narrowed(row: Row, readings: Sequence[Reading]) -> Any:
    """Return what the person set, or the default, made narrower by what the workspace set."""
    own: Any = row.default
    for source, read, _ in readings:
        own = read.get(row.path, own) if source.trusted else own
    for source, read, _ in readings:
        if not source.trusted and row.path in read:
            own = narrower(own, read[row.path])
    return own


def _read(source: Source, names: Names) -> tuple[dict[str, Any], list[str]]:
    """Return the values of one source by path, and what is wrong with the others."""
    rows = {row.env if source.variables else row.path: row for row in ROWS}
    values: dict[str, Any] = {}
    problems = [source.fault] if source.fault else []
    for name, raw in _written(source.values):
        row = rows.get(name)
        if row is None:
            problems.append(_unknown(source, name, [*rows, *GROUPS]))
        elif not (source.trusted or row.about.workspace):
            problems.append(_refused(source, row))
        elif source.editor and not row.about.editor:
            if raw:  # an empty text sets nothing
                problems.append(_not_of_editors(source, row))
        else:
            try:
                values[row.path] = _value(row, raw, source, names)
            except ValueError as error:
                problems.append(_wrong(source, name, row, raw, str(error)))
    return values, problems


def _written(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if value is None or (name in GROUPS and value == []):
            continue  # JSON's null is "not set", and an empty Lua table arrives as a list
        if name in GROUPS and isinstance(value, Mapping):
            yield from _written(value, name + ".")
        else:
            yield name, value


def _value(row: Row, raw: object, source: Source, names: Names) -> Any:
    kind = row.about.kind
    value = kind.read(kind.parse(str(raw)) if source.variables else raw)
    if known := names.get(row.path):
        for name in [value] if isinstance(value, str) else value:
            if name not in {"", *known}:
                raise ValueError(one_of(name, sorted(known)))
    return value


def _unknown(source: Source, name: str, known: Collection[str]) -> str:
    if name in GROUPS:
        return f"{name} in {source.name} has to be a table of settings; it is left out."
    meant = closest(name, known)
    advice = f"did you mean {meant}?" if meant else "it is left out."
    return f"{_shown(name)} in {source.name} is no setting; {advice}"


def _refused(source: Source, row: Row) -> str:
    editor = "in your editor's user settings, " if row.about.editor else ""
    return (
        f"{row.path} in {source.name} is refused: a file in a workspace can come from anyone. "
        f"Set it {editor}in your own configuration file or as {row.env}."
    )


def _not_of_editors(source: Source, row: Row) -> str:
    return (
        f"{row.path} in {source.name} is refused: what an editor sends can stand in its logs. Set "
        f"it as {row.env} or in your own configuration file."
    )


def _wrong(source: Source, name: str, row: Row, raw: object, meant: str) -> str:
    given = "" if row.about.kind.private else f", not {_shown(raw)}"
    default = f" (the default is {_shown(row.default)})" if row.default else ""
    return f"{name} in {source.name} has to be {meant}{given}; it is left out{default}."


def _shown(value: object) -> str:
    """Write a value as JSON, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
