"""How `arriero try` looks: ghost text in place, a diff, the request, what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.terminal_theme import SVG_EXPORT_THEME, TerminalTheme
from rich.text import Text

from arriero.cli.places import Cursor

WIDTH = 100  # columns
CONTEXT = 6  # lines shown above and below the cursor
GHOST = "italic bright_black"
HIDDEN = "   ⋮"
INDENT = 7  # columns

# Lines shown of the request, at its start and at its end. The reply, which begins with up to 16
# lines of the file, has to be seen from its header on.
PROMPT_START = 10
PROMPT_END = 24
GOES_ON = "↪ "

NEXT = """\
The demo model only continues text. For real work, serve CodeLlama-70b-Instruct on your GPUs:
  1. backend/README.md says which GPUs are enough, and starts it under TGI or vLLM
  2. `export ARRIERO_URL=http://127.0.0.1:8080` points arriero at it
  3. `.venv/bin/arriero doctor` checks that all is well
  4. editors/README.md says how Neovim, VS Code and others start `.venv/bin/arriero serve`"""


# rich names a font that whoever opens the picture would fetch from somebody else's server.
_FETCHED_FONT = re.compile(r"^ *@font-face \{.*?\}\n", re.DOTALL | re.MULTILINE)


def save(console: Console, file: Path, title: str, theme: TerminalTheme = SVG_EXPORT_THEME) -> None:
    """Write what a console recorded as an SVG that needs nothing from elsewhere."""
    picture = console.export_svg(title=title, theme=theme)
    file.write_text(_FETCHED_FONT.sub("", picture), "utf-8")


def heading(console: Console, text: str) -> None:
    """Begin a part."""
    console.print()
    console.print(Rule(Text(text, "bold"), align="left", style="bright_black"))


def ghost(console: Console, lines: Sequence[str], place: Cursor, suggestion: str) -> None:
    """Show the lines around the cursor, with the suggestion where it would be inserted."""
    first = max(place.line - 1 - CONTEXT, 0)
    for number in range(first, min(place.line + CONTEXT, len(lines))):
        shown = Text(f"{number + 1:>5}  ", "bright_black")
        if number != place.line - 1:
            shown.append(lines[number], "default")
        else:
            line = lines[number]
            head, *rest = suggestion.split("\n")
            shown.append(line[: place.column - 1], "default")
            shown.append(head, GHOST)
            for each in rest:
                shown.append(f"\n{'':>5}  {each}", GHOST)
            shown.append(line[place.column - 1 :], "default")
        console.print(shown)


def nothing(console: Console) -> None:
    """Say that there is no suggestion."""
    text = Text("The model has no suggestion for this place.", "yellow")
    console.print(Padding(text, (0, INDENT)))


def figures(console: Console, status: Mapping[str, Any]) -> None:
    """Show how fast it was."""
    if status["tokens"]:
        rate = f", {status['tokens_per_s']:.0f} tokens a second" if status["tokens_per_s"] else ""
        said = f"first token after {status['ttft_s']:.2f} s{rate}, tokens: {status['tokens']}"
        console.print(Padding(Text(said, "green"), (0, INDENT)))


def diff(console: Console, text: str) -> None:
    """Show a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.splitlines():
        console.print(Text(f"{'':{INDENT}}{line}", styles.get(line[:1], "default")))


def reason(console: Console, text: str) -> None:
    """Show why an action changed nothing."""
    console.print(Padding(Text(text, "yellow"), (0, INDENT)))


def refused(console: Console) -> None:
    """Say that an answer was not good enough to use, and that this is meant to be so."""
    note = "The demo model only continues text; what does not pass the checks is never inserted."
    console.print(Padding(note, (0, INDENT)))


def simulated(console: Console) -> None:
    """Say that what follows is not a model's."""
    console.print()
    note = (
        "SIMULATED: the same action against `arriero backend simulate`, a stand-in for the 70B "
        "that was given the finished file."
    )
    console.print(Padding(Text(note, "bold yellow"), (0, INDENT)))


def request(console: Console, model: str, text: str) -> None:
    """Show the request as the 70B would get it, the middle of a long one left out."""
    heading(console, f"The same request as it would go to {model}")
    lines = text.split("\n")
    if len(lines) > PROMPT_START + PROMPT_END:
        lines = [*lines[:PROMPT_START], HIDDEN, *lines[-PROMPT_END:]]
    for line in lines:
        console.print(Padding(Text("\n".join(_folded(line)), "blue"), (0, 0, 0, INDENT)))


def _folded(line: str) -> Iterator[str]:
    """Break a line that is too wide, so that it cannot be taken for several."""
    width = WIDTH - INDENT
    yield line[:width]
    for start in range(width, len(line), width - len(GOES_ON)):
        yield GOES_ON + line[start : start + width - len(GOES_ON)]


def next_steps(console: Console) -> None:
    """Say what to do now."""
    heading(console, "What next")
    console.print(Padding(NEXT, (0, 0, 1, 0)))
