"""What somebody who mends arriero needs to know of an installation, in one file, without code.

It has versions, the settings with where they were set, what the doctor found, and the end of a log.
Keys, addresses and texts of the person's own are left out, and so is every line of a log that could
have code in it: of a log at the level debug that is each.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from arriero import __version__, log
from arriero.settings import ROWS, Settings

if TYPE_CHECKING:
    from arriero.settings_sources import Loaded

LINES = 300  # of the log
LONGEST = 80  # characters of a text among the settings; longer ones are prose of the person's
WITHOUT_CODE = (
    "No code of yours, no key and no address of the settings is in this file. Read it before you "
    "pass it on."
)
WITH_CODE = "This file has the log as it is, with code of yours in it, as you asked."


def made(
    loaded: Loaded, findings: Sequence[str], written: Sequence[str] | None, *, code: bool
) -> str:
    """Return the whole as Markdown: with what was found, in items of a list, and a log's lines.

    There may be no log. Everything of it is kept if `code` is wanted.
    """
    parts = [f"# arriero {__version__}\n\n{WITH_CODE if code else WITHOUT_CODE}"]
    parts.append("## Versions\n\n" + _rows(_versions()))
    parts.append("## Settings\n\n" + (_rows(_settings(loaded)) or "Nothing is set."))
    parts.append("## What the doctor found\n\n" + "\n".join(findings))
    if written is not None:
        kept = written if code else log.without_code(written)
        parts.append("## The end of the log\n\n" + _indented(list(kept)[-LINES:]))
    text = "\n\n".join(parts) + "\n"
    for hidden in filter(None, _hidden(loaded.settings)):
        text = text.replace(hidden, "***")
    return text


def read(file: Path | None) -> list[str] | None:
    """Return the lines of a log. Raises OSError."""
    return None if file is None else file.read_text("utf-8", errors="replace").splitlines()


def _hidden(settings: Settings) -> Iterator[str]:
    """Yield what stands for itself in no file: keys, addresses, and the names of their computers.

    The whole comes before its parts.
    """
    yield from (secret.reveal() for secret in settings.secrets())
    for url in (settings.url, *settings.replicas, settings.typing.url, *settings.typing.replicas):
        yield from (url, urlsplit(url).netloc, urlsplit(url).hostname or "")


def _versions() -> dict[str, str]:
    return {
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "environment": "its own" if sys.prefix != sys.base_prefix else "the system's",
        **{name: _version(name) for name in _needed()},
    }


def _needed() -> list[str]:
    """Return the distributions that arriero needs to run, by its own metadata."""
    lines = metadata.requires("arriero") or []
    needed = [line.partition(";") for line in lines]
    names = {name.strip() for name, _, condition in needed if "extra" not in condition}
    return sorted({_name(each) for each in names})


def _name(requirement: str) -> str:
    end = next((n for n, sign in enumerate(requirement) if sign in "<>=!~[ ("), len(requirement))
    return requirement[:end]


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "missing"


def _settings(loaded: Loaded) -> dict[str, str]:
    told = {}
    for row in ROWS:
        if row.path in loaded.origins:
            hidden = row.about.kind.private
            value = "set" if hidden else _shown(_held(loaded, row.path))
            told[f"`{row.path}`"] = f"{value}, by {loaded.origins[row.path]}"
    return told


def _held(loaded: Loaded, path: str) -> object:
    held: object = loaded.settings
    for name in path.split("."):
        held = getattr(held, name)
    return held


def _shown(value: object) -> str:
    """Write a value, without what a person worded: of a table of such things the names."""
    if isinstance(value, Mapping) and not all(isinstance(each, bool) for each in value.values()):
        value = sorted(value)
    text = str(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= LONGEST else f"{len(text)} characters"


def _rows(values: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in values.items())


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
