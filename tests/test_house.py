"""The laws of the house, checked like any other behaviour."""

import ast
import inspect
import re
import sys
from pathlib import Path

import pytest

from arriero import errors

ROOT = Path(__file__).parent.parent
SERVER = ROOT / "server" / "arriero"
BACKEND = ROOT / "backend" / "arriero_backend"

# Who may import whom. `errors`, `programs` and `settings` are values, and anybody's.
ANYBODYS = {"errors", "settings", "settings_kinds", "settings_sources", "settings_files", "log"}
ANYBODYS |= {"memory", "programs"}
MAY_IMPORT = {
    "core": set(),
    "assist": {"core"},
    "syntax": {"core"},
    "workspace": {"core"},
    "indexer": {"core", "syntax", "workspace"},
    "detection": {"core"},
    "lsp": {"assist", "core"},
    "model": {"core", "assist.seam"},
    "app": {"assist", "core", "detection", "lsp", "model", "syntax", "workspace"},
    "cli": {"app", "core", "lsp.client", "lsp.positions", "lsp.transport", "lsp.server"},
}
# Where a library's name may stand at all.
ONLY_IN = {
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "huggingface_hub": {"model"},
    "httpx2": {"model"},
    "httptools": {"model"},
    "tenacity": {"model"},
    "transformers": {"model"},
    "tokenizers": {"model"},
    "tree_sitter": {"syntax"},
    "pathspec": {"workspace"},
    "detect_secrets": {"detection"},
}
NOT_PURE = {"asyncio", "http", "io", "logging", "os", "pathlib", "random", "socket", "subprocess"}
NOT_PURE |= {"tempfile", "threading", "time", "datetime", "urllib"}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {module(node.module, alias.name) for alias in node.names}
    return found


def module(package: str, name: str) -> str:
    """`from a import b` names the module a.b, or something in the module a."""
    path = SERVER.parent / package.replace(".", "/") / name
    return f"{package}.{name}" if path.is_dir() or path.with_suffix(".py").exists() else package


def room(file: Path) -> str:
    return file.relative_to(SERVER).parts[0].removesuffix(".py")


def allowed(name: str, own: str) -> bool:
    part = name.removeprefix("arriero.")
    within = {own, *ANYBODYS, *MAY_IMPORT.get(own, ())} - ({"log"} if own == "core" else set())
    return name == "arriero" or any(f"{part}.".startswith(f"{each}.") for each in within)


ROOMS = [file for file in SERVER.rglob("*.py") if room(file) in MAY_IMPORT]


@pytest.mark.parametrize("file", ROOMS, ids=lambda file: str(file.relative_to(SERVER)))
def test_rooms_import_only_what_they_may(file):
    for name in imports(file):
        top = name.split(".")[0]
        if top == "arriero":
            assert allowed(name, room(file)), f"{file.name} imports {name}"
        if top in ONLY_IN:
            assert room(file) in ONLY_IN[top], f"{file.name} imports {name}"
        assert top != "arriero_backend" or file.name == "backend.py", f"{file.name} imports {name}"


def test_the_core_is_pure():
    for file in (SERVER / "core").rglob("*.py"):
        for name in imports(file):
            top = name.split(".")[0]
            pure = top in sys.stdlib_module_names and top not in NOT_PURE
            own = name.startswith(("arriero.core", "arriero.errors"))
            assert pure or own, f"{file.name} imports {name}"


def test_the_backend_knows_nothing_of_the_server():
    for file in BACKEND.rglob("*.py"):
        for name in imports(file):
            assert name.split(".")[0] != "arriero", f"{file.name} imports {name}"


def test_every_error_stands_in_the_tree_that_is_drawn():
    drawn = errors.__doc__
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, Exception):
            assert issubclass(kind, errors.ArrieroError), name
            assert re.search(rf"^[ │├└─]*{name}\b", drawn, re.MULTILINE), name
            assert isinstance(kind.to_mend, bool), name


def test_every_error_of_the_server_is_in_that_tree():
    for file in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and file.name != "errors.py":
                bases = {ast.unparse(base) for base in node.bases}
                assert not bases & {"Exception", "BaseException", "RuntimeError"}, node.name


@pytest.mark.parametrize("package", [SERVER, BACKEND], ids=["server", "backend"])
def test_no_file_is_too_long_to_read(package):
    for file in package.rglob("*.py"):
        assert len(file.read_text("utf-8").splitlines()) <= 400, file


@pytest.mark.parametrize(
    "sign", ["Source:", "Destination:", "<step>", "[INST]", "<<SYS>>", "<PRE>"]
)
def test_only_the_dialects_write_a_models_syntax(sign):
    may = {"dialects.py", "escape.py", "reply.py", "models.py"}
    for file in SERVER.rglob("*.py"):
        if file.name not in may:
            assert not any(sign in text for text in strings(file)), f"{sign} in {file.name}"


def strings(file):
    """Yield the strings of a file that are no docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in docs
        ):
            yield node.value
