import logging
import os

import pytest

from arriero import log


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch, tmp_path_factory):
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("ARRIERO_")]:
        if name != "ARRIERO_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("ARRIERO_INDEX", str(tmp_path_factory.getbasetemp() / "index"))
    nobodys = tmp_path_factory.mktemp("config") / "config.toml"
    nobodys.touch()
    monkeypatch.setenv("ARRIERO_CONFIG", str(nobodys))


@pytest.fixture(autouse=True)
def nobodys_log():
    """Leave no handler behind: it would write to the standard error of a test that is over."""
    yield
    for handler in [h for h in logging.root.handlers if isinstance(h.formatter, log.Discreet)]:
        logging.root.removeHandler(handler)


@pytest.fixture
async def desk(tmp_path):
    from desk import Desk

    async with Desk.at(tmp_path) as desk:
        yield desk
