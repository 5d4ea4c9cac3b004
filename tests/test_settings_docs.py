"""What the README and the manifest for VS Code say of the settings."""

import json

import pytest

from arriero.settings import ROWS
from arriero.settings_docs import as_markdown, as_vscode_properties, table
from arriero.settings_sources import Source, load

PROPERTIES = as_vscode_properties()


def test_the_readme_has_a_row_for_every_setting():
    rows = as_markdown().splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| `{row.path}`" for row in ROWS]
    assert (
        "| `completion.enabled` | `ARRIERO_COMPLETION_ENABLED` | `true` | anyone "
        "| Suggest code while you type. |"
    ) in rows


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0])
def test_every_description_is_one_sentence(row):
    *_, description = row
    assert description[0].isupper()
    assert description.endswith(".")
    assert "|" not in description  # it would end the cell


def test_the_manifest_has_a_property_for_every_setting_as_json():
    assert list(PROPERTIES) == [f"arriero.{row.path}" for row in ROWS if row.about.editor]
    assert json.loads(json.dumps(PROPERTIES)) == PROPERTIES


def test_vs_code_keeps_from_a_folders_own_settings_what_a_workspace_may_not_set():
    assert {name for name, at in PROPERTIES.items() if at["scope"] == "resource"} == {
        f"arriero.{row.path}" for row in ROWS if row.about.workspace
    }
    assert PROPERTIES["arriero.url"]["scope"] == "machine"


@pytest.mark.parametrize("path", [row.path for row in ROWS if row.about.editor])
def test_every_default_that_vs_code_shows_is_the_one_in_force(path):
    value = PROPERTIES[f"arriero.{path}"]["default"]
    for name in reversed(path.split(".")):
        value = {name: value}
    loaded = load(Source("VS Code", value))
    assert (loaded.settings, loaded.problems) == (load().settings, ())
