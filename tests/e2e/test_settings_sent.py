"""What the settings say of an answer is what the model server is sent."""

from __future__ import annotations

import json

import pytest

from arriero.core.models import CODELLAMA_70B_INSTRUCT
from arriero.settings import SYSTEM_PROMPT
from e2e.house import in_memory, settings
from model.rawserver import OK, RawServer, plain

INFO = {"model_id": CODELLAMA_70B_INSTRUCT, "max_input_tokens": 3000, "max_total_tokens": 4096}
SAMPLING = ("do_sample", "temperature", "top_p", "top_k", "seed")
LINE = "x = ‸\n"
BLOCK = "def f():\n    ‸\n"


class TgiServer(RawServer):
    """Says the same whatever it is asked for."""

    def answer(self, request):
        if request.path == "/generate_stream":
            return OK
        return plain("200 OK", json.dumps(INFO if request.path == "/info" else []))


async def sent(tmp_path, marked: str, *times: str, **told: object) -> list[dict]:
    """Ask for a suggestion so many times; return the requests for an answer."""
    async with TgiServer() as server:
        async with in_memory(tmp_path, settings(server.url, backend="tgi", **told)) as desk:
            desk.open(marked)
            for time in times:
                await (desk.suggestion() if time == "by hand" else desk.suggestion_while_typing())
        return [each.json for each in server.requests if each.path == "/generate_stream"]


def sampling(request: dict) -> dict:
    return {name: value for name, value in request["parameters"].items() if name in SAMPLING}


@pytest.mark.parametrize(
    ("marked", "told", "tokens"),
    [
        (LINE, {}, 64),
        (BLOCK, {}, 200),
        (LINE, {"completion": {"one_line_tokens": 10}}, 10),
        (BLOCK, {"completion": {"one_line_tokens": 10}}, 200),
        (BLOCK, {"max_new_tokens": 20}, 20),
        (LINE, {"max_new_tokens": 20}, 20),
    ],
)
async def test_how_much_is_asked_for(tmp_path, marked, told, tokens):
    [request] = await sent(tmp_path, marked, "by hand", **told)
    assert request["parameters"]["max_new_tokens"] == tokens


@pytest.mark.parametrize(
    ("told", "system"), [({}, SYSTEM_PROMPT), ({"system_prompt": "Be brief."}, "Be brief.")]
)
async def test_what_the_model_is_told_it_is(tmp_path, told, system):
    [request] = await sent(tmp_path, LINE, "by hand", **told)
    assert request["inputs"].startswith(f"Source: system\n\n {system} <step> Source: user")


@pytest.mark.parametrize("time", ["by hand", "while typing"])
async def test_the_first_answer_is_the_likeliest(tmp_path, time):
    told = {"sampling": {"temperature": 1, "top_p": 0.5, "seed": 7}}
    [request] = await sent(tmp_path, LINE, time, **told)
    assert sampling(request) == {"do_sample": False}


async def test_whoever_asks_again_gets_others(tmp_path):
    first, *others = await sent(tmp_path, LINE, *["by hand"] * 3)
    assert sampling(first) == {"do_sample": False}
    drawn = {"do_sample": True, "temperature": 0.2, "top_p": 0.9}
    assert [sampling(each) for each in others] == [drawn | {"seed": 1}, drawn | {"seed": 2}]
    assert {each["inputs"] for each in others} == {first["inputs"]}


async def test_how_others_are_chosen_is_set(tmp_path):
    told = {"sampling": {"temperature": 1.5, "top_p": 0.5, "seed": 40}}
    _, other = await sent(tmp_path, LINE, "by hand", "by hand", **told)
    chosen = {"do_sample": True, "temperature": 1.5, "top_p": 0.5, "seed": 40}
    assert sampling(other) == chosen


async def test_typing_never_asks_again(tmp_path):
    assert len(await sent(tmp_path, LINE, *["while typing"] * 3)) == 1
    assert len(await sent(tmp_path, LINE, "by hand", "while typing")) == 1
    assert len(await sent(tmp_path, LINE, "while typing", "by hand")) == 1
