"""What the documents say is what there is."""

import re
from pathlib import Path

import pytest

from arriero.cli import COMMANDS
from arriero.core.actions import ACTIONS
from readme import README, TABLES, with_tables

ROOT = README.parent
DOCUMENTS = [
    file
    for file in ROOT.rglob("*.md")
    if not {".venv", ".cache", "node_modules"} & set(file.relative_to(ROOT).parts)
]


@pytest.mark.parametrize("document", TABLES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_readmes_tables_are_true(document):
    assert with_tables(document) == document.read_text("utf-8"), "run `make documents`"


def test_the_readme_begins_with_the_two_commands():
    lines = [line.strip() for line in README.read_text("utf-8").split("\n")[:10]]
    assert any(line.startswith("make try") for line in lines)
    assert any(line.startswith("make test") for line in lines)


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS if name not in ("serve", "try")])
def test_every_command_is_told_of(name):
    assert f"arriero {name}" in README.read_text("utf-8")


def test_every_action_is_told_of():
    text = README.read_text("utf-8")
    assert all(f"| `{action.id}` |" in text for action in ACTIONS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_the_tests_that_the_architecture_names_exist():
    text = Path(ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for name in re.findall(r"`(tests/[\w./]+)`", text):
        assert (ROOT / name).exists(), name


def test_pictures_fetch_nothing_from_elsewhere():
    pictures = [
        file
        for folder in ("editors", "examples")
        for file in (ROOT / folder).rglob("*.svg")
        if "node_modules" not in file.parts
    ]
    assert pictures
    assert not [file for file in pictures if 'url("http' in file.read_text("utf-8")]
