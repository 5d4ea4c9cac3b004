"""How `arriero try` looks: ghost text in place, a diff, the request, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from arriero.cli.places import Cursor

WIDTH = 100  # columns
CONTEXT = 6  # lines shown above and below the cursor
GHOST = "italic bright_black"
HIDDEN = "   ⋮"
PROMPT_LINES = 14  # shown of the request, at its start and at its end

NEXT = """\
The demo model only continues text. For real work, serve CodeLlama-70b-Instruct on your GPUs:
  1. backend/deploy/README.md starts it under TGI, with docker compose
  2. `export ARRIERO_URL=http://127.0.0.1:8080` points arriero at it
  3. `.venv/bin/arriero doctor` checks that all is well
  4. editors/README.md says how Neovim, VS Code and others start `.venv/bin/arriero serve`"""


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
            head, *rest = (suggestion or "(no suggestion here)").split("\n")
            shown.append(line[: place.column - 1], "default")
            shown.append(head, GHOST)
            for each in rest:
                shown.append(f"\n{'':>5}  {each}", GHOST)
            shown.append(line[place.column - 1 :], "default")
        console.print(shown)


def figures(console: Console, status: Mapping[str, Any]) -> None:
    """Show how fast it was."""
    if status["tokens"]:
        rate = f", {status['tokens_per_s']:.0f} tokens a second" if status["tokens_per_s"] else ""
        console.print(
            f"       first token after {status['ttft_s']:.2f} s{rate}, {status['tokens']} tokens",
            style="green",
        )


def diff(console: Console, text: str) -> None:
    """Show a unified diff."""
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.splitlines():
        console.print(Text(f"       {line}", styles.get(line[:1], "default")))


def refusal(console: Console, reason: str) -> None:
    """Show that an answer was not good enough to use, and that this is meant to be so."""
    console.print(Padding(Text(reason, "yellow"), (0, 7)))
    note = "The demo model only continues text; what does not pass the checks is never inserted."
    console.print(Padding(note, (0, 7)))


def simulated(console: Console) -> None:
    """Say that what follows is not a model's."""
    console.print()
    note = (
        "SIMULATED: the same action against `arriero backend simulate`, a stand-in for the 70B "
        "that was given the finished file."
    )
    console.print(Padding(Text(note, "bold yellow"), (0, 7)))


def request(console: Console, model: str, text: str) -> None:
    """Show the request as the 70B would get it, the middle of a long one left out."""
    heading(console, f"The same request as it would go to {model}")
    lines = text.split("\n")
    if len(lines) > 2 * PROMPT_LINES:
        lines = [*lines[:PROMPT_LINES], HIDDEN, *lines[-PROMPT_LINES:]]
    console.print(Padding(Text("\n".join(lines), "blue"), (0, 7)))


def next_steps(console: Console) -> None:
    """Say what to do now."""
    heading(console, "What next")
    console.print(Padding(NEXT, (0, 0, 1, 0)))
