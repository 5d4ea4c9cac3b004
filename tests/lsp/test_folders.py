"""Workspaces of several folders, which come and go."""

import pytest

from desk import Desk
from lsp.test_notebooks import CELL
from small_server import small_server


@pytest.fixture
def folders(tmp_path):
    for name in ("one", "two", "two/inner"):
        (tmp_path / name).mkdir()
    return tmp_path


def event(added=(), removed=()) -> dict:
    def listed(folders):
        return [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]

    return {"event": {"added": listed(added), "removed": listed(removed)}}


async def check_kept_back(desk, *, kept: bool) -> None:
    """A file in the folder `two` is kept from the model, or not, once that has come about."""
    desk.open_uri((desk.root.parent / "two" / "a.sql").as_uri(), "⟦select 1⟧\n", "sql")
    offers = await desk.offers()
    while (not offers) != kept:  # a change of folders may wait for the editor's settings
        await desk.client.request("arriero/status", {})
        offers = await desk.offers()


@pytest.mark.parametrize(
    ("file", "rules"),
    [("arriero.toml", 'ignore = ["*.sql"]'), (".arrieroignore", "*.sql"), ("arriero.toml", "")],
)
async def test_a_folder_brings_its_rules_and_takes_them_along(folders, file, rules):
    # An .arrieroignore counts wherever it lies; settings only in a folder of the workspace.
    always = file == ".arrieroignore"
    (folders / "two" / file).write_text(rules)
    async with Desk.at(folders / "one") as desk:
        await check_kept_back(desk, kept=always)
        desk.client.notify("workspace/didChangeWorkspaceFolders", event(added=[folders / "two"]))
        await check_kept_back(desk, kept=bool(rules))
        desk.client.notify("workspace/didChangeWorkspaceFolders", event(removed=[folders / "two"]))
        await check_kept_back(desk, kept=always)


async def test_what_the_editor_said_outlives_a_change_of_folders(folders):
    simple = {"workspace": {"workspaceFolders": True}}  # it cannot be asked for settings
    async with Desk.at(folders / "one", capabilities=simple) as desk:
        said = {"settings": {"arriero": {"ignore": ["*.sql"]}}}
        desk.client.notify("workspace/didChangeConfiguration", said)
        await check_kept_back(desk, kept=True)
        desk.client.notify("workspace/didChangeWorkspaceFolders", event(added=[folders / "two"]))
        await check_kept_back(desk, kept=True)


def test_the_innermost_folder_is_a_documents_own(tmp_path):
    server = small_server()
    server.folders = [tmp_path / name for name in ("two", "one", "two/inner")]
    roots = {
        "one/a.py": "one",
        "two/a.py": "two",
        "two/inner/deep/a.py": "two/inner",
        "two/inner-not/a.py": "two",
    }
    for file, root in roots.items():
        assert server.root_of((tmp_path / file).as_uri()) == tmp_path / root
    for uri in ((tmp_path / "a.py").as_uri(), "untitled:Untitled-1", CELL):
        assert server.root_of(uri) is None
