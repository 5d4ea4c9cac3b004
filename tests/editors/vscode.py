"""A person at VS Code: keys, the mouse, and what stands on the screen."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, TimeoutError, expect

from e2e.truth import CURSOR
from editors.waiting import until

# Where to keep pictures of what is seen, for people to look at; nowhere, if it is not set.
PICTURES = os.environ.get("PICTURES", "")

# Grey text on the cursor's line, in pieces; further lines stand elsewhere.
GHOST = ".view-lines .ghost-text, .view-lines .ghost-text-decoration"
# Messages that just came, and the list of all.
MESSAGES = ".notifications-toasts.visible, .notifications-center.visible"


class VSCode:
    """One window, with a folder open."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder

    # Files and commands

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def open(self, name: str, marked: str) -> Path:
        """Write a file of the workspace, and put the cursor at the mark in it."""
        before = marked.partition(CURSOR)[0]
        file = self.folder / name
        file.write_text(marked.replace(CURSOR, ""), encoding="utf-8", newline="\n")
        line = before.count("\n") + 1
        # VS Code counts UTF-16 units.
        column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2 + 1
        self.press("Control+p")
        self._pick(f"{file}:{line}:{column}", name)
        self.page.get_by_role("tab", name=name).wait_for()
        expect(self._status_item(f"Ln {line},")).to_be_visible()
        return file

    def focus(self) -> None:
        """Go back to the code."""
        self.press("Control+1")
        self.page.locator(".editor-group-container .monaco-editor.focused").wait_for()

    def command(self, title: str) -> None:
        """Run a command by its title in the palette."""
        self.press("F1")
        self._pick(f">{title}", title)

    def _pick(self, text: str, row: str) -> None:
        self.page.locator(".quick-input-widget input").fill(text)
        expect(self.page.locator(".quick-input-list .monaco-list-row").first).to_contain_text(row)
        self.press("Enter")

    def choose(self, row: str) -> None:
        """Choose a row of the list that is open."""
        self.page.locator(".quick-input-list .monaco-list-row", has_text=row).first.click()

    def enter(self, text: str) -> None:
        """Answer what is asked with a line of text."""
        self.page.locator(".quick-input-widget input").fill(text)
        self.press("Enter")

    def trust(self) -> None:
        """Trust the folder."""
        self.command("Workspaces: Manage Workspace Trust")
        editor = self.page.locator(".workspace-trust-editor")
        editor.get_by_role("button", name="Trust", exact=True).click()
        expect(self._status_item("Restricted Mode")).not_to_be_visible()
        self.page.get_by_role("button", name="Close Modal Editor").click()

    def put_all_away(self) -> None:
        """Close all files, and put all messages away."""
        self.press("Escape", "Escape")
        if (discard := self.page.get_by_role("button", name="Discard")).is_visible():
            discard.click()
        self.command("View: Close All Editor Groups")
        self.command("Notifications: Clear All Notifications")

    # Suggestions

    def suggest(self) -> None:
        """Ask for a suggestion by hand."""
        self.press("Alt+\\")

    @property
    def ghost(self) -> str:
        """The grey text on the cursor's line, "" if there is none."""
        pieces = self.page.locator(GHOST).all_inner_texts()
        return "".join(pieces).replace("\xa0", " ").replace("\u200b", "")

    def wait_for_ghost(self, text: str) -> None:
        until(lambda: self.ghost == text, lambda: f"{text!r} is suggested; it is {self.ghost!r}")

    def ask_until(self, *keys: str) -> None:
        """Press keys until a suggestion comes: VS Code takes none while it starts up."""
        for _ in range(6):
            self.press(*keys)
            try:
                self.page.locator(GHOST).first.wait_for(timeout=5_000)
            except TimeoutError:
                continue
            return
        raise AssertionError(f"{keys} bring no suggestion")

    def accept_until(self, file: Path, text: str) -> None:
        """Accept what is suggested, which may come in pieces, until the file has this text."""

        def look() -> bool:
            if self.ghost:
                self.press("Tab")
            return file.read_text(encoding="utf-8") == text

        until(look, lambda: f"{file.name} is complete; it is:\n{file.read_text(encoding='utf-8')}")

    def wait_for_text(self, file: Path, text: str) -> None:
        """Wait until the file, which the editor saves by itself, has this text."""
        until(
            lambda: file.read_text(encoding="utf-8") == text,
            lambda: f"{file.name} is as it should be; it is:\n{file.read_text(encoding='utf-8')}",
        )

    # Actions

    def open_actions(self) -> None:
        """Open the menu of actions at the cursor."""
        self.focus()

        def look() -> bool:
            self.press("Control+.")
            with suppress(TimeoutError):  # VS Code forgets the key while it draws
                self._actions.first.wait_for(timeout=3_000)
            return self._actions.first.is_visible()

        until(look, "the menu of actions is open")

    @property
    def actions(self) -> list[str]:
        """The titles in the menu that is open."""
        return self._actions.all_inner_texts()

    @property
    def _actions(self) -> Locator:
        return self.page.locator(".action-widget .monaco-list-row.action")

    def choose_action(self, title: str) -> None:
        self._actions.filter(has_text=title).first.click()

    def act(self, title: str) -> None:
        self.open_actions()
        self.choose_action(title)

    def wait_for_progress(self, title: str) -> None:
        expect(self._status_item(title)).to_be_visible()

    def cancel(self, title: str) -> None:
        """Cancel what goes on, as people do: VS Code has the button behind the status bar."""
        self._status_item(title).click()
        self.answer("Cancel")

    def wait_for_preview(self) -> None:
        self.page.get_by_role("button", name="Apply", exact=True).wait_for()

    def apply_preview(self) -> None:
        """Tick all of the edit that is to be confirmed, and apply it."""
        box = self.page.locator(".bulk-edit-panel .edit-checkbox").first
        box.click()
        expect(box).to_be_checked()
        self.page.get_by_role("button", name="Apply", exact=True).click()

    def wait_for_page(self, part: str) -> str:
        """Wait until a page beside the code has this in it; return its text."""

        def look() -> str | None:
            for frame in self.page.frames[1:]:
                with suppress(Error):  # it was replaced by its next version meanwhile
                    if part in (text := frame.locator("body").inner_text(timeout=1_000)):
                        return text
            return None

        return until(look, lambda: f"a page says {part!r}")

    # The status bar, messages and pictures

    @property
    def status(self) -> Locator:
        return self.page.locator('.statusbar-item[id^="arriero.arriero"] a')

    def wait_for_status(self, said: str) -> None:
        expect(self.status).to_have_attribute("aria-label", re.compile(re.escape(said)))

    def menu_row(self, row: str) -> Locator:
        """Open the menu of the status bar, and return a row of it."""
        self.status.click()
        return self.page.locator(".quick-input-list .monaco-list-row", has_text=row).first

    def _status_item(self, text: str) -> Locator:
        return self.page.locator(".statusbar-item", has_text=text)

    @property
    def message_box(self) -> Locator:
        return self.page.locator(".notification-toast").first

    @property
    def messages(self) -> list[str]:
        """The texts of all messages that stand on the screen."""
        return self.page.locator(".notification-list-item-message").all_inner_texts()

    def wait_for_message(self, part: str, patience: float = 30) -> str:
        shown = self.page.locator(".notification-list-item-message", has_text=part).first
        shown.wait_for(timeout=patience * 1000)
        return shown.inner_text()

    def answer(self, button: str) -> None:
        """Press a button of a message."""
        self.page.locator(MESSAGES).get_by_role("button", name=button, exact=True).first.click()

    def picture(self, name: str, part: Locator | None = None) -> None:
        """Keep what stands on the screen, or a part of it, where pictures are wanted."""
        if PICTURES:
            file = Path(PICTURES, "vscode", "media", f"{name}.png")
            # Menus fade in, which would stand half there in a picture.
            (part or self.page).screenshot(path=file, animations="disabled")
            assert file.stat().st_size < 90_000, "too large for a README"
