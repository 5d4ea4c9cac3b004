"""A program in a terminal of its own: what a person types there, and what they see.

The terminal is a pseudo-terminal of the system, its screen pyte's.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from arriero.cli import picture

COLUMNS, LINES = 100, 30

# How long to wait for what never comes, in seconds.
PATIENCE = 60.0

# What pyte takes for text, or for something else: questions to newer terminals, and their settings.
_TOO_NEW = re.compile(
    rb"\x1bP.*?\x1b\\"  # device control strings
    rb"|\x1b\[[<=>?][0-9;]*[mpqu]"  # keyboard protocols, versions
    rb"|\x1b\[\?[0-9;]*n"  # reports asked for
    rb"|\x1b\[[0-9;?]*\$[a-z]"  # modes asked for
    rb"|\x1b\[[0-9]+(;[0-9]+)*t"  # sizes asked for
    rb"|\x1b\[[0-9]* q",  # shapes of the cursor
    re.DOTALL,
)
# A sequence of which the end is still to come.
_UNFINISHED = re.compile(rb"\x1b(P[^\x1b]*(\x1b)?|\[[^@-~]*|\][^\x07\x1b]*)?$", re.DOTALL)
_UNDERLINES = re.compile(rb"(\x1b\[[0-9;]*)4:[0-9]")


class Terminal:
    """A running program, with its screen. `environment` is the whole of its environment."""

    def __init__(
        self, argv: Sequence[str], *, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        told = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.process, self._line = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(argv[0], list(argv), {**environment, **told})
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, size)
        self.screen.write_process_input = self._answer

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._line)

    def press(self, *keys: str) -> None:
        """Send keys, each as the terminal writes it."""
        for key in keys:
            os.write(self._line, key.encode())

    @property
    def shown(self) -> str:
        """The lines of the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, what: str | Callable[[str], object], hint: str = "") -> str:
        """Wait until the screen shows a text, or what a function is content with."""
        fits = what if callable(what) else lambda shown: what in shown
        self.wait_until(lambda: fits(self.shown), hint or str(what))
        return self.shown

    def wait_until(self, so: Callable[[], object], what: str) -> None:
        """Wait until something is so, and keep the screen up to date meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.shown}"
            self._read()

    def _read(self) -> None:
        ready, _, _ = select.select([self._line], [], [], 0.02)
        if not ready:
            return
        try:
            data = self._rest + os.read(self._line, 65536)
        except OSError as error:  # Linux says so at a terminal's end
            raise AssertionError(f"the editor ended:\n{self.shown}") from error
        if unfinished := _UNFINISHED.search(data):
            data, self._rest = data[: unfinished.start()], data[unfinished.start() :]
        else:
            self._rest = b""
        self._stream.feed(_UNDERLINES.sub(rb"\g<1>4", _TOO_NEW.sub(b"", data)))

    def _answer(self, data: str) -> None:
        os.write(self._line, data.encode())

    def picture(self, file: Path, title: str) -> None:
        """Write the screen as it is as an SVG."""
        console = Console(width=COLUMNS, record=True, file=StringIO(), color_system="truecolor")
        for row in range(LINES):
            console.print(self._row(row), no_wrap=True, overflow="crop")
        picture.save(console, file, title, THEME)

    def _row(self, row: int) -> Text:
        cells = [
            (_style(cell, reverse=(row, column) == self._cursor), cell.data)
            for column in range(COLUMNS)
            for cell in [self.screen.buffer[row][column]]
        ]
        return Text.assemble(
            *(
                ("".join(data for _, data in run), style)
                for style, run in groupby(cells, key=itemgetter(0))
            )
        )

    @property
    def _cursor(self) -> tuple[int, int] | None:
        cursor = self.screen.cursor
        return None if cursor.hidden else (cursor.y, cursor.x)


THEME = TerminalTheme(
    background=(24, 26, 31),
    foreground=(214, 217, 224),
    normal=[
        *[(40, 44, 52), (224, 108, 117), (152, 195, 121), (229, 192, 123)],
        *[(97, 175, 239), (198, 120, 221), (86, 182, 194), (200, 204, 212)],
    ],
    bright=[
        *[(120, 126, 138), (235, 125, 135), (170, 210, 140), (240, 205, 140)],
        *[(125, 190, 245), (210, 145, 235), (110, 200, 210), (235, 238, 243)],
    ],
)


def _style(cell: pyte.screens.Char, *, reverse: bool) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse != reverse,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    bright = name.startswith("bright")
    plain = {"brown": "yellow"}.get(name.removeprefix("bright"), name.removeprefix("bright"))
    return f"bright_{plain}" if bright else plain
