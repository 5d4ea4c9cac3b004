"""What `arriero doctor` learns of a server."""

import json

import pytest

from arriero.errors import WrongAddress
from arriero.model.probe import probe
from arriero.model.reference import DIALOG, Rendered
from arriero.model.tgi import Tgi
from model.rawserver import RawServer, plain

HEALTHY = plain("200 OK")
INFO = plain(
    "200 OK",
    '{"model_id":"m","router":"r","version":"3.3.7","max_input_tokens":3,"max_total_tokens":4}',
)
TOKENS = plain("200 OK", '[{"id":1,"text":"<s>","start":0,"stop":0},{"id":29916}]')
CHAT = plain("200 OK", '{"tokenize_response":[{"id":1},{"id":7562}],"templated_text":"<s>S"}')


async def check(answers, *said, key: str = "") -> None:
    """Let a server answer so; read these findings, the last one bad if it starts with a cross."""
    async with RawServer(*answers) as server:
        tgi = Tgi(server.endpoint(key=key))
        found = [(finding.good, finding.said) async for finding in probe(tgi)]
        await tgi.close()
        found = [(good, text.replace(server.url, "URL")) for good, text in found]
    assert [f"{'' if good else '✗ '}{text}" for good, text in found] == list(said)


UP = "URL is up and says that it can generate."
MODEL = "m on tgi 3.3.7: 4 tokens in all, 3 of them for the prompt."


async def test_all_is_well():
    await check([HEALTHY, INFO, TOKENS], UP, MODEL, "No key is asked for.")
    await check([HEALTHY, INFO, TOKENS], UP, MODEL, "The key is accepted.", key="sesame")


async def test_a_wrong_key_is_found_though_info_is_open():
    await check(
        [HEALTHY, INFO, plain("401 Unauthorized")],
        UP,
        MODEL,
        "✗ URL asks for a key (401 Unauthorized). Set ARRIERO_API_KEY to it.",
    )


async def test_the_first_trouble_is_the_last_finding():
    await check(
        [plain("503 X", '{"error":"unhealthy","error_type":"healthcheck"}')],
        "✗ URL is busy or still loading (503 X: unhealthy). Try again in a moment.",
    )


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
