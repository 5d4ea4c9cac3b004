import json
import subprocess
import sys

import pytest

from arriero_backend.local import __main__, model, threads


def check(capsys, arguments: list[str], code: int, words: str) -> None:
    """Run the command; see its exit code and the one line it says."""
    assert __main__.main(arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert len(said.splitlines()) == 1


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path))
    monkeypatch.setattr(threads, "set_default", lambda: None)


def test_without_the_model_the_command_that_fetches_it_is_named(capsys, empty_cache):
    check(capsys, [], __main__.MISSING, f"Run `{sys.executable} -m arriero backend local --fetch`")


def test_without_the_packages_the_command_that_installs_them_comes_first(
    capsys, empty_cache, monkeypatch
):
    monkeypatch.setitem(sys.modules, "arriero_backend.local.engine", None)
    check(capsys, [], __main__.MISSING, "-m pip install 'arriero[local]'` to")


def test_a_model_that_is_there_is_not_fetched(capsys, gguf, monkeypatch):
    monkeypatch.setattr(model, "find", lambda: gguf)
    check(capsys, ["--fetch"], 0, f"is there: {gguf}")


def test_a_fetch_that_fails_says_why(capsys, empty_cache, monkeypatch):
    def fails(_):
        raise model.ModelError("No network.")

    monkeypatch.setattr(model, "fetch", fails)
    assert __main__.main(["--fetch"]) == 1
    assert capsys.readouterr().err.endswith("No network.\n")


def test_blas_is_left_some_processors_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    threads.set_default()
    assert threads.os.environ["OMP_NUM_THREADS"] == "4"
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    threads.set_default()
    assert threads.os.environ["OMP_NUM_THREADS"] == "7"
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 1)
    assert threads.count() == 1


def start(*arguments: str, cache) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (sys.executable, "-m", "arriero_backend.local", *arguments, "--until-stdin-closes"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**threads.os.environ, "ARRIERO_CACHE": str(cache)},
    )


def test_the_process_says_where_it_is_and_ends_with_who_holds_it(gguf, tmp_path):
    with start("--gguf", str(gguf), cache=tmp_path) as process:
        told = json.loads(process.stdout.readline())
        assert told["url"].startswith("http://127.0.0.1:")
        assert told["pid"] == process.pid
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stderr.read() == b""


def test_a_model_that_cannot_be_loaded_ends_the_process_with_a_sentence(tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")
    with start("--gguf", str(tmp_path / "page.gguf"), cache=tmp_path) as process:
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"It has to be a whole GGUF file." in said
    assert b"Traceback" not in said
    assert len(said.splitlines()) == 1
