"""What is taken of answers as the model really gives them: token by token, ends, leaks and noes.

answers.json has the pieces of each; one that is a list has an id, a text, and whether it is hidden.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from arriero.assist.generation import follow, listen
from arriero.assist.seam import End, Piece
from arriero.core import acting, completion
from arriero.core.acting import Choice
from arriero.core.actions import BY_ID
from arriero.core.dialects import BY_NAME
from arriero.core.models import ModelInfo
from arriero.core.text import Excerpt
from desk import ScriptedModel

CASES = json.loads((Path(__file__).parent.parent / "core" / "answers.json").read_text("utf-8"))
CHAT = BY_NAME["source_destination"]
INFO = ModelInfo("m", "tgi", "", 3000, 4000)
LINE = Excerpt("a.py", "python", "import os\nx =", "\n")


class Speaker(ScriptedModel):
    """Says pieces, whatever it is asked."""

    def __init__(self, pieces) -> None:
        super().__init__()
        self.pieces = pieces
        self.finished = False

    @asynccontextmanager
    async def stream(self, prompt, *, explicit):
        yield self.said()

    async def said(self):
        for each in self.pieces:
            id, text, special = each if isinstance(each, list) else (7, each, False)
            yield Piece(text, id, special)
        self.finished = True
        yield End("eos_token")


def name(case: dict) -> str:
    return case["name"]


def asked() -> completion.Ask:
    return completion.ask(LINE, CHAT, len, INFO, completion.Generation())


@pytest.mark.parametrize("case", CASES, ids=name)
async def test_what_an_answer_adds(case):
    speaker = Speaker(case["pieces"])
    async for answer in follow(speaker, asked().prompt, explicit=True):
        added, closed = completion.heard(answer.text, asked(), over=answer.ended)
        if closed:
            break
    by_id = answer.ended and not speaker.finished
    assert (added, closed or by_id) == (case["adds"], case["ended"])


@pytest.mark.parametrize("patient", [True, False], ids=["by hand", "while typing"])
@pytest.mark.parametrize("several", [True, False], ids=["lines", "line"])
@pytest.mark.parametrize("case", CASES, ids=name)
async def test_nothing_is_shown_that_is_taken_back(case, several, patient):
    whole = completion.shown(case["adds"], LINE, several=several, whole=True) or ""
    async for answer in follow(Speaker(case["pieces"]), asked().prompt, explicit=True):
        added, _ = completion.heard(answer.text, asked(), over=answer.ended)
        if completion.settled(added, LINE, several=several, patient=patient):
            shown = completion.shown(added, LINE, several=several, whole=False) or ""
            assert whole.startswith(shown)


ENDINGS = [
    ["<step>", " Source: assistant"],
    [" <", "step", ">"],
    ["\n", "```", "\nIt is shorter."],
    ["\n`", "``"],
    [[32015, "<step>", True]],
    [[2, "</s>", False], "x = 3"],
    [" Source: assistant", "\nEOT: true"],
    ["\nSource: user\n", "Destination: user", "\n\n Thanks."],
]


BEGINNINGS = [
    [],
    [" Source: assistant", "\nDestination: user\n\n "],
    ["<step> Source: assistant\nEOT: true\n"],
]


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=str)
@pytest.mark.parametrize("ending", ENDINGS, ids=str)
async def test_what_an_action_takes(beginning, ending):
    region = Excerpt("a.py", "python", "", "", "x = not not a\n")
    choice = Choice(BY_ID["simplify"], region)
    question = acting.ask(choice, CHAT, len, INFO)
    speaker = Speaker([*beginning, "x = bool", "(a)", *ending])
    answer = await listen(
        speaker,
        question.prompt,
        explicit=True,
        complete=lambda text: acting.complete(text, question, choice),
    )
    assert acting.read(answer.text, question, choice, whole=answer.whole).text == "x = bool(a)\n"
