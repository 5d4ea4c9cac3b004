"""The files for editors: each has the form that its editor reads, and starts arriero."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

EDITORS = Path(__file__).parents[2] / "editors"
SERVE = ["arriero", "serve"]


def read(name):
    text = (EDITORS / name).read_text("utf-8")
    return tomllib.loads(text) if name.endswith("toml") else json.loads(text)


def test_helix():
    told = read("helix/languages.toml")
    server = told["language-server"]["arriero"]
    assert [server["command"], *server["args"]] == SERVE
    for language in told["language"]:
        assert language["language-servers"][-1] == "arriero", "the others know more, and come first"
        assert len(language["language-servers"]) > 1
    assert read("helix/config.toml")["editor"]["lsp"]["display-progress-messages"] is True


def test_kate():
    servers = read("kate/settings.json")["servers"]
    assert servers.keys() >= {"python", "javascript", "go"}
    for server in servers.values():
        assert server["command"] == SERVE
        assert "highlightingModeRegex" in server


def test_sublime_text():
    assert read("sublime/LSP.sublime-settings")["clients"]["arriero"]["command"] == SERVE
    [key] = read("sublime/Default.sublime-keymap")
    assert key["command"] == "lsp_code_actions"


def test_zed():
    extension = read("zed/extension.toml")
    [(id, server)] = extension["language_servers"].items()
    assert id == extension["id"] == "arriero"
    assert "Python" in server["languages"]
    assert read("zed/Cargo.toml")["lib"]["path"] == "arriero.rs"
    source = (EDITORS / "zed" / "arriero.rs").read_text("utf-8")
    assert 'which("arriero")' in source
    assert 'vec!["serve".into()]' in source


def test_jetbrains():
    template = read("jetbrains/template.json")
    assert template["programArgs"]["default"].split() == SERVE
    ids = [each["languageId"] for each in template["fileTypeMappings"]]
    assert len(ids) == len(set(ids))


def test_every_editor_has_its_page_and_is_listed():
    listed = (EDITORS / "README.md").read_text("utf-8")
    for folder in EDITORS.iterdir():
        if folder.is_dir():
            assert (folder / "README.md").exists(), folder
            assert f"({folder.name}/README.md)" in listed, folder


@pytest.mark.editor
@pytest.mark.emacs
@pytest.mark.parametrize("name", ["arriero.el", "arriero-lsp-mode.el"])
def test_emacs_compiles_it_without_a_warning(tmp_path, name):
    shutil.copy(EDITORS / "emacs" / name, tmp_path)
    strictly = "(setq byte-compile-error-on-warn t)"
    argv = ["emacs", "--batch", "--no-init-file", "--eval", strictly]
    argv += ["-f", "batch-byte-compile", str(tmp_path / name)]
    said = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


@pytest.mark.editor
@pytest.mark.vim
def test_vim_reads_it_and_hands_the_server_to_its_client(tmp_path):
    # What yegappan/lsp has: a function that takes servers, called for by its event.
    client = tmp_path / "client.vim"
    client.write_text(
        "function LspAddServer(servers)\n"
        f"  call writefile([json_encode(a:servers)], '{tmp_path}/servers.json')\n"
        "endfunction\n"
    )
    argv = ["vim", "-N", "-es", "-u", "NONE", "-i", "NONE"]
    for command in (f"source {client}", f"source {EDITORS}/vim/arriero.vim"):
        argv += ["-c", command]
    said = subprocess.run(
        [*argv, "-c", "doautocmd User LspSetup", "-c", "qa!"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    [server] = json.loads((tmp_path / "servers.json").read_text())
    assert [server["path"], *server["args"]] == SERVE
    assert "python" in server["filetype"]
