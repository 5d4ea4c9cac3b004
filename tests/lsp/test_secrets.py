"""Secrets in a document, from the editor to the model and back."""

import random
import re

import pytest

from arriero import app
from arriero.lsp.client import CAPABILITIES
from benchmarks import made_up
from desk import Desk

KEY = made_up.of(("ghijkl0123456789", 20), "7xY", (made_up.ALNUM, 9))(random.Random(7))
FILE = f'API_TOKEN = "{KEY}"\n\n\n'


async def placeholder(desk) -> str:
    """Return the word that stands for the secret in what would be asked at the cursor."""
    params = {"uri": desk.uri, "position": desk.cursor._asdict()}
    text = (await desk.client.request("arriero/prompt", params))["text"]
    assert KEY not in text
    return re.search(r"REDACTED_\w+", text)[0]


def test_every_process_has_placeholders_of_its_own():
    names = {app.redactor().placeholder(KEY) for _ in range(3)}
    assert len(names) == 3


async def test_a_suggestion_has_the_secret_and_the_model_never_saw_it(desk):
    desk.open(f"{FILE}headers = {{‸\n")
    word = await placeholder(desk)
    desk.model.replies = [f'"token": "{word}"}}\n```']  # in pieces of five characters
    assert await desk.suggestion() == f'"token": "{KEY}"}}'
    assert not any(KEY in prompt for prompt in desk.model.prompts)


async def test_a_suggestion_is_the_same_for_every_key(desk):
    desk.open(f"{FILE}headers = ‸\n")
    word = await placeholder(desk)
    desk.type("{")
    assert await placeholder(desk) == word


@pytest.mark.parametrize(
    "spoil", [str.lower, lambda word: word[:-1], lambda word: word[:-1] + "x_"]
)
async def test_a_line_with_a_spoiled_placeholder_is_not_suggested(desk, spoil):
    desk.open(f"{FILE}def headers():\n    ‸\n")
    word = spoil(await placeholder(desk))
    desk.model.replies = [f'\n    name = "a"\n    return {{name: "{word}"}}\n```']
    assert await desk.suggestion() == 'name = "a"'


@pytest.mark.parametrize("explicit", [True, False])
async def test_while_a_secret_is_typed_nothing_is_sent(desk, explicit):
    desk.open(f'API_TOKEN = "{KEY}‸"\n')
    asked = desk.suggestion if explicit else desk.suggestion_while_typing
    assert await asked() is None
    assert desk.model.prompts == []
    assert [m for m in desk.messages if "at what looks like a secret" in m] == (
        desk.messages if explicit else []
    )
    assert bool(desk.messages) == explicit


async def test_an_action_gives_the_secrets_back_where_they_were(desk):
    desk.open(f"{FILE}⟦def head(name):\n    return {{name: '{KEY}'}}⟧\n")
    word = await placeholder(desk)
    desk.model.replies = [f"def head(n):\n    return {{n: '{word}'}}\n```"]
    assert (await desk.choose("names"))["applied"]
    assert desk.text == f"{FILE}def head(n):\n    return {{n: '{KEY}'}}\n"
    assert KEY not in desk.model.prompts[-1]


async def test_an_action_with_a_spoiled_placeholder_changes_nothing(desk):
    desk.open(f"{FILE}⟦def head(name):\n    return {{name: '{KEY}'}}⟧\n")
    word = await placeholder(desk)
    desk.model.replies = [f"def head(n):\n    return {{n: '{word[:-2]}'}}\n```"]
    result = await desk.choose("names")
    assert "spoils a placeholder" in result["reason"]
    assert f"name: '{KEY}'" in desk.text


async def test_problems_and_instructions_go_without_secrets(tmp_path):
    asks = {**CAPABILITIES, "experimental": {"arriero": {"instructions": True}}}
    async with Desk.at(tmp_path, capabilities=asks) as desk:
        desk.open("⟦x = 1⟧\n")
        desk.model.replies = ["x = 2\n```", "x = 3\n```"]
        await desk.choose("fix", problem=f'bad token: "{KEY}"')
        item = await desk.offered("edit")
        [ticket] = item["command"]["arguments"]
        told = {**ticket, "instruction": f'Set api_key = "{KEY}" here.'}
        await desk.client.execute(item["command"]["command"], [told])
        assert len(desk.model.prompts) == 2
        for prompt in desk.model.prompts:
            assert KEY not in prompt
            assert "REDACTED_" in prompt


async def test_the_complaint_about_an_answer_goes_without_secrets(desk):
    desk.open(f"{FILE}⟦def head(name):\n    return '{KEY}'⟧\n")
    word = await placeholder(desk)
    desk.model.replies = [f"def head(n):\n    return '{word}' (\n```"] * 2
    assert not (await desk.choose("names"))["applied"]
    first, second = desk.model.prompts
    assert word in second.partition("cannot be used")[2]
    assert KEY not in first + second


async def test_prose_keeps_the_placeholder(desk):
    desk.open(f"⟦{FILE}⟧x = 1\n")
    word = await placeholder(desk)
    desk.model.replies = [f"The token {word} is written into the file."]
    assert (await desk.choose("explain"))["text"] == f"The token {word} is written into the file."
