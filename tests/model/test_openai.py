"""vLLM, SGLang, llama.cpp's server and their like: what they are sent, and what comes of it."""

import asyncio
import json

import pytest

from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Sampling, Turn
from arriero.errors import (
    GenerationFailed,
    Interrupted,
    Overloaded,
    TooLong,
    WrongAddress,
    WrongKey,
)
from arriero.model import kinds
from arriero.model.openai import OpenAi
from arriero.model.probe import probe
from arriero.model.remote import Remote
from arriero.model.tgi import Tgi
from arriero.model.tokens import estimate
from arriero.settings import Settings
from model.driving import everything
from model.rawserver import HEAD, PROMPT, RawServer, Then, event, plain, stream

NOT_THERE = plain("404 Not Found", '{"detail":"Not Found"}')
DONE = b"data: [DONE]\n\n"


def models(owner: str, **more) -> tuple[bytes]:
    listed = {"id": "m", "object": "model", "owned_by": owner, **more}
    return plain("200 OK", json.dumps({"object": "list", "data": [listed]}))


def text(said: str, finish: str | None = None, **more) -> bytes:
    choice = {"index": 0, "text": said, "logprobs": None, "finish_reason": finish, **more}
    return event({"id": "c", "object": "text_completion", "choices": [choice]})


def usage(tokens: int) -> bytes:
    return event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": tokens}})


def delta(said: dict, finish: str | None = None) -> bytes:
    return event({"choices": [{"index": 0, "delta": said, "finish_reason": finish}]})


VLLM = models("vllm", max_model_len=2048)
SGLANG = models("sglang", max_model_len=2048)
LLAMA = models("llamacpp", meta={"n_ctx_train": 16384})
PROPS = plain("200 OK", '{"default_generation_settings":{"n_ctx":1024}}')


async def asked(*answers, prompt: Prompt = PROMPT, **more):
    """Ask a server that answers so; give its requests, the items, and the error at the end."""
    async with RawServer(*answers) as server:
        driver = OpenAi(server.endpoint(), **more)
        items, error = await everything(driver, prompt)
        await driver.close()
    return server, items, error


# What kind of server it is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "kind", "total", "at_most"),
    [
        ([NOT_THERE, VLLM], "vllm", 2048, 1536),
        ([NOT_THERE, SGLANG], "sglang", 2048, 1536),
        ([NOT_THERE, LLAMA, PROPS], "llama.cpp", 1024, 512),
        ([NOT_THERE, LLAMA, NOT_THERE], "llama.cpp", 4096, 3584),
        ([NOT_THERE, models("me")], "openai", 4096, 3584),
        ([plain("200 OK", "{}"), VLLM], "vllm", 2048, 1536),
    ],
)
async def test_kind_and_limits_are_found_by_asking(answers, kind, total, at_most):
    async with RawServer(*answers) as server:
        remote = Remote(server.endpoint())
        info = await remote.info()
        await remote.close()
    told = (info.id, info.backend, info.max_total_tokens, info.max_input_tokens)
    assert told == ("m", kind, total, at_most)


async def test_a_path_with_v1_is_the_same_address():
    async with RawServer(NOT_THERE, VLLM) as server:
        remote = Remote(server.endpoint())
        driver = OpenAi(type(server.endpoint())(server.url + "/v1/"))
        assert driver.endpoint.url == server.url
        await remote.close()


@pytest.mark.parametrize(("kind", "driver"), [("tgi", Tgi), ("vllm", OpenAi), ("openai", OpenAi)])
async def test_a_kind_that_is_named_is_not_looked_for(kind, driver):
    async with RawServer(NOT_THERE) as server:
        remote = Remote(server.endpoint(), kind=kind)
        assert isinstance(await remote.driver(), driver)
        await remote.close()
    assert server.requests == []


async def test_what_is_no_model_server_at_all_is_told_by_the_first_question():
    async with RawServer(NOT_THERE) as server:
        remote = Remote(server.endpoint())
        with pytest.raises(WrongAddress, match=r"/info gives 404 Not Found\. Set ARRIERO_URL"):
            await remote.info()
        await remote.close()
    assert [request.path for request in server.requests] == ["/info", "/v1/models"]


async def test_a_refused_key_ends_the_search():
    async with RawServer(plain("401 Unauthorized")) as server:
        remote = Remote(server.endpoint())
        with pytest.raises(WrongKey):
            await remote.info()
        await remote.close()
    assert len(server.requests) == 1


async def test_another_kind_of_server_at_the_same_address_is_found_again():
    async with RawServer(NOT_THERE, VLLM, (HEAD, Then.CUT), NOT_THERE, NOT_THERE, SGLANG) as server:
        remote = Remote(server.endpoint())
        assert (await remote.info()).backend == "vllm"
        assert isinstance((await everything(remote))[1], Interrupted)
        with pytest.raises(WrongAddress):
            await remote.info()
        assert (await remote.info()).backend == "sglang"
        await remote.close()


# What is sent -------------------------------------------------------------------------------------

OK = stream(text("a"), text("", "stop"), DONE)


async def sent(models_answer, prompt=PROMPT, **more):
    server, _, error = await asked(
        models_answer, *([PROPS] * (models_answer is LLAMA)), OK, prompt=prompt, **more
    )
    assert error is None
    return server.requests[-1].path, server.requests[-1].json


GREEDY = {
    "model": "m",
    "stream": True,
    "max_tokens": 8,
    "temperature": 0,
    "stop": ["<step>", "</s>"],
    "prompt": "x = ",
}
BY_ID = {"stop_token_ids": [2], "stream_options": {"include_usage": True}}


@pytest.mark.parametrize(
    ("server", "body"),
    [(VLLM, GREEDY | BY_ID), (SGLANG, GREEDY | BY_ID), (LLAMA, GREEDY), (models("me"), GREEDY)],
    ids=["vllm", "sglang", "llama.cpp", "other"],
)
async def test_each_kind_is_asked_for_greedy_text_in_its_own_words(server, body):
    assert await sent(server) == ("/v1/completions", body)


async def test_sampling_is_passed_on():
    prompt = Prompt("x", (), frozenset(), 8, Sampling(0.2, 0.95, seed=0))
    _, body = await sent(VLLM, prompt)
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.2, 0.95, 0)


TURNS = (Turn("user", "Go on."), Turn("assistant", "x ="))
MESSAGES = [{"role": "user", "content": "Go on."}, {"role": "assistant", "content": "x ="}]


@pytest.mark.parametrize(("server", "told"), [(VLLM, True), (LLAMA, None)])
async def test_turns_go_to_the_chat_route_and_an_answer_that_is_begun_goes_on(server, told):
    path, body = await sent(server, Prompt("", (), frozenset(), 8, turns=TURNS))
    assert (path, body["messages"]) == ("/v1/chat/completions", MESSAGES)
    assert "prompt" not in body
    assert body.get("continue_final_message") == told


async def test_the_model_that_is_named_is_asked_for_where_the_server_has_it():
    two = plain("200 OK", '{"data":[{"id":"a"},{"id":"b"}]}')
    assert (await sent(two, model="b"))[1]["model"] == "b"
    assert (await sent(two, model="c"))[1]["model"] == "a"


# What comes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([text("a"), text("b", "stop", stop_reason=None), usage(2)], ["a", "b", ("eos_token", 2)]),
        ([text("a"), text("", "stop", stop_reason="\n```"), usage(2)], ["a", ("stop_sequence", 2)]),
        ([text("a"), text("", "stop", stop_reason=32015)], ["a", ("eos_token", None)]),
        (
            [text("a", matched_stop=None), text("", "stop", matched_stop="x")],
            ["a", ("stop_sequence", None)],
        ),
        ([text("a", ""), text("b", "length")], ["a", "b", ("length", None)]),
        ([text("", "stop")], [("eos_token", None)]),
        (
            [delta({"role": "assistant"}), delta({"content": "a"}), delta({}, "stop")],
            ["a", ("eos_token", None)],
        ),
    ],
)
async def test_pieces_and_the_end(events, expected):
    _, items, error = await asked(VLLM, stream(*events, DONE))
    shown = [
        item.text if isinstance(item, Piece) else (item.reason, item.generated_tokens)
        for item in items
    ]
    assert (shown, error) == (expected, None)


MESSAGE = "This model's maximum context length is 2048 tokens. However, you requested 3000."
LLAMA_SAYS = "the request exceeds the available context size, try increasing it"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (plain("400 X", json.dumps({"error": {"message": MESSAGE, "code": 400}})), TooLong, "2048"),
        (plain("400 X", json.dumps({"object": "error", "message": MESSAGE})), TooLong, "2048"),
        (plain("400 X", json.dumps({"error": {"code": 400, "message": LLAMA_SAYS}})), TooLong, ""),
        (plain("500 X", json.dumps({"error": {"message": MESSAGE}})), TooLong, "2048"),
        (plain("404 X", '{"error":{"message":"The model `m` does not exist."}}'), WrongAddress, ""),
        (plain("503 X", '{"error":{"code":503,"message":"Loading model"}}'), Overloaded, "Loading"),
        (stream(text("a"), event({"error": {"message": "CUDA"}})), GenerationFailed, "(CUDA)"),
        (stream(event({"error": {"message": "full", "code": 503}})), Overloaded, "(full)"),
        (stream(event({"object": "error", "message": "oh"})), GenerationFailed, "(oh)"),
        (stream(text("a", "abort")), GenerationFailed, "aborted"),
        (stream(text("a"), DONE), Interrupted, ""),
        (stream(event({"token": {"text": "a"}})), WrongAddress, "events of another kind"),
        (stream(event({"choices": ["a"]})), WrongAddress, ""),
        (stream(event({"choices": [{"text": 1}]})), WrongAddress, ""),
    ],
)
async def test_every_failure_is_one_of_the_tree(answer, kind, words):
    _, _, error = await asked(VLLM, answer)
    assert type(error) is kind
    assert words in str(error)


async def test_one_connection_serves_one_request_after_another():
    async with RawServer(VLLM, OK) as server:
        driver = OpenAi(server.endpoint())
        for _ in range(20):
            assert (await everything(driver))[0][-1] == End("eos_token")
        await driver.close()
    assert server.connections == 1


# What the doctor asks -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("models_answer", "answers", "ids"),
    [
        (VLLM, [plain("200 OK", '{"count":2,"tokens":[1,7]}')], (1, 7)),
        (LLAMA, [PROPS, plain("200 OK", '{"tokens":[1,7]}')], (1, 7)),
        (SGLANG, [plain("200 OK", '{"count":2,"tokens":[1,7]}')], (1, 7)),
        (SGLANG, [plain("404 Not Found", "{}")], None),  # before it had the route
        (models("me"), [], None),
    ],
)
async def test_token_ids_where_the_server_tells_them(models_answer, answers, ids):
    async with RawServer(models_answer, *answers) as server:
        driver = OpenAi(server.endpoint())
        assert await driver.tokenize("x") == ids
        await driver.close()


TOKENS = '{"tokens":[1,9,13,13,13,13]}', '{"tokens":[1,9,13,5,6,7,8,5,6,7,8,5,6,7,8,5,6,7,8]}'


@pytest.mark.parametrize(
    ("models_answer", "sent"),
    [
        (VLLM, {"model": "m", "prompt": "\nreturn abc"}),
        (SGLANG, {"model": "m", "prompt": "\nreturn abc"}),
        (
            LLAMA,
            {"model": "m", "content": "\nreturn abc", "add_special": True, "parse_special": True},
        ),
    ],
)
async def test_the_server_counts_lines_once_they_came(models_answer, sent):
    props = [PROPS] if models_answer is LLAMA else []
    counts = [plain("200 OK", each) for each in TOKENS]
    async with RawServer(models_answer, *props, *counts) as server:
        driver = OpenAi(server.endpoint())
        await driver.info()
        assert driver.count("return abc") == estimate("return abc")
        learning = [each for each in asyncio.all_tasks() if "_learn" in repr(each.get_coro())]
        await asyncio.gather(*learning)
        assert driver.count("return abc") == 16
        await driver.close()
    assert server.requests[-1].path == "/tokenize"
    assert server.requests[-1].json == sent


@pytest.mark.parametrize("kind", [kind.name for kind in kinds.KINDS])
async def test_the_doctor_knows_each_kind(kind):
    owner = kinds.BY_NAME[kind].owner or "me"
    first = [models(owner, max_model_len=2048)]
    rest = [plain("200 OK")] if kind != "openai" else []
    key = [plain("200 OK", '{"tokens":[1]}')] if kinds.BY_NAME[kind].tokenized else first
    async with RawServer(*first, *rest, *key) as server:
        driver = OpenAi(server.endpoint())
        found = {each.question: each async for each in probe(driver, Settings())}
        await driver.close()
    assert [found[question].state for question in ("kind", "health", "key")] == ["good"] * 3
    assert found["kind"].came == f"It is {kind}."
