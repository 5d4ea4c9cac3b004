"""Real packages from the registries, at pinned versions, unpacked below .cache for benchmarks.

Nothing of them is ours to pass on, and nothing of them is committed.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "packages"


@dataclass(frozen=True, slots=True)
class Package:
    """A package, and the folder in it that has the sources."""

    registry: str
    name: str
    version: str
    sources: str

    @property
    def folder(self) -> Path:
        return CACHE / f"{self.name}-{self.version}"


PACKAGES = (
    Package("pypi", "click", "8.3.0", "click"),
    Package("pypi", "rich", "14.2.0", "rich"),
    Package("pypi", "werkzeug", "3.1.3", "werkzeug"),
    Package("npm", "rxjs", "7.8.2", "package/src"),
    Package("npm", "preact", "10.27.2", "package/src"),
    Package("npm", "immer", "10.1.3", "package/src"),
)


def fetched(package: Package) -> Path:
    """Return the folder of a package, which is fetched once."""
    if not package.folder.exists():
        print(f"Fetching {package.name} {package.version} ...", file=sys.stderr)
        CACHE.mkdir(parents=True, exist_ok=True)
        part = package.folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        archive = _from_pypi(package) if package.registry == "pypi" else _from_npm(package)
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(part)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(part, filter="data")
        part.rename(package.folder)
    return package.folder / package.sources


def _from_pypi(package: Package) -> Path:
    wanted = f"{package.name}=={package.version}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--dest", str(CACHE), wanted], check=True)
    return next(CACHE.glob(f"{package.name}-{package.version}*.whl"))


def _from_npm(package: Package) -> Path:
    wanted = f"{package.name}@{package.version}"
    pack = ["npm", "pack", "--silent", "--pack-destination", str(CACHE), wanted]
    subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    return CACHE / f"{package.name}-{package.version}.tgz"
