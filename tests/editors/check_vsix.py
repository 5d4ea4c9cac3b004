"""Look into a built .vsix, and fail if it is not what should be handed to people.

    python tests/editors/check_vsix.py editors/vscode/arriero.vsix

The exit code is 1 if something is wrong with it, and 2 if there is no such file.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

# All that belongs inside; vsce has its own names for the readme and the licence.
EXPECTED = {
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/package.json",
    "extension/readme.md",
    "extension/LICENSE.txt",
    "extension/NOTICE",
    "extension/dist/extension.js",
    "extension/dist/third-party.txt",
    "extension/media/actions.png",
    "extension/media/explanation.png",
    "extension/media/menu.png",
    "extension/media/setup.png",
    "extension/media/suggestion.png",
}
WHEEL = re.compile(r"extension/server/arriero-([^-]+)-py3-none-any\.whl")

# Measured: 0.7 MB, half of it the server, a fifth each the language client and the pictures.
LARGEST_BYTES = 1_000_000


def problems(vsix: Path) -> Iterator[str]:
    """Say what is wrong, one sentence each; nothing for a good file."""
    with zipfile.ZipFile(vsix) as archive:
        names = set(archive.namelist())
        wheels = [found for name in names if (found := WHEEL.fullmatch(name))]
        names -= {wheel[0] for wheel in wheels}
        yield from (f"{name} is missing." for name in sorted(EXPECTED - names))
        yield from (f"{name} does not belong inside." for name in sorted(names - EXPECTED))
        if not EXPECTED - names:
            yield from _contents(archive, [wheel[1] for wheel in wheels])
    if vsix.stat().st_size > LARGEST_BYTES:
        yield f"It has {vsix.stat().st_size} bytes, more than {LARGEST_BYTES}."


def _contents(archive: zipfile.ZipFile, servers: list[str]) -> Iterator[str]:
    def read(name: str) -> str:
        return archive.read(f"extension/{name}").decode()

    manifest = json.loads(read("package.json"))
    if manifest["main"] != "./dist/extension.js":
        yield f"The manifest starts {manifest['main']}, which is not the bundle."
    if servers != [manifest["version"]]:
        yield f"It should carry the server {manifest['version']}; there is {servers or 'none'}."
    if "Apache License" not in read("LICENSE.txt"):
        yield "LICENSE.txt is not the Apache licence."
    if "vscode-languageclient" not in read("dist/third-party.txt"):
        yield "The licence of the language client is not passed on."
    bundle = read("dist/extension.js")
    if "sourceMappingURL" in bundle:
        yield "The bundle points to a source map, which is not there."
    if str(Path.cwd()) in bundle:
        yield f"The bundle shows where it was built: {Path.cwd()}."


def main(arguments: list[str]) -> int:
    """Print the problems; return 1 if there are any, 2 if there is nothing to look at."""
    vsix = Path(arguments[0]) if len(arguments) == 1 else None
    if vsix is None or not vsix.is_file():
        print(f"usage: {Path(__file__).name} FILE.vsix", file=sys.stderr)
        return 2
    found = list(problems(vsix))
    for problem in found:
        print(f"{vsix.name}: {problem}", file=sys.stderr)
    if not found:
        print(f"{vsix.name}: good, {vsix.stat().st_size // 1024} kB")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
