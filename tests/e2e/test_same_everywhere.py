"""The same question gets the same answer, whichever way the editor and the server speak.

tests/editors/test_journey.py asks the same in real editors.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from arriero.core import dialects
from e2e.house import backend, in_memory, over_stdio, over_tcp, settings
from e2e.truth import (
    BEHIND_A_STEP,
    BEHIND_WIDE_LETTERS,
    DOCUMENTATION,
    REST_OF_LINE,
    TRUTH,
    without,
    write,
)

WAYS = (in_memory, over_stdio, over_tcp)


@pytest.fixture
async def model(tmp_path):
    write(tmp_path / "truth")
    async with backend(tmp_path / "truth") as model:
        yield model


async def suggested(way, root, model, missing: str) -> str | None:
    """Return what is suggested where this is missing."""
    async with way(root, settings(model.url)) as desk:
        desk.open(without(missing), "paths.py")
        return await desk.suggestion()


async def documented(way, root, model) -> str:
    """Return the text after the action has written the missing documentation."""
    async with way(root, settings(model.url)) as desk:
        desk.open(without(DOCUMENTATION), "paths.py")
        await desk.choose("document")
        assert desk.messages == []
        return desk.text


# Every way ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("missing", [REST_OF_LINE, BEHIND_WIDE_LETTERS])
async def test_suggestion(way, missing, tmp_path, model):
    assert await suggested(way, tmp_path, model, missing) == missing


@pytest.mark.parametrize("way", WAYS)
async def test_action(way, tmp_path, model):
    assert await documented(way, tmp_path, model) == TRUTH


async def test_every_way_sends_the_same_prompts(tmp_path, model):
    for way in WAYS:
        await suggested(way, tmp_path, model, REST_OF_LINE)
        await documented(way, tmp_path, model)
    first_of_each, second_of_each = model.prompts[::2], model.prompts[1::2]
    assert len(set(first_of_each)) == len(set(second_of_each)) == 1


# The end of the answer ----------------------------------------------------------------------------


@pytest.mark.parametrize("hidden_step", [False, True])
@pytest.mark.parametrize("leak", [False, True])
async def test_end_is_found_whether_it_is_text_or_a_special_token(
    hidden_step, leak, tmp_path, model
):
    model.order(hidden_step=hidden_step, leak=leak)
    assert await suggested(in_memory, tmp_path, model, REST_OF_LINE) == REST_OF_LINE
    assert await documented(in_memory, tmp_path, model) == TRUTH


async def test_end_of_a_turn_in_the_persons_code_is_code(tmp_path, model):
    assert await suggested(in_memory, tmp_path, model, BEHIND_A_STEP) == BEHIND_A_STEP


# A frame that is not exactly the model's never gets the truth -------------------------------------

REPLY = "Source: assistant\nDestination: user\n\n "


def doubled_begin(prompt: str) -> str:
    return "<s>" + prompt


def no_system_turn(prompt: str) -> str:
    return prompt.partition("<step> ")[2]


def no_last_space(prompt: str) -> str:
    return prompt.replace(REPLY, REPLY.rstrip(" "))


def no_reply_header(prompt: str) -> str:
    return prompt.replace(REPLY, "")


def no_space_before_the_text(prompt: str) -> str:
    return prompt.replace("Source: user\n\n ", "Source: user\n\n")


def no_end_of_turn(prompt: str) -> str:
    return prompt.replace(" <step> Source: assistant", " Source: assistant")


def special_token_left_in_the_code(prompt: str) -> str:
    return prompt.replace("<\u200bstep>", "<step>")


BROKEN = (
    doubled_begin,
    no_system_turn,
    no_last_space,
    no_reply_header,
    no_space_before_the_text,
    no_end_of_turn,
    special_token_left_in_the_code,
)


@pytest.mark.parametrize("broken", BROKEN)
async def test_broken_frame(broken, tmp_path, model, monkeypatch):
    intact = dialects.BY_NAME["source_destination"]

    whole = set()

    def render(turns, prefill=""):
        prompt = intact.render(turns, prefill)
        whole.add(prompt)
        return broken(prompt)

    broken_one = replace(intact, render=render)
    monkeypatch.setitem(dialects.BY_NAME, "source_destination", broken_one)

    assert await suggested(in_memory, tmp_path, model, REST_OF_LINE) != REST_OF_LINE
    async with in_memory(tmp_path, settings(model.url)) as desk:
        desk.open(without(DOCUMENTATION), "paths.py")
        result = await desk.choose("document")
        assert not result["applied"]
        assert desk.messages == [result["reason"]]
    assert len(model.prompts) == 2
    assert not whole.intersection(model.prompts)
