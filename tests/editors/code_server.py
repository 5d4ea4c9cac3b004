"""VS Code as code-server has it: a process that serves the editor to a browser.

`make e2e-vscode` installs it from npm into CODE_SERVER. It wants Node 24; the one that comes with
Playwright runs it too, since nothing of it is compiled here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import playwright

from editors.waiting import until

ENTRY = Path("node_modules", "code-server", "out", "node", "entry.js")
LISTENS = re.compile(r"HTTP server listening on (http://\S+?)/?\s")

# What people would not have chosen differently, and what would stand in the way of pictures.
QUIET = {
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
    "extensions.ignoreRecommendations": True,
    "editor.wordBasedSuggestions": "off",
    "files.autoSave": "afterDelay",
    "files.autoSaveDelay": 50,
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "window.commandCenter": False,
    "window.menuBarVisibility": "hidden",
    "workbench.activityBar.location": "hidden",
    "workbench.colorTheme": "Default Light Modern",
    "workbench.layoutControl.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}


@dataclass(frozen=True, slots=True)
class CodeServer:
    """A running editor with a profile of its own."""

    url: str
    profile: Path
    process: subprocess.Popen[bytes]

    def choose(self, **settings: Any) -> None:
        """Put arriero's settings in the place of those before."""
        ours = {f"arriero.{name}": value for name, value in settings.items()}
        # Settings of the scope `machine` are read from here in a browser's window.
        file = self.profile / "Machine" / "settings.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(ours), encoding="utf-8")


@contextmanager
def code_server(home: Path, vsix: Path, environment: dict[str, str]) -> Iterator[CodeServer]:
    """Run an editor that has one extension, out of a file, and nothing else that is anybody's."""
    profile, extensions = home / "profile", home / "extensions"
    (profile / "User").mkdir(parents=True)
    (profile / "User" / "settings.json").write_text(json.dumps(QUIET), encoding="utf-8")
    command = [*_command(), "--user-data-dir", str(profile), "--extensions-dir", str(extensions)]
    command += ["--config", str(home / "code-server.yaml"), "--disable-telemetry"]
    env = bare(environment)
    subprocess.run([*command, "--install-extension", str(vsix)], check=True, env=env)
    log = home / "code-server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-update-check"],
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all that it starts can be ended with it
        )
    try:
        found = until(lambda: LISTENS.search(log.read_text()), "code-server listens")
        yield CodeServer(found[1], profile, process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bare(more: dict[str, str]) -> dict[str, str]:
    """Return the environment of a person who has Python, and nothing of arriero or these tests."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("ARRIERO_", "PYTHON"))}
    kept.pop("VIRTUAL_ENV", None)
    own = Path(sys.executable).parent
    path = (place for place in kept["PATH"].split(os.pathsep) if Path(place) != own)
    return {**kept, "PATH": os.pathsep.join(path), **more}


def _command() -> list[str]:
    node = Path(playwright.__file__).parent / "driver" / "node"
    entry = Path(os.environ["CODE_SERVER"]) / ENTRY
    return [str(node), "--no-warnings", str(entry)]
