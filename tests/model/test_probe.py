"""Tokens that a server tells, and messages that are parted into what came and what to do."""

import json

import pytest

from arriero.errors import Unreachable, WrongAddress
from arriero.model.finding import failed
from arriero.model.reference import DIALOG, Rendered
from arriero.model.tgi import Tgi
from model.rawserver import RawServer, plain

TOKENS = plain("200 OK", '[{"id":1,"text":"<s>","start":0,"stop":0},{"id":29916}]')
CHAT = plain("200 OK", '{"tokenize_response":[{"id":1},{"id":7562}],"templated_text":"<s>S"}')


async def test_tokens_of_a_text_and_of_a_dialog():
    async with RawServer(TOKENS, CHAT) as server:
        tgi = Tgi(server.endpoint())
        assert await tgi.tokenize("x") == (1, 29916)
        assert await tgi.chat_tokenize(DIALOG) == Rendered("<s>S", (1, 7562))
        await tgi.close()
        bodies = [request.json for request in server.requests]
    assert bodies == [{"inputs": "x"}, {"messages": list(DIALOG)}]


@pytest.mark.parametrize("answer", [{"tokens": 1}, {"tokenize_response": [{}]}, [], "x"])
async def test_tokens_of_another_form_are_not_tgis(answer):
    async with RawServer(plain("200 OK", json.dumps(answer))) as server:
        tgi = Tgi(server.endpoint())
        with pytest.raises(WrongAddress):
            await tgi.chat_tokenize(DIALOG)
        await tgi.close()


@pytest.mark.parametrize(
    ("message", "came", "do"),
    [
        ("It is gone. Start it.", "It is gone.", "Start it."),
        ("It failed (a. B c). Try. Or not.", "It failed (a. B c).", "Try. Or not."),
        ("At 127.0.0.1:80 v1.2 is no one. Look.", "At 127.0.0.1:80 v1.2 is no one.", "Look."),
        ("It is a smile :-) Now. Go.", "It is a smile :-) Now.", "Go."),
        ("Alone.", "Alone.", ""),
    ],
)
def test_a_message_is_parted_where_its_advice_begins(message, came, do):
    finding = failed("q", "t", Unreachable(message))
    assert (finding.came, finding.do, finding.state) == (came, do, "bad")
