"""Loading settings in tests: sources as people write them, and what is in force afterwards."""

from arriero.settings import ROWS, Settings
from arriero.settings_sources import Source, load

EDITOR = "the editor's settings"
NAMES = {"dialect": ["plain", "source_destination"], "actions.enabled": ["document", "fix"]}


def person(**values):
    return Source("config.toml", values)


def workspace(**values):
    return Source("arriero.toml", values, trusted=False)


def at(settings: Settings, path: str):
    """Return the setting with this path."""
    for name in path.split("."):
        settings = getattr(settings, name)
    return settings


def check(*sources: Source, problems: tuple[str, ...] = (), **expected) -> None:
    """Load the sources: these settings are in force (`__` for the dot), the others as always."""
    loaded = load(*sources, names=NAMES)
    assert loaded.problems == problems
    named = {path.replace("__", "."): value for path, value in expected.items()}
    default = Settings()
    for row in ROWS:
        assert at(loaded.settings, row.path) == named.pop(row.path, at(default, row.path)), row.path
    assert not named
