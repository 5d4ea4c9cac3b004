"""An empty home for an editor and its server, away from whoever runs the tests."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")


def at_home(home: Path) -> dict[str, str]:
    """Return what the environment has to say so that nothing outside of `home` is read or written.

    But for the demo model, which is fetched once for all.
    """
    home.mkdir(exist_ok=True)
    settings = home / "arriero.toml"
    settings.touch()
    cache = os.environ.get("ARRIERO_CACHE") or str(platformdirs.user_cache_path("arriero"))
    return {
        **{name: str(home) for name in ("HOME", *FOLDERS)},
        "ARRIERO_CONFIG": str(settings),
        "ARRIERO_CACHE": cache,
    }
