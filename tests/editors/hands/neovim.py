"""Neovim with the plug-in."""

from __future__ import annotations

import os
import re
import sysconfig
import time
from pathlib import Path

from editors.hands import (
    ALT_DOWN,
    ALT_RIGHT,
    EDITORS,
    ENTER,
    ESCAPE,
    SERVER,
    Hands,
    control,
)
from editors.newer import newer

PLUGIN = EDITORS / "neovim"

AGAIN = 5.0  # seconds until somebody asks once more

# What somebody would have in their init.lua, and a status line to look at.
INIT = """
vim.opt.runtimepath:append({plugin!r})
vim.lsp.config("arriero", {{ cmd = {{ {command} }} }})
vim.lsp.enable("arriero")
vim.o.laststatus = 2
vim.o.statusline = "%f %= %{{v:lua.require'arriero'.statusline()}} "
vim.o.swapfile = false
"""


class Neovim(Hands):
    name = "Neovim 0.11"
    folder = "neovim/pictures"
    more = ""  # Lua for init.lua
    accepts_words = True

    @classmethod
    def furnish(cls, home: Path) -> None:
        init = home / "nvim" / "init.lua"
        init.parent.mkdir()
        command = ", ".join(f'"{word}"' for word in SERVER)
        text = INIT.format(plugin=str(PLUGIN), command=command) + cls.more
        init.write_text(text, encoding="utf-8")

    @classmethod
    def told(cls, lua: str) -> type[Neovim]:
        """Return a Neovim with more in its init.lua."""
        return type(cls.__name__, (cls,), {"more": lua})

    @classmethod
    def command(cls, file: Path, home: Path) -> list[str]:
        return [str(executable()), str(file)]

    def attached(self) -> None:
        self.terminal.wait_for(re.compile(r"arriero: ready|Press ENTER").search, "its server")

    def read(self, message: str) -> str:
        shown = super().read(message)
        self.terminal.press(ENTER)
        return shown

    def type_behind(self, line: int) -> None:
        self.terminal.press(f":{line}{ENTER}", "A")
        self.terminal.wait_for("-- INSERT --")

    def suggestion(self, text: str) -> None:
        """Ask by hand until there is all of it: the first answer may be what came of one so far."""
        asked = 0.0

        def there() -> bool:
            nonlocal asked
            if text not in self.terminal.shown and time.monotonic() > asked + AGAIN:
                asked = time.monotonic()
                self.terminal.press(ESCAPE + "n")  # Alt-n
            return text in self.terminal.shown

        self.terminal.wait_until(there, text)

    def accept(self) -> None:
        self.terminal.press(control("l"))

    def accept_word(self) -> None:
        self.terminal.press(ALT_RIGHT)

    def accept_line(self) -> None:
        self.terminal.press(ALT_DOWN)

    def open_menu(self, line: int) -> None:
        self.terminal.press(f":{line}{ENTER}", "gra")
        self.terminal.wait_for("Code actions:")
        self.terminal.wait_for("Type number")

    def complete_here(self, line: int, text: str) -> None:
        self.run("pause")
        self.terminal.wait_for("arriero: paused")
        self.type_behind(line)
        self.suggestion(text.partition("\n")[0])
        self.accept()

    def choose(self, title: str) -> None:
        number = re.search(rf"^(\d+): .*{title}", self.terminal.shown, re.MULTILINE)
        assert number, self.terminal.shown
        self.terminal.press(number[1] + ENTER)

    def progress(self) -> None:
        self.terminal.wait_for(re.compile(r"\d+ token").search, "progress")

    def cancel(self) -> None:
        self.run("cancel")

    def undo(self) -> None:
        self.terminal.press(ESCAPE, "u")

    def start_again(self) -> None:
        self.terminal.wait_for("Press ENTER")  # Neovim has its say first
        self.terminal.press(ENTER)
        self.terminal.wait_for("was started again")
        self.attached()

    def save(self) -> None:
        self.terminal.press(ESCAPE, f":write{ENTER}")

    @property
    def column(self) -> int:
        """Where the cursor is on the screen, from 0."""
        return self.terminal.screen.cursor.x

    def saved_bytes(self, content: bytes) -> None:
        """Save until the file on the disk has these bytes."""
        self.save()
        self.terminal.wait_until(lambda: self.file.read_bytes() == content, f"{content!r}")

    def run(self, command: str) -> None:
        """Give a command of the plug-in's."""
        self.terminal.press(ESCAPE, f":Arriero {command}{ENTER}")


class Neovim12(Neovim):
    name = "Neovim 0.12"
    folder = "neovim/pictures/0.12"

    @classmethod
    def command(cls, file: Path, home: Path) -> list[str]:
        runtime = f"VIMRUNTIME={newer() / 'usr/share/nvim/runtime'}"
        return ["env", runtime, str(newer() / "usr/bin/nvim"), str(file)]


def executable() -> Path:
    """Find the nvim that was installed beside this Python."""
    return Path(sysconfig.get_path("scripts")) / ("nvim.exe" if os.name == "nt" else "nvim")
