"""Sitting down at an editor, before a model or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.truth import CURSOR, write
from editors.hands import Hands
from editors.simulated import Simulated, simulated


@contextmanager
def at(editor: type[Hands], project: Path, marked: str, url: str = "") -> Iterator[Hands]:
    """Open the marked text; without an address there is no model, whatever this computer has."""
    file = write(project, marked)
    model = {"ARRIERO_URL": url, "ARRIERO_LOCAL_ENABLED": "false"}
    with editor.on(file, project.parent / "home", model) as hands:
        yield hands


@contextmanager
def before_a_model(
    editor: type[Hands], project: Path, marked: str, *orders: str
) -> Iterator[tuple[Hands, Simulated]]:
    """The same with the simulated model, which knows the truth."""
    with (
        simulated(project.parent / "truth", *orders) as server,
        at(editor, project, marked, server.url) as hands,
    ):
        hands.model = server
        yield hands, server


def line_of(marked: str) -> int:
    """Return the line of the cursor, from 1."""
    return marked.partition(CURSOR)[0].count("\n") + 1


def picture(hands: Hands, tmp_path: Path, name: str) -> None:
    """Keep what the screen looks like, where PICTURES says or for the test alone."""
    folder = Path(os.environ.get("PICTURES") or tmp_path) / hands.folder
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.svg"
    hands.terminal.picture(file, hands.name)
    assert file.stat().st_size < 60_000, "too large for a README"
