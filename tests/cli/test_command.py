"""`arriero` itself: help, version, a word that is no command, and what it costs to start."""

from __future__ import annotations

import subprocess
import sys

import pytest

from arriero import __version__
from arriero.cli import COMMANDS, actions
from e2e.loaded import HEAVY, loaded

OF_A_SERVER = {*HEAVY, "asyncio", "lsprotocol", "pygls"}


async def test_help_names_every_command(arriero):
    ended = await arriero("--help")
    assert ended.code == 0
    for name, about in COMMANDS:
        assert f"  {name:<10}{about}\n" in ended.out


@pytest.mark.parametrize("word", ["-h", "help"])
async def test_help_by_other_names(word, arriero):
    assert await arriero(word) == await arriero("--help")


async def test_nothing_typed_shows_the_help_but_was_wrong(arriero):
    ended = await arriero()
    assert ended.code == 2
    assert "usage: arriero COMMAND" in ended.out


@pytest.mark.parametrize("word", ["-V", "--version"])
async def test_version(word, arriero):
    ended = await arriero(word)
    assert (ended.code, ended.out) == (0, f"arriero {__version__}\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("complte", "arriero: there is no command 'complte'; did you mean `arriero complete`?\n"),
        ("docter", "arriero: there is no command 'docter'; did you mean `arriero doctor`?\n"),
        ("hel", "arriero: there is no command 'hel'; did you mean `arriero --help`?\n"),
        ("xyzzy", "arriero: there is no command 'xyzzy'; see `arriero --help`.\n"),
    ],
)
async def test_word_that_is_no_command(typed, said, arriero):
    ended = await arriero(typed)
    assert (ended.code, ended.out, ended.err) == (2, "", said)


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
async def test_every_command_has_help(name, arriero):
    ended = await arriero(name, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"usage: arriero {name}")


async def test_interrupted_command_says_nothing(arriero, monkeypatch):
    def interrupted(argv):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "main", interrupted)
    ended = await arriero("actions")
    assert (ended.code, ended.out, ended.err) == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
@pytest.mark.parametrize("command", [["--help"], ["actions"], ["actions", "--json"]])
def test_output_that_nobody_reads_any_more_ends_the_command_quietly(command):
    process = subprocess.Popen(
        [sys.executable, "-m", "arriero", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait() == 141


# What is loaded -----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["--help", "--version", "complte"])
def test_nothing_heavy_is_loaded_to_say_so(word):
    command = [sys.executable, "-X", "importtime", "-m", "arriero", word]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    packages = loaded(ended.stderr)
    assert "arriero" in packages
    assert not OF_A_SERVER & packages


@pytest.mark.parametrize("command", [["prompt"], ["actions"], ["backend", "--help"]])
def test_commands_without_a_server_load_nothing_of_one(command):
    command = [sys.executable, "-X", "importtime", "-m", "arriero", *command]
    ended = subprocess.run(command, input="[]", capture_output=True, text=True, check=False)
    packages = loaded(ended.stderr)
    assert "arriero" in packages
    assert not OF_A_SERVER & packages


# arriero backend ----------------------------------------------------------------------------------


async def test_backends_are_listed(arriero):
    ended = await arriero("backend")
    assert ended.code == 2
    assert "  local     " in ended.out
    assert "  simulate  " in ended.out


async def test_word_that_is_no_backend(arriero):
    ended = await arriero("backend", "remote")
    assert ended.code == 2
    assert ended.err == "arriero: there is no backend 'remote'; see `arriero backend --help`.\n"


async def test_package_that_a_backend_misses_is_named_with_the_command(arriero, monkeypatch):
    monkeypatch.delitem(sys.modules, "arriero_backend.simulated.__main__", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "arriero_backend.serve", raising=False)
    monkeypatch.delattr("arriero_backend.serve", raising=False)
    ended = await arriero("backend", "simulate", "--truth", ".")
    assert ended.code == 1
    assert ended.err == (
        "arriero: uvicorn is not installed. Run "
        f"`{sys.executable} -m pip install 'arriero[local]'`.\n"
    )
