"""Hands on the keyboard of an editor: which keys do what the tests want done.

Each editor has a file with one class. Everything it does goes through the terminal, and everything
it waits for stands on the screen.
"""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from editors.homes import at_home
from editors.simulated import Simulated
from editors.terminal import Terminal

SERVER = [sys.executable, "-m", "arriero", "serve"]
EDITORS = Path(__file__).parents[3] / "editors"

PASSED_ON = ("PATH", "PYTHONPATH")

ESCAPE, ENTER, TAB = "\x1b", "\r", "\t"
DOWN, ALT_DOWN, ALT_RIGHT = "\x1b[B", "\x1b[1;3B", "\x1b[1;3C"


def control(letter: str) -> str:
    """Return what a terminal sends for a letter with Ctrl."""
    return chr(ord(letter) & 0x1F)


class Hands(ABC):
    """Somebody at one editor, with one file open."""

    name: ClassVar[str]
    folder: ClassVar[str]  # of its pictures, under editors/
    accepts_words: ClassVar[bool] = False

    def __init__(self, terminal: Terminal, file: Path) -> None:
        self.terminal = terminal
        self.file = file
        self.model: Simulated | None = None  # which the server asks

    @classmethod
    @contextmanager
    def on(cls, file: Path, home: Path, model: Mapping[str, str]) -> Iterator[Hands]:
        """Start the editor with the file and a new home; `model` is the server's environment."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {**at_home(home), **model}
        cls.furnish(home)
        argv = cls.command(file, home)
        with Terminal(argv, folder=file.parent, environment=environment) as terminal:
            hands = cls(terminal, file)
            hands.attached()
            yield hands

    @classmethod
    @abstractmethod
    def furnish(cls, home: Path) -> None:
        """Write the configuration, by the file that people get."""

    @classmethod
    @abstractmethod
    def command(cls, file: Path, home: Path) -> list[str]:
        """Return what starts the editor. Raises AssertionError, which says what to install."""

    @abstractmethod
    def attached(self) -> None:
        """Wait until the editor has its server."""

    def read(self, message: str) -> str:
        """Wait for a message of the server's, and go on; return the screen with it."""
        return self.terminal.wait_for(message)

    @abstractmethod
    def type_behind(self, line: int) -> None:
        """Get ready to type at the end of a line (from 1)."""

    @abstractmethod
    def suggestion(self, text: str) -> None:
        """Get a suggestion, all of it; it begins with this text."""

    @abstractmethod
    def accept(self) -> None:
        """Put the suggestion in."""

    def accept_word(self) -> None:
        """Put a word of the suggestion in."""
        raise NotImplementedError

    @abstractmethod
    def open_menu(self, line: int) -> None:
        """Show the actions for a line (from 1)."""

    @abstractmethod
    def complete_here(self, line: int, text: str) -> None:
        """Have this text put in behind a line, asked for by hand; nothing comes unasked before."""

    @abstractmethod
    def choose(self, title: str) -> None:
        """Choose from the menu that is open."""

    def confirm(self) -> None:  # noqa: B027 (most editors do not)
        """Agree to an edit, where the editor asks."""

    @abstractmethod
    def progress(self) -> None:
        """Wait until the editor shows that the model is at work."""

    @abstractmethod
    def cancel(self) -> None:
        """Cancel the action that runs."""

    @abstractmethod
    def undo(self) -> None:
        """Take the last change back."""

    @abstractmethod
    def start_again(self) -> None:
        """Do what it takes to have a server again after it was killed."""

    @abstractmethod
    def save(self) -> None:
        """Write the file to the disk."""

    def saved(self, text: str) -> None:
        """Save until the file on the disk has this text."""
        self.save()
        self.terminal.wait_until(
            lambda: self.file.read_text("utf-8") == text, "the file as it should be"
        )
