"""The drivers read what TGI said in real runs.

They ask for streams of one answer. So the answers that were recorded in one piece are cut into the
events of a stream, and of several answers the first is taken.
"""

from __future__ import annotations

import json

import pytest

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Turn
from arriero.model.openai import OpenAi
from arriero.model.tgi import Tgi
from contract import description
from contract.test_recorded import REQUESTS
from model.driving import everything
from model.rawserver import RawServer, event, plain, stream

pytestmark = pytest.mark.contract

PROMPT = Prompt("Test request", stop=("</s>",), end_ids=frozenset({2}), max_new_tokens=100)
CHAT = Prompt("Hello", (), frozenset(), 100, turns=(Turn("user", "Hello"),))
MODELS = plain("200 OK", '{"object":"list","data":[{"id":"m","object":"model","owned_by":"m"}]}')

# OpenAI's names of the reasons why an answer ends, and TGI's.
REASONS = {"stop": "eos_token"}


@pytest.mark.parametrize("name", [name for name, (route, _) in REQUESTS.items() if "/v1" in route])
async def test_an_answer_of_openais_routes_is_read(name):
    events = as_events(recorded(name))
    async with RawServer(MODELS, stream(*map(event, events))) as server:
        driver = OpenAi(server.endpoint())
        items, error = await everything(driver, CHAT if is_chat(events) else PROMPT)
        await driver.close()
    choices = [each["choices"][0] for each in events if each["choices"]]
    said = [each["delta"]["content"] if "delta" in each else each["text"] for each in choices]
    check(items, error, "".join(said), choices[-1]["finish_reason"])
    told = [each["usage"]["completion_tokens"] for each in events if each.get("usage")]
    assert items[-1].generated_tokens in (told or [None])


@pytest.mark.parametrize(
    "name", [name for name, (route, _) in REQUESTS.items() if "/v1" not in route]
)
async def test_an_answer_of_generate_is_read(name):
    whole = recorded(name)
    details = whole["details"]
    *before, last = [
        {"index": place, "token": token, "generated_text": None, "details": None}
        for place, token in enumerate(details["tokens"], 1)
    ]
    ending = {key: details[key] for key in ("finish_reason", "generated_tokens", "seed")}
    last |= {"generated_text": whole["generated_text"], "details": ending}
    async with RawServer(stream(*map(event, [*before, last]))) as server:
        driver = Tgi(server.endpoint())
        items, error = await everything(driver, PROMPT)
        await driver.close()
    said = "".join(token["text"] for token in details["tokens"])
    check(items, error, said, details["finish_reason"])
    assert items[-1].generated_tokens == details["generated_tokens"]
    read = [(item.id, item.special, item.logprob) for item in items if isinstance(item, Piece)]
    assert read == [
        (token["id"], token["special"], token["logprob"]) for token in details["tokens"]
    ]


def check(items, error, text: str, reason: str) -> None:
    assert error is None
    *pieces, end = items
    assert isinstance(end, End)
    assert "".join(piece.text for piece in pieces) == text
    assert end.reason == REASONS.get(reason, reason)


def recorded(name: str):
    return json.loads((description.data() / "recorded" / f"{name}.json").read_text("utf-8"))


def as_events(answer) -> list[dict]:
    """Return an answer as the events of a stream that holds its first choice only."""
    if isinstance(answer, list):
        return [each for each in answer if not each["choices"] or each["choices"][0]["index"] == 0]
    [choice] = [each for each in answer["choices"] if each["index"] == 0]
    if "message" in choice:
        choice = {**choice, "delta": choice["message"]}
    return [{**answer, "choices": [choice]}]


def is_chat(events: list[dict]) -> bool:
    return "delta" in events[0]["choices"][0]
