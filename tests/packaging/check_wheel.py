"""Build the wheel as it would be published, and try it in an empty environment.

    python tests/packaging/check_wheel.py

The first thing that is wrong ends it with a sentence and the exit code 1. The dependencies come
from the package registry that pip is set up for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds, for a command that never ends

INSIDE = (
    "arriero/py.typed",
    "arriero/app.py",
    "arriero/cli/__init__.py",
    "arriero_backend/py.typed",
    "arriero_backend/contract/__init__.py",
    "arriero_backend/local/__main__.py",
    "arriero_backend/render/templates/once/dot.gitignore",
    "arriero_backend/render/templates/server/compose.SERVER.yaml.j2",
    "arriero_backend/simulated/__main__.py",
)
LICENCES = ("LICENSE", "NOTICE")
PACKAGES = {"arriero", "arriero_backend"}

ASK = [{"role": "user", "content": "Add."}]
PROMPT = (
    "Source: system\n\n  <step> Source: user\n\n Add. <step> "
    "Source: assistant\nDestination: user\n\n "
)

INITIALIZE = {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
INITIALIZED = {"method": "initialized", "params": {}}
SHUTDOWN = {"id": 2, "method": "shutdown"}
EXIT = {"method": "exit"}


class Wrong(Exception):
    """What is wrong with the wheel, in a sentence."""


def main() -> int:
    """Check one thing after the other; return the exit code."""
    try:
        with tempfile.TemporaryDirectory(prefix="arriero-wheel-") as folder:
            check(Path(folder))
    except Wrong as wrong:
        print(f"The wheel is not good: {wrong}", file=sys.stderr)
        return 1
    print("The wheel is good.")
    return 0


def check(folder: Path) -> None:
    """Build, look inside, install, and run what people run first."""
    wheel = built(folder / "dist")
    version = wheel.name.split("-")[1]
    done(f"built {wheel.name}, {wheel.stat().st_size // 1024} kB")
    check_contents(wheel)
    done(f"both packages with their types, {' and '.join(LICENCES)} are inside, and no tests")

    installed = Installed(folder)
    installed.install(wheel)
    done("it installs into an empty environment")
    expect("`arriero --version`", installed.run("--version"), f"arriero {version}\n")
    expect("`arriero prompt`", installed.run("prompt", given=json.dumps(ASK)), PROMPT)
    done("`arriero --version` and `arriero prompt` say what they should")
    check_server(installed, version)
    done("`arriero serve` starts, says how to get the local model's packages, and ends with 0")


def built(folder: Path) -> Path:
    """Return a wheel, built from the source distribution as a registry would get it."""
    command = (sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Wrong(f"it cannot be built.\n{ended.stdout}{ended.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name.partition("/")[0] for name in names if name.endswith("/METADATA"))
        for licence in LICENCES:
            place = f"{metadata}/licenses/{licence}"
            if place not in names or archive.read(place) != (ROOT / licence).read_bytes():
                raise Wrong(f"{licence} is not inside as it is in the repository.")
    if missing := sorted(set(INSIDE) - names):
        raise Wrong(f"{missing[0]} is missing.")
    if foreign := sorted(n for n in names if n.partition("/")[0] not in {*PACKAGES, metadata}):
        raise Wrong(f"{foreign[0]} does not belong inside.")
    tests = (n for n in names if Path(n).name.startswith(("test_", "conftest")))
    if test := next(tests, None):
        raise Wrong(f"{test} is a test.")


class Installed:
    """An environment of its own with the wheel in it, and nobody's settings, models or backends."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        venv.create(folder / "venv", with_pip=True)
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.env = {n: v for n, v in os.environ.items() if not n.startswith(("ARRIERO_", "PYTHON"))}
        config = self.home / "config.toml"
        config.touch()
        self.env |= {"ARRIERO_CONFIG": str(config), "ARRIERO_CACHE": str(self.home / "models")}

    def install(self, wheel: Path) -> None:
        pip = (self.bin / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
        for command in ((*pip, "install", str(wheel)), (*pip, "check")):
            ended = self._run(command, "")
            if ended.returncode:
                raise Wrong(f"it cannot be installed.\n{ended.stdout}{ended.stderr}")

    def run(self, *arguments: str, given: str = "") -> str:
        """Run `arriero`; return what it wrote to stdout. Raises Wrong unless all went well."""
        ended = self._run((self.bin / "arriero", *arguments), given)
        if ended.returncode or ended.stderr:
            raise Wrong(
                f"`arriero {' '.join(arguments)}` ended with {ended.returncode}.\n{ended.stderr}"
            )
        return ended.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `arriero`, to speak with it."""
        pipe = subprocess.PIPE
        command = [str(self.bin / "arriero"), *arguments]
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=self.env, cwd=self.home
        )

    def _run(self, command: tuple[str | Path, ...], given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            encoding="utf-8",
            env=self.env,
            cwd=self.home,
            timeout=PATIENCE,
            check=False,
        )


def check_server(installed: Installed, version: str) -> None:
    """Hold a conversation without a model, over stdio, to the clean end."""
    with installed.start("serve") as server:
        assert server.stdin is not None
        assert server.stdout is not None
        say(server.stdin, INITIALIZE, INITIALIZED)
        answer, told = hear(server.stdout), hear(server.stdout)
        said, complaints = server.communicate(framed(SHUTDOWN) + framed(EXIT), PATIENCE)
    expect("the server", answer["result"]["serverInfo"]["version"], version)
    message = told["params"]["message"]
    if "\n" in message or "-m pip install 'arriero[local]'" not in message:
        raise Wrong(f"without the local model's packages the server says {message!r}.")
    if server.returncode or complaints or said.count(b"Content-Length") != 1:
        raise Wrong(
            f"`arriero serve` ended with {server.returncode} and {said + complaints!r}, where one "
            "answer was to come."
        )


def say(stream: IO[bytes], *messages: Mapping[str, object]) -> None:
    stream.write(b"".join(map(framed, messages)))
    stream.flush()


def framed(message: Mapping[str, object]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def hear(stream: IO[bytes]) -> dict[str, Any]:
    """Read one message."""
    length = 0
    while (line := stream.readline()).strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not length:
        raise Wrong("`arriero serve` ended before it was told to.")
    message: dict[str, Any] = json.loads(stream.read(length))
    return message


def expect(who: str, said: str, meant: str) -> None:
    if said != meant:
        raise Wrong(f"{who} says {said!r}, and should say {meant!r}.")


def done(what: str) -> None:
    print(f"  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
