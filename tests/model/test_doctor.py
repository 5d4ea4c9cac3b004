"""What the doctor finds at servers of every kind and in every state: the cause, and what to do."""

from __future__ import annotations

import asyncio
import json
import sys
from math import inf

import pytest
from tenacity import wait_none

from arriero.model import doctor, reference, trial
from arriero.model.endpoint import Deadlines, Endpoint
from arriero.model.finding import Finding
from arriero.model.remote import Remote
from arriero.model.trial import RUNNING
from arriero.settings import Settings
from arriero_backend import contract
from engines import END, ScriptedEngine, on_loopback
from model.rawserver import HEAD, RawServer, chunk, event, plain, stream, token
from model.test_openai import DONE, text
from model.test_secure import EXPIRED, GOOD, SecureServer, authority

authority = authority  # the fixture of a trusted authority

CARDS = "codellama/CodeLlama-70b-Instruct-hf"
NOT_THERE = plain("404 Not Found", '{"detail":"Not Found"}')
PAGE = plain("200 OK", "<title>It works!</title>", "content-type: text/html")


def info(**more) -> tuple[bytes]:
    told = {"model_id": CARDS, "router": "text-generation-router", "version": "3.3.7"}
    limits = {"max_input_tokens": 3584, "max_total_tokens": 4096, "max_stop_sequences": 4}
    return plain("200 OK", json.dumps(told | limits | more))


def models(owner: str, id: str = CARDS, **more) -> tuple[bytes]:
    return plain("200 OK", json.dumps({"data": [{"id": id, "owned_by": owner, **more}]}))


class Routes(RawServer):
    """Answers each path in one way, and knows no others."""

    def __init__(self, **answers) -> None:
        super().__init__()
        self.routes = {f"/{path.replace('__', '/')}": answer for path, answer in answers.items()}

    def answer(self, request):
        return self.routes.get(request.path, NOT_THERE)


TGI = {
    "info": info(),
    "health": plain("200 OK"),
    "tokenize": plain("200 OK", json.dumps([{"id": 1}])),
    "generate_stream": stream(token(" a + b"), token("", reason="eos_token")),
    "metrics": plain("200 OK", "tgi_batch_current_size 0\n"),
}
SAYS = stream(text(" a + b"), text("", "stop"), DONE)
VLLM = {
    "v1__models": models("vllm", max_model_len=4096),
    "health": plain("200 OK"),
    "tokenize": plain("200 OK", '{"tokens":[1]}'),
    "v1__completions": SAYS,
}
SGLANG = {
    "v1__models": models("sglang", max_model_len=4096),
    "health": plain("200 OK"),
    "v1__completions": SAYS,
}
LLAMA = {
    "v1__models": models("llamacpp"),
    "props": plain("200 OK", '{"default_generation_settings":{"n_ctx":4096}}'),
    "health": plain("200 OK"),
    "tokenize": plain("200 OK", '{"tokens":[1]}'),
    "v1__completions": SAYS,
}


async def examined(endpoint: Endpoint, **settings) -> dict[str, Finding]:
    """Let the doctor look at a server; give the findings by their question."""
    told = Settings(url=endpoint.url, **settings)
    remote = Remote(endpoint, model=told.model)
    try:
        return {finding.question: finding async for finding in doctor.examine(remote, told)}
    finally:
        await remote.close()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr("arriero.model.retry.BACKOFF", wait_none())
    monkeypatch.setattr(trial, "LETS_GO", 0.2)


async def check(answers, question, state, came, do="", *, last=False, key="", **settings) -> None:
    """See one finding at a server with these routes; `last`: nothing is asked after it."""
    async with Routes(**answers) as server:
        found = await examined(server.endpoint(key=key), **settings)
    finding = found[question]
    assert finding.state == state, finding
    assert came in finding.came
    assert do in finding.do
    assert bool(finding.do) == bool(do)
    assert not last or list(found)[-1] == question


# Servers that are well ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "kind"),
    [(TGI, "tgi 3.3.7"), (VLLM, "vllm"), (SGLANG, "sglang"), (LLAMA, "llama.cpp")],
)
async def test_each_kind_is_known_and_works(answers, kind, monkeypatch):
    # However busy this computer is, it says nothing of a cache.
    monkeypatch.setattr(trial, "FELT", inf)
    async with Routes(**answers) as server:
        found = await examined(server.endpoint())
    assert found["kind"].came == f"It is {kind}."
    for question in ("name", "connection", "health", "key", "model", "limits", "stops"):
        assert found[question].state == "good", found[question]
    assert found["generation"].state == "good"
    assert "4096 tokens in all" in found["limits"].came
    # What these shapes do not tell is no good sign, and no bad one.
    assert {found[question].state for question in ("stop", "cancel", "prefix cache")} == {"open"}


async def test_sglang_may_not_tell_its_ids():
    await check(SGLANG, "tokens", "open", "does not tell its token ids")


CHATS = TGI | {"info": info(model_id="acme/Coder-chat")}
WRITTEN = plain(
    "200 OK",
    json.dumps(
        {"templated_text": "<s>", "tokenize_response": [{"id": id} for id in reference.IDS]}
    ),
)
UNWRITTEN = plain("422 X", '{"error":"template not found","error_type":"template_error"}')


@pytest.mark.parametrize(
    ("answers", "question", "state", "came", "do"),
    [
        (CHATS | {"chat_tokenize": WRITTEN}, "template", "good", "one takes 49 tokens", ""),
        (
            CHATS | {"chat_tokenize": UNWRITTEN},
            "template",
            "bad",
            "no chat template",
            "Set ARRIERO_",
        ),
        (CHATS, "template", "open", "tgi does not tell how it writes chats", ""),
        (VLLM | {"v1__models": models("vllm", "x-chat")}, "template", "open", "vllm does not", ""),
    ],
)
async def test_who_writes_chats(answers, question, state, came, do):
    await check(answers, question, state, came, do)


async def test_a_template_of_ones_own_will_do(tmp_path):
    answers = CHATS | {"chat_tokenize": UNWRITTEN}
    await check(answers, "template", "good", f"by the one of {tmp_path}", tokenizer=tmp_path)


async def test_nobody_asks_for_a_template_where_arriero_knows_the_format():
    async with Routes(**TGI | {"chat_tokenize": UNWRITTEN}) as server:
        assert "template" not in await examined(server.endpoint())


@pytest.mark.parametrize("ids", [reference.IDS, (1, 2)])
async def test_without_tokenize_the_chat_template_tells_the_ids(ids):
    told = {"templated_text": "", "tokenize_response": [{"id": id} for id in ids]}
    answers = {"tokenize": NOT_THERE, "chat_tokenize": plain("200 OK", json.dumps(told))}
    async with Routes(**TGI | answers) as server:
        found = await examined(server.endpoint())
    assert found["tokens"].state == ("good" if ids == reference.IDS else "bad")
    assert found["tokens"].tried.endswith("/chat_tokenize")
    assert (found["key"].state, found["generation"].state) == ("open", "good")


async def test_with_neither_nothing_is_compared():
    await check(TGI | {"tokenize": NOT_THERE}, "tokens", "open", "does not tell its token ids")


# What can be wrong --------------------------------------------------------------------------------


async def test_nothing_listens():
    async with RawServer() as gone:
        pass
    found = await examined(gone.endpoint())
    assert (found["connection"].state, list(found)[-1]) == ("bad", "connection")
    assert found["connection"].came == "Nothing listens there."
    assert "TGI listens only once the model is loaded" in found["connection"].do


async def test_a_name_that_nobody_knows():
    found = await examined(Endpoint("http://gpu.invalid:8080"))
    assert found["name"].came == "The name is not known here."
    assert list(found) == ["name"]


async def test_a_host_that_never_answers(monkeypatch):
    async def never(*_, **__):
        await asyncio.Event().wait()

    monkeypatch.setattr("asyncio.open_connection", never)
    found = await examined(Endpoint("http://127.0.0.1:9", deadlines=Deadlines(connect=0.05)))
    assert "firewall" in found["connection"].do


@pytest.mark.parametrize(
    ("certificate", "trusted", "state", "came", "do"),
    [
        (GOOD, True, "good", "good until", ""),
        (EXPIRED, True, "bad", "certificate has expired", "renewed on the server"),
        (GOOD, False, "bad", "unable to get local issuer", "ARRIERO_CA_FILE"),
    ],
)
async def test_certificates(certificate, trusted, state, came, do, authority):
    async with SecureServer(certificate, info()) as server:
        found = await examined(server.endpoint(ca_file=authority if trusted else None))
    assert found["TLS"].state == state
    assert came in found["TLS"].came
    assert do in found["TLS"].do


async def test_who_does_not_look_at_the_certificate_is_told_so():
    async with SecureServer(EXPIRED, info()) as server:
        found = await examined(server.endpoint(verify=False))
    assert (found["TLS"].state, found["kind"].state) == ("open", "good")
    assert "ca_file" in found["TLS"].do


async def test_a_server_without_tls_at_a_secure_address():
    async with RawServer() as server:
        found = await examined(Endpoint(server.url.replace("http:", "https:")))
    assert "its address begins with http://" in found["TLS"].do


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no asyncio Unix sockets")
async def test_a_unix_socket_is_one_step(tmp_path):
    path = tmp_path / "tgi.sock"
    found = await examined(Endpoint(f"unix://{path}"))
    assert (list(found), found["connection"].state) == (["connection"], "bad")
    serving = await asyncio.start_unix_server(Routes(**TGI).serve, path)
    found = await examined(Endpoint(f"unix://{path}"))
    assert list(found)[:2] == ["connection", "kind"]
    assert found["generation"].state == "good"
    serving.close()


async def test_a_proxy_stands_in_between():
    async with RawServer(info()) as proxy:
        found = await examined(Endpoint("http://gpu.invalid:8080", proxy=proxy.url))
    assert list(found)[:2] == ["connection", "kind"]
    assert found["connection"].state == "open"


LOADING = plain("503 X", '{"error":{"code":503,"message":"Loading model"}}')


@pytest.mark.parametrize(
    ("answers", "question", "came", "do"),
    [
        ({"v1__info": info()}, "kind", "/info gives 404 Not Found", "Set ARRIERO_URL"),
        ({"info": PAGE, "v1__models": PAGE}, "kind", "'It works!'", "Set ARRIERO_URL"),
        (
            TGI | {"tokenize": plain("401 Unauthorized")},
            "key",
            "asks for a key (401 Unauthorized)",
            "Set ARRIERO_API_KEY to it.",
        ),
        (
            VLLM | {"v1__models": plain("401 Unauthorized")},
            "kind",
            "asks for a key",
            "Set ARRIERO_API_KEY",
        ),
        (LLAMA | {"v1__models": LOADING}, "kind", "still loading (503 X: Loading", "Try again"),
        (TGI | {"health": plain("503 X")}, "health", "still loading", "Try again in a moment."),
    ],
    ids=["wrong path", "web page", "no key", "no key for vLLM", "loading llama.cpp", "unhealthy"],
)
async def test_what_ends_the_examination(answers, question, came, do):
    await check(answers, question, "bad", came, do, last=True)


async def test_a_wrong_key():
    refuses = TGI | {"tokenize": plain("401 Unauthorized")}
    await check(
        refuses, "key", "bad", "refuses the key", "the model server was", key="x", last=True
    )


@pytest.mark.parametrize(
    ("answers", "question", "state", "came", "do"),
    [
        ({"info": info(model_id="gpt2")}, "model", "open", "It is gpt2", "no Code Llama"),
        (
            {"info": info(model_id="codellama/CodeLlama-7b-hf")},
            "model",
            "open",
            "suggestions by infill, actions by plain",
            "an Instruct model",
        ),
        (
            {"info": info(max_input_tokens=400, max_total_tokens=512)},
            "limits",
            "bad",
            "512 tokens in all",
            "--max-total-tokens 4096",
        ),
        (
            {"info": info(max_input_tokens=900, max_total_tokens=1000)},
            "limits",
            "bad",
            "1000 tokens in all",
            "--max-model-len 4096",
        ),
        (
            {"info": info(max_stop_sequences=1)},
            "stops",
            "bad",
            "It takes 1",
            "--max-stop-sequences 3",
        ),
        ({}, "tokens", "bad", "Other ids came", "tokenizer files of its own repository"),
        (
            {"generate_stream": stream(token("</s>", 2, special=True, reason="eos_token"))},
            "generation",
            "bad",
            "answered with nothing at all",
            "the model that it loaded",
        ),
        (
            {"generate_stream": stream(event({"error": "CUDA", "error_type": "generation"}))},
            "generation",
            "bad",
            "gave up while it generated (CUDA)",
            "model server's log",
        ),
        (
            {"generate_stream": stream(token(" 6 7 8 9 10 11", reason="length"))},
            "stop",
            "bad",
            "It went on",
            "run too long",
        ),
        (
            {"generate_stream": stream(token(" 6 7 8 9", reason="stop_sequence"))},
            "stop",
            "good",
            "It stopped",
            "",
        ),
    ],
)
async def test_what_is_wrong_and_does_not_end_it(answers, question, state, came, do):
    await check(TGI | answers, question, state, came, do)


async def test_a_model_that_is_not_served():
    await check(VLLM, "model", "bad", f"It is {CARDS}", "Serve other, or", model="other")


@pytest.mark.parametrize(
    ("loads", "state", "words"),
    [
        ([0, 1, 0], "good", "It let go within"),
        ([0, 1, 1], "bad", "still works on it"),
        ([0, 0], "open", "done before"),
    ],
)
async def test_cancelling_is_seen_in_the_servers_own_count(loads, state, words):
    class Counting(Routes):
        def answer(self, request):
            if request.path == "/metrics":
                load = loads.pop(0) if len(loads) > 1 else loads[0]
                return plain("200 OK", f"tgi_batch_current_size {load}\n")
            return super().answer(request)

    endless = (HEAD, chunk(token(" 6")), asyncio.Event())
    async with Counting(**TGI | {"generate_stream": endless}) as server:
        remote = Remote(server.endpoint())
        finding = await trial.cancel(await remote.driver())
        await remote.close()
    assert (finding.state, words in finding.came) == (state, True)


@pytest.mark.parametrize(
    "line",
    [
        "tgi_batch_current_size 2",
        "tgi_queue_size 2.0",
        'vllm:num_requests_running{engine="0",model_name="m"} 2.0',
        'sglang:num_running_reqs{model_name="m"} 2.0',
        "llamacpp:requests_processing 2",
    ],
)
def test_each_kind_tells_its_work_in_its_own_words(line):
    assert [float(each) for each in RUNNING.findall(f"# HELP x\n{line}\nother 7\n")] == [2.0]


async def test_the_prefix_cache_is_seen_by_the_second_answer_being_quick(monkeypatch):
    waits = iter([1.0, 0.0])

    class Slow(ScriptedEngine):
        async def generate(self, *args):
            await asyncio.sleep(next(waits))
            async for each in super().generate(*args):
                yield each

    monkeypatch.setattr(trial, "CACHED_TOKENS", 20)
    async with on_loopback(contract.app(Slow(("a", END)))) as client:
        remote = Remote(Endpoint(str(client.base_url).rstrip("/")))
        finding = await trial.cache(await remote.driver())
        await remote.close()
    assert finding.state == "good"
