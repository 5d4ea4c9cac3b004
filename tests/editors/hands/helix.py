"""Helix, with the languages.toml that people get."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from editors.hands import DOWN, EDITORS, ENTER, ESCAPE, SERVER, TAB, Hands, control
from editors.newer import newer

READY = '"method":"textDocument/didOpen"'

# Without the words of the document, the list has what arriero says and nothing else.
ALONE = "[editor.word-completion]\nenable = false\n"


class Helix(Hands):
    name = "Helix"
    folder = "helix/pictures"

    @classmethod
    def furnish(cls, home: Path) -> None:
        given = (EDITORS / "helix" / "languages.toml").read_text("utf-8")
        command, *arguments = SERVER
        told = given.replace('command = "arriero"', f'command = "{command}"').replace(
            'args = ["serve"]', f"args = {arguments}"
        )
        assert tomllib.loads(told)["language-server"]["arriero"]["args"] == arguments
        (home / "helix").mkdir()
        (home / "helix" / "languages.toml").write_text(told, encoding="utf-8")
        config = (EDITORS / "helix" / "config.toml").read_text("utf-8")
        (home / "helix" / "config.toml").write_text(f"{config}\n{ALONE}", encoding="utf-8")

    @classmethod
    def command(cls, file: Path, home: Path) -> list[str]:
        runtime = f"HELIX_RUNTIME={newer() / 'usr/lib/hx/runtime'}"
        log = ["-v", "--log", str(home / "log")]
        return ["env", runtime, str(newer() / "usr/bin/hx"), *log, str(file)]

    def attached(self, servers: int = 1) -> None:
        log = self.file.parents[1] / "home" / "log"
        self.terminal.wait_until(
            lambda: log.exists() and log.read_text("utf-8", "replace").count(READY) >= servers,
            "its server",
        )

    def type_behind(self, line: int) -> None:
        self.terminal.press(f":{line}{ENTER}", "A")
        self.terminal.wait_for(" INS ")

    def suggestion(self, text: str) -> None:
        """Ask for the list: the first time that only asks the model, so it is done twice."""
        self._wanted = text
        before = len(self._states())
        self.terminal.press(control("x"))
        self.terminal.wait_until(
            lambda: self._listed() or (len(self._states()) > before and self._answered()),
            "the model's answer",
        )
        self.terminal.press(control("x"))
        self.terminal.wait_until(self._listed, "the list")

    def _listed(self) -> bool:
        """Tell whether the list has the suggestion, or its beginning."""
        rows = self.terminal.shown.split("\n")
        rows.pop(self.terminal.screen.cursor.y)
        # It is shown with the word before the cursor.
        begins = rf"\s+\d*\s+\w*{re.escape(self._wanted[:4])}"
        return any(re.match(begins, row) for row in rows)

    def _states(self) -> list[str]:
        assert self.model, "only the simulated model says what it was asked"
        return self.model.states()

    def _answered(self) -> bool:
        return "running" not in self._states()

    def accept(self) -> None:
        """Take the suggestion, and what follows if that was its beginning."""
        whole = self._wanted
        while True:
            self.terminal.press(TAB, ENTER)
            self.terminal.wait_until(lambda: not self._listed(), "the end of the list")
            taken = next(n for n in range(len(whole), 0, -1) if whole[:n] in self.terminal.shown)
            if taken == len(whole):
                return
            self.suggestion(whole[taken:])

    def open_menu(self, line: int) -> None:
        self.terminal.press(f":{line}{ENTER}", " ", "a")
        self.terminal.wait_for("Simplify")

    def choose(self, title: str) -> None:
        while not self._selected(title):
            before = self._colours()
            self.terminal.press(DOWN)
            self.terminal.wait_until(
                lambda before=before: self._colours() != before, "another one to be selected"
            )
        self.terminal.press(ENTER)

    def _selected(self, title: str) -> bool:
        """Tell whether the row with a title is of another colour than the rest of the menu."""
        lines, colours = self.terminal.shown.split("\n"), self._colours()
        row = next(row for row, line in enumerate(lines) if re.search(rf"\s{title}\s", f"{line} "))
        others = [
            row for row, line in enumerate(lines) if "Simplify" in line or "Add types" in line
        ]
        return all(colours[row] != colours[other] for other in others)

    def _colours(self) -> list[tuple[str, bool]]:
        """Return those of the column where the menu stands, and none of the cursor's line."""
        lines = self.terminal.shown.split("\n")
        column = next(line.index("Simplify") for line in lines if "Simplify" in line)
        cells = [self.terminal.screen.buffer[row][column] for row in range(len(lines))]
        return [(cell.bg, cell.reverse) for cell in cells]

    def complete_here(self, line: int, text: str) -> None:
        self.terminal.press(f":{line}{ENTER}", "gl", "l", " ", "a")
        self.terminal.wait_for("Complete here")
        self.choose("Complete here")
        self.terminal.wait_for(text.partition("\n")[0])

    def progress(self) -> None:
        self.terminal.wait_for(" token")

    def cancel(self) -> None:
        self.terminal.press(" ", "X")

    def undo(self) -> None:
        self._leave_insert_mode()
        self.terminal.press("u")

    def start_again(self) -> None:
        self.terminal.press(f":lsp-restart{ENTER}")
        self.attached(servers=2)

    def save(self) -> None:
        self._leave_insert_mode()
        self.terminal.press(f":w{ENTER}")

    def _leave_insert_mode(self) -> None:
        # Any key right behind Escape would make a chord with Alt of it.
        if " INS " in self.terminal.shown:
            self.terminal.press(ESCAPE)
            self.terminal.wait_for(" NOR ")
