"""The rules of detect-secrets, which another process reads."""

import subprocess

import pytest

from arriero.detection import theirs
from arriero.errors import NotSent
from desk import Desk


@pytest.fixture
def unreadable(monkeypatch):
    """Let the process fail, as where the package is missing."""
    theirs.read.cache_clear()
    monkeypatch.setattr(theirs, "PYTHON", (*theirs.PYTHON, "no_such_module_of_ours"))
    yield
    theirs.read.cache_clear()


def test_they_are_those_of_the_package():
    kinds = [kind for kind, _ in theirs.rules()]
    assert len(set(kinds)) >= 15
    assert {"AWS Access Key", "Slack Token", "Twilio API Key"} <= set(kinds)
    assert not set(kinds) & set(theirs.LEFT_OUT)
    assert [(kind, rule.pattern) for kind, rule in theirs.rules()] == [
        (kind, form) for kind, form, _ in theirs.tables()
    ]


def test_the_http_client_stays_out_of_our_process():
    code = "import sys; from arriero import detection; detection.load()"
    command = (theirs.PYTHON[0], "-c", f"{code}; print('requests' in sys.modules)")
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "False\n"


def test_without_them_nothing_passes(unreadable):
    for _ in range(2):
        with pytest.raises(NotSent, match=r"cannot be read \(CalledProcessError\), so nothing"):
            theirs.rules()


async def test_without_them_nothing_is_sent_and_who_asks_is_told(unreadable, tmp_path):
    async with Desk.at(tmp_path) as desk:
        desk.open("token_of_a_new_kind_42 = 1\nx = ‸\n")
        assert await desk.suggestion() is None
        assert desk.model.prompts == []
        assert "The rules that find secrets in your code cannot be read" in desk.messages[0]
