"""Where the tests of a file belong: where the project has its own, else where is usual."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import dirname, normpath, split, splitext

_JS = (
    "{dir}/{stem}.test{ext}",
    "{dir}/{stem}.spec{ext}",
    "{dir}/__tests__/{stem}.test{ext}",
    "tests/{stem}.test{ext}",
    "test/{stem}.test{ext}",
)
_JVM = ("{mirror}/{stem}Test{ext}", "{dir}/{stem}Test{ext}")
# By LSP language identifier, the usual way first. `{mirror}` is the folder with src/main made
# src/test, `{under}` the folder without its first part, in which the sources are, `{inner}` without
# the package's name either.
HABITS: dict[str, tuple[str, ...]] = {
    "python": (
        "tests/test_{stem}{ext}",
        "tests/{under}/test_{stem}{ext}",
        "tests/{inner}/test_{stem}{ext}",
        "tests/{dir}/test_{stem}{ext}",
        "test/test_{stem}{ext}",
        "{dir}/tests/test_{stem}{ext}",
        "{dir}/test_{stem}{ext}",
        "{dir}/{stem}_test{ext}",
    ),
    "go": ("{dir}/{stem}_test{ext}",),
    "javascript": _JS,
    "javascriptreact": _JS,
    "typescript": _JS,
    "typescriptreact": _JS,
    "java": _JVM,
    "kotlin": _JVM,
    "scala": _JVM,
    "ruby": ("spec/{stem}_spec{ext}", "test/{stem}_test{ext}", "test/test_{stem}{ext}"),
    "rust": ("tests/{stem}{ext}",),
    "php": ("tests/{stem}Test{ext}", "tests/Unit/{stem}Test{ext}"),
    "csharp": ("tests/{stem}Tests{ext}", "{dir}/{stem}Tests{ext}"),
    "c": ("tests/test_{stem}{ext}", "test/test_{stem}{ext}"),
    "cpp": ("tests/test_{stem}{ext}", "tests/{stem}_test{ext}", "test/test_{stem}{ext}"),
}


def place(path: str, language: str, files: Sequence[str]) -> str | None:
    """Return the path of the tests of a file; None where the language has no habit.

    `files` are the project's, with forward slashes, as `path` is. The tests that there are decide;
    then what the project does for its other files; then whether the folder is there.
    """
    ways = [_filled(way, path) for way in HABITS.get(language, ())]
    known = set(files)
    if there := next((way for way in ways if way in known), None):
        return there
    ending = splitext(path)[1]
    counts = [_followed(way, ending, known) for way in HABITS.get(language, ())]
    if any(counts):
        return ways[counts.index(max(counts))]
    folders = {dirname(file) for file in files} - {dirname(path)}
    with_folder = (way for way in ways if dirname(way) in folders)
    return next(with_folder, ways[0] if ways else None)


# How tests call their file, `{}` being the file's own name without its ending.
_CALLED = ("test_{}", "{}_test", "{}.test", "{}.spec", "{}_spec", "{}Test", "{}Tests")


def counterparts(path: str) -> list[str]:
    """Return what the tests of a file are called, without ending; of tests, what they test."""
    stem = splitext(split(path)[1])[0]
    for called in _CALLED:
        before, after = called.split("{}")
        if stem != before + after and stem.startswith(before) and stem.endswith(after):
            return [stem[len(before) : len(stem) - len(after)]]
    return [called.format(stem) for called in _CALLED]


def nearest(paths: Sequence[str], path: str) -> str | None:
    """Return the path that shares most folders with another one, None where there is none."""
    folders = set(dirname(path).split("/"))

    def nearness(other: str) -> tuple[int, int]:
        own = set(dirname(other).split("/"))
        return len(own & folders), -len(own)

    return max((each for each in sorted(paths) if each != path), key=nearness, default=None)


def _filled(way: str, path: str) -> str:
    folder, name = split(path)
    stem, ending = splitext(name)
    under = folder.partition("/")[2]
    inner = under.partition("/")[2]
    mirror = folder.replace("src/main", "src/test", 1)
    return normpath(
        way.format(
            dir=folder or ".",
            under=under,
            inner=inner,
            mirror=mirror or ".",
            stem=stem,
            ext=ending,
        )
    )


def _followed(way: str, ending: str, files: set[str]) -> int:
    """Return how many files of the project have their tests in this way."""
    return sum(
        (tests := _filled(way, file)) in files and tests != file
        for file in files
        if file.endswith(ending) and not _is_test(file)
    )


def _is_test(path: str) -> bool:
    return not {"tests", "test", "spec", "__tests__"}.isdisjoint(dirname(path).split("/"))
