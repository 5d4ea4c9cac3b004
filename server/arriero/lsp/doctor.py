"""arriero.doctor: what `arriero doctor` finds, by the settings of the editor, as a document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from arriero.lsp import reports
from arriero.lsp.capabilities import DOCTOR
from arriero.lsp.progress import progress
from arriero.lsp.server import Server
from arriero.settings_sources import Loaded

# Examines the settings, and gives a line of Markdown for each finding.
Examine = Callable[[Loaded], AsyncIterator[str]]

TITLE = "What arriero's doctor finds"


def register(server: Server, examine: Examine) -> None:
    async def doctor(ls: Server) -> dict[str, object]:
        text = f"# {TITLE}\n\n"
        async with progress(ls, "Looking at the model server") as report:
            async for line in examine(ls.loaded):
                text += f"{line}\n"
                report(line.partition(":")[0].strip("- "))
        await reports.show(ls, "doctor.md", text)
        return {"text": text}

    server.command(DOCTOR)(doctor)
