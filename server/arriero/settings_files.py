"""Where settings are written: files of the person and of the workspace, environment, editor."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

# Variables of ours that are no settings: where the own file is, where fetched models are, and where
# the indexes of workspaces are.
OTHER_VARIABLES = ("ARRIERO_CONFIG", "ARRIERO_CACHE", "ARRIERO_INDEX")

# Settings take a few hundred bytes. A file of a workspace can be made to fill the memory.
LARGEST_FILE = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Source:
    """One place where settings are written.

    `values` are nested as in TOML; with `variables`, they are texts by the variable's name. What is
    not `trusted` may set only what a workspace may; an `editor` may not send secrets. `fault` says
    why nothing could be read.
    """

    name: str
    values: Mapping[str, object] = field(default_factory=dict)
    trusted: bool = True
    variables: bool = False
    editor: bool = False
    fault: str = ""


def own_file(environ: Mapping[str, str]) -> Source:
    r"""Read the person's own file: what ARRIERO_CONFIG names, or `config.toml` in its usual place.

    That is ~/.config/arriero on Linux, ~/Library/Application Support/arriero on macOS, and
    %LOCALAPPDATA%\arriero on Windows.
    """
    named = environ.get("ARRIERO_CONFIG", "")
    usual = platformdirs.user_config_path("arriero", appauthor=False) / "config.toml"
    path = Path(named).expanduser() if named else usual
    values, fault = _toml(path, required=bool(named))
    return Source(str(path), values, fault=fault)


def index_folder(environ: Mapping[str, str]) -> Path:
    """Return where the indexes of workspaces lie: what ARRIERO_INDEX names, or a cache of ours."""
    named = environ.get("ARRIERO_INDEX", "")
    usual = platformdirs.user_cache_path("arriero", appauthor=False) / "index"
    return Path(named).expanduser() if named else usual


def workspace_files(root: Path) -> tuple[Source, ...]:
    """Read the files that a workspace may have, the more specific one last."""
    return _pyproject(root / "pyproject.toml"), _own(root / "arriero.toml")


def environment(environ: Mapping[str, str]) -> Source:
    """Take what is ours from the environment. An empty variable counts as none."""
    ours = {
        name: text
        for name, text in environ.items()
        if name.startswith("ARRIERO_") and name not in OTHER_VARIABLES and text.strip()
    }
    return Source("the environment", ours, variables=True)


def editor(name: str, value: object) -> Source:
    """Take what an editor sent, with or without the section's name around it."""
    if value is None or value == []:  # an empty Lua table arrives as an empty list
        return Source(name)
    if not isinstance(value, Mapping):
        return Source(name, fault=f"What {name} say has to be an object; it is left out.")
    # Helix sends one table as options and looks the section up in it for the configuration.
    if set(value) == {"arriero"} and isinstance(value["arriero"], Mapping):
        return Source(name, value["arriero"], editor=True)
    return Source(name, value, editor=True)


def _own(path: Path) -> Source:
    values, fault = _toml(path)
    return Source(str(path), values, trusted=False, fault=fault)


def _pyproject(path: Path) -> Source:
    name = f"[tool.arriero] of {path}"
    whole, fault = _toml(path)
    tools = whole.get("tool")
    values = tools.get("arriero", {}) if isinstance(tools, dict) else {}
    if isinstance(values, dict):
        return Source(name, values, trusted=False, fault=fault)
    return Source(name, trusted=False, fault=f"{name} has to be a table; it is left out.")


def _toml(path: Path, *, required: bool = False) -> tuple[dict[str, Any], str]:
    """Return what a file holds, and why not if it cannot be read. A missing file holds nothing."""
    try:
        if not path.is_file():  # a pipe would never end
            return {}, _missing(path) if required else ""
        if path.stat().st_size > LARGEST_FILE:
            return {}, f"{path} is far too large for settings; it is left out."
        # Editors on Windows put a byte order mark in front, which TOML does not know.
        return tomllib.loads(path.read_text("utf-8-sig")), ""
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        why = "is not written in UTF-8"
    except tomllib.TOMLDecodeError as error:
        why = f"is no valid TOML ({error})"
    except RecursionError:
        why = "is nested too deeply"
    return {}, f"{path} {why}; its settings are left out."


def _missing(path: Path) -> str:
    return f"{path}, which ARRIERO_CONFIG names, is no file; its settings are left out."
