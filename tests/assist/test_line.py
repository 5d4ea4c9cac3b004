"""The lines to models: one for what people ask for, another while they type, keys that run out."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from arriero.assist.line import Line
from arriero.errors import WrongKey
from arriero.settings import ModelServer, Settings
from desk import Desk, ScriptedModel

BOTH = {
    "url": "http://big",
    "typing": {"url": "http://small", "model": "codellama/CodeLlama-7b-hf"},
}


@asynccontextmanager
async def two(tmp_path):
    """A desk where the address decides which model answers."""
    models = {"http://big": ScriptedModel(), "http://small": ScriptedModel()}

    async def connect(settings):
        return models[settings.url]

    async with Desk.at(tmp_path, settings=BOTH, connect=connect) as desk:
        yield desk, models["http://big"], models["http://small"]


async def test_typing_asks_the_small_model_and_who_asks_the_big_one(tmp_path):
    async with two(tmp_path) as (desk, big, small):
        small.replies, big.replies = [" 1\n"], [" 2\n"]
        desk.open("x = ‸\n")
        assert await desk.suggestion_while_typing() == "1"
        assert (len(small.prompts), len(big.prompts)) == (1, 0)
        assert "Source:" not in small.prompts[0]  # it is written to in its own format
        desk.open("y = ‸\n", "other.py")
        assert await desk.suggestion() == "2"
        assert (len(small.prompts), len(big.prompts)) == (1, 1)
    assert (small.closed, big.closed) == (True, True)


async def test_the_status_tells_of_both(tmp_path):
    async with two(tmp_path) as (desk, big, small):
        assert "typing" not in await desk.client.request("arriero/status", {})
        small.replies = [" 1\n"]
        desk.open("x = ‸\n")
        await desk.suggestion_while_typing()
        told = await desk.client.request("arriero/status", {})
    assert (told["model"], told["dialect"]) == (big.about.id, "source_destination")
    assert told["typing"] == {
        "backend": small.about.backend,
        "url": small.about.url,
        "model": BOTH["typing"]["model"],
        "dialect": "infill",
        "max_total_tokens": small.about.max_total_tokens,
    }


async def test_with_one_model_the_status_tells_of_one(tmp_path):
    model = ScriptedModel()
    model.replies = [" 1\n"]
    async with Desk.at(tmp_path, model=model) as desk:
        desk.open("x = ‸\n")
        await desk.suggestion_while_typing()
        told = await desk.client.request("arriero/status", {})
    assert told["last"]["tokens"]
    assert "typing" not in told


def test_without_an_address_of_its_own_typing_has_no_model_of_its_own():
    assert Settings().while_typing() is None
    other = Settings(typing=ModelServer(url="http://small", dialect="plain")).while_typing()
    assert (other.url, other.dialect, other.model) == ("http://small", "plain", "")


@pytest.mark.parametrize(("error", "connections"), [(WrongKey("no"), 2), (None, 1)])
async def test_a_key_that_was_refused_is_looked_up_again(error, connections):
    made = []

    async def connect(settings):
        made.append(ScriptedModel())
        return made[-1]

    line = Line(Settings(), connect)
    await line.meet()
    if error:
        line.failed(error)
    with line.used():
        await line.meet()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not made[0].closed  # somebody is still listening
    await line.close()
    assert len(made) == connections
    assert all(model.closed for model in made)
