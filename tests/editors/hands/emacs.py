"""Emacs with Eglot and arriero.el, in a terminal."""

from __future__ import annotations

import shutil
from pathlib import Path

from editors.hands import EDITORS, ENTER, ESCAPE, SERVER, TAB, Hands, control

# What somebody would have in their init.el.
INIT = """
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil)
(setq native-comp-async-report-warnings-errors nil)
(menu-bar-mode -1)
(setq frame-background-mode 'dark)
(mapc #'frame-set-background-mode (frame-list))
(load "{file}")
(setq arriero-command '({command}))
(add-hook 'python-mode-hook #'eglot-ensure)
"""

NOTHING = "No match"


class Emacs(Hands):
    name = "Emacs"
    folder = "emacs/pictures"

    @classmethod
    def furnish(cls, home: Path) -> None:
        init = home / ".emacs.d" / "init.el"
        init.parent.mkdir()
        command = " ".join(f'"{word}"' for word in SERVER)
        text = INIT.format(file=EDITORS / "emacs" / "arriero.el", command=command)
        init.write_text(text, encoding="utf-8")

    @classmethod
    def command(cls, file: Path, home: Path) -> list[str]:
        assert shutil.which("emacs"), (
            "There is no emacs. Install it: apt install emacs-nox elpa-eglot"
        )
        return ["emacs", "-nw", str(file)]

    def attached(self) -> None:
        self.terminal.wait_for("[eglot:")

    def type_behind(self, line: int) -> None:
        self.terminal.press(ESCAPE + "gg", f"{line}{ENTER}", control("e"))

    def suggestion(self, text: str) -> None:
        """Complete; the first time that only asks the model, so it is done until all is there."""
        while text not in (before := self.terminal.shown):
            self.terminal.press(ESCAPE + TAB)
            self.terminal.wait_for(lambda shown, before=before: shown != before, text)
            if NOTHING in self.terminal.shown:
                self.terminal.press(control("e"))
                self.terminal.wait_for(lambda shown: NOTHING not in shown, "the next try")

    def accept(self) -> None:
        """What can be only one thing is in the text already."""

    def open_menu(self, line: int) -> None:
        self.terminal.press(ESCAPE + "gg", f"{line}{ENTER}", control("c"), ";")
        self.terminal.wait_for("Action:")
        self.terminal.press(TAB, TAB)
        self.terminal.wait_for("Possible completions")

    def choose(self, title: str) -> None:
        self.terminal.press(title, ENTER)

    def complete_here(self, line: int, text: str) -> None:
        self.type_behind(line)
        self.terminal.press(control("c"), ".")
        self.confirm()
        self.terminal.wait_for(text.partition("\n")[0])

    def confirm(self) -> None:
        self.terminal.wait_for("Proceed? (y or n)")
        self.terminal.press("y")

    def progress(self) -> None:
        self.terminal.wait_for(" token")

    def cancel(self) -> None:
        self.terminal.press(control("c"), ":")

    def undo(self) -> None:
        self.terminal.press(control("_"))

    def start_again(self) -> None:
        self.terminal.wait_for(lambda shown: "[eglot:" not in shown, "the end of the server")
        self.terminal.press(ESCAPE + "x", f"eglot{ENTER}")
        self.attached()

    def save(self) -> None:
        self.terminal.press(control("x"), control("s"))
