"""The manifest of the VS Code extension: what is promised, and what a workspace may not decide."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

import arriero
from arriero.lsp.capabilities import COMMANDS
from arriero.settings import ROWS

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
PROPERTIES = {
    name: schema
    for section in MANIFEST["contributes"]["configuration"]
    for name, schema in section["properties"].items()
}

# What the house rule keeps from a workspace, since that can come from anyone: where code goes, with
# which key, over what, and what is run.
PERSONAL = [f"arriero.{row.path}" for row in ROWS if row.about.editor and not row.about.workspace]
LARGEST_PICTURE = 90_000  # bytes
SHARED = [f"arriero.{row.path}" for row in ROWS if row.about.workspace]


def test_settings_are_those_of_the_server():
    settings = runpy.run_path(str(EXTENSION / "settings.py"))
    assert settings["with_settings"](MANIFEST) == MANIFEST, "run editors/vscode/settings.py"


@pytest.mark.parametrize(
    "name", ["arriero.server.path", "arriero.server.python", "arriero.url", *PERSONAL]
)
def test_a_workspace_cannot_set(name):
    assert PROPERTIES[name]["scope"] in {"machine", "application"}


@pytest.mark.parametrize("name", SHARED)
def test_a_workspace_can_set(name):
    assert PROPERTIES[name]["scope"] == "resource"


def test_a_workspace_that_is_not_trusted_sets_nothing_but_what_is_kept_back():
    untrusted = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert untrusted["supported"] == "limited"
    assert set(PROPERTIES) - set(untrusted["restrictedConfigurations"]) == {"arriero.ignore"}


def test_version_is_that_of_the_server():
    locked = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))
    assert [MANIFEST["version"], locked["version"]] == [arriero.__version__] * 2


def test_every_editor_that_the_client_library_supports_is_supported():
    library = MANIFEST["devDependencies"]["vscode-languageclient"]
    assert int(library.partition(".")[0]) >= 10, "9 sends unspecified trigger kinds"
    # @types/vscode must not be newer, or the compiler lets calls through that 1.91 has not got.
    assert MANIFEST["engines"]["vscode"] == f"^{MANIFEST['devDependencies']['@types/vscode']}"


def test_only_released_interfaces_are_used():
    assert "enabledApiProposals" not in MANIFEST


def test_every_command_is_reachable_by_name():
    source = (EXTENSION / "src" / "extension.ts").read_text(encoding="utf-8")
    for command in MANIFEST["contributes"]["commands"]:
        name = command["command"]
        # The client library registers the server's own.
        assert name in COMMANDS or f'on("{name}"' in source


def test_menu_runs_commands_that_there_are():
    source = (EXTENSION / "src" / "status" / "menu.ts").read_text(encoding="utf-8")
    known = {command["command"] for command in MANIFEST["contributes"]["commands"]}
    assert set(re.findall(r'"(arriero\.\w+)"', source)) - {"arriero.arriero"} <= known


def test_first_steps_have_their_pictures():
    for walkthrough in MANIFEST["contributes"]["walkthroughs"]:
        for step in walkthrough["steps"]:
            assert (EXTENSION / step["media"]["image"]).stat().st_size < LARGEST_PICTURE


def test_nothing_is_counted_or_sent_about_people():
    sources = "".join(file.read_text("utf-8") for file in (EXTENSION / "src").rglob("*.ts"))
    assert not re.search("telemetry|fetch\\(|node:https?|XMLHttpRequest", sources, re.IGNORECASE)


def test_lock_file_fits_every_registry():
    assert '"resolved"' not in (EXTENSION / "package-lock.json").read_text(encoding="utf-8")
