"""`arriero doctor`: every finding it has, good and bad."""

from __future__ import annotations

import json
import re

import pytest
from tenacity import wait_none

from arriero.model import reference
from arriero.model.reference import Rendered
from arriero_backend import contract
from arriero_backend.engine import EngineError, Facts, InputToken
from e2e.house import backend
from e2e.truth import write
from engines import END, ScriptedEngine, on_loopback
from model.rawserver import RawServer, plain

MODEL = "codellama/CodeLlama-70b-Instruct-hf"
NOT_COMPARED = "Not compared: the card's reference ids are those of CodeLlama-70b-Instruct."
TIMED = r"The first token came after \d+\.\d\d s(, then \d+ tokens a second)?\."


class Tgi(ScriptedEngine):
    """TGI with the 70B, as far as can be told; a text becomes these ids, `<s>` first."""

    def __init__(self, ids=reference.IDS, script=("Hello", " world", END), model=MODEL) -> None:
        facts = Facts(model, 3584, 4096, 8, "text-generation-router", None, "text-generation")
        super().__init__(script, facts)
        self.ids = ids

    def encode(self, text, *, add_special_tokens=True):
        return [InputToken(id, "", 0, 0) for id in self.ids]


@pytest.fixture
def check(arriero):
    """Run the doctor; see these findings, each a mark, a question, and what is said (a pattern)."""

    async def run(*findings: tuple[str, str, str]) -> None:
        bad = any(mark == "✗" for mark, _, _ in findings)
        ended = await arriero("doctor")
        assert (ended.code, ended.err) == (1 if bad else 0, "")
        for line, (mark, question, said) in zip(ended.out.splitlines(), findings, strict=True):
            assert re.fullmatch(rf"{mark}  {question:<14}{said}", line), line

        ended = await arriero("doctor", "--json")
        assert (ended.code, ended.err) == (1 if bad else 0, "")
        for row, (mark, question, said) in zip(json.loads(ended.out), findings, strict=True):
            assert row.keys() == {"question", "good", "said"}
            assert (row["question"], row["good"]) == (question, mark == "✓")
            assert re.fullmatch(said, row["said"])

    return run


def in_order(url: str) -> tuple[str, str, str]:
    said = f"They are in order. The model server is {url}."
    return "✓", "settings", re.escape(said)


def up(url: str) -> tuple[str, str, str]:
    return "✓", "health", re.escape(f"{url} is up and says that it can generate.")


def serves(server: str, model: str = MODEL) -> tuple[str, str, str]:
    said = f"{model} on {server} 3.3.7: 4096 tokens in all, 3584 of them for the prompt."
    return "✓", "model", re.escape(said)


NO_KEY = ("✓", "key", "No key is asked for.")


@pytest.fixture
def at(monkeypatch):
    """Point the doctor at a model server; return what it finds before it looks at tokens."""

    def point(url: str, server: str = "tgi", model: str = MODEL):
        monkeypatch.setenv("ARRIERO_URL", url)
        return in_order(url), up(url), serves(server, model), NO_KEY

    return point


def served(engine):
    return on_loopback(contract.app(engine))


def url_of(client) -> str:
    return str(client.base_url).rstrip("/")


# A server that is well ----------------------------------------------------------------------------


async def test_all_is_well(check, at):
    said = "The model server makes the card's 49 reference ids of the card's dialog."
    async with served(Tgi()) as client:
        await check(*at(url_of(client)), ("✓", "tokens", said), ("✓", "generation", TIMED))


async def test_simulated_tokens_are_not_compared(check, model, at):
    await check(
        *at(model.url, "simulated"),
        ("✓", "tokens", NOT_COMPARED),
        ("✓", "generation", TIMED),
    )


async def test_another_models_tokens_are_not_compared(check, at, monkeypatch, tmp_path):
    monkeypatch.setenv("ARRIERO_TOKENIZER", str(tmp_path))
    async with served(Tgi(model="codellama/CodeLlama-7b-hf")) as client:
        await check(
            *at(url_of(client), model="codellama/CodeLlama-7b-hf"),
            ("✓", "tokens", NOT_COMPARED),
            ("✓", "tokenizer", NOT_COMPARED),
            ("✓", "generation", TIMED),
        )


async def test_key_is_accepted(check, tmp_path, at, monkeypatch):
    write(tmp_path / "truth")
    async with backend(tmp_path / "truth", key="sesame") as model:
        monkeypatch.setenv("ARRIERO_API_KEY", "sesame")
        first, second, third, _ = at(model.url, "simulated")
        await check(
            *(first, second, third, ("✓", "key", "The key is accepted.")),
            ("✓", "tokens", NOT_COMPARED),
            ("✓", "generation", TIMED),
        )


# Something is wrong with the settings -------------------------------------------------------------


async def test_wrong_settings_are_named_and_the_rest_is_looked_at(check, model, at, monkeypatch):
    monkeypatch.setenv("ARRIERO_MAX_NEW_TOKENS", "many")
    monkeypatch.setenv("ARRIERO_URI", "x")
    _, *rest = at(model.url, "simulated")
    await check(
        ("✗", "settings", "ARRIERO_MAX_NEW_TOKENS in the environment has to be .*"),
        ("✗", "settings", '"ARRIERO_URI" in the environment .*did you mean ARRIERO_URL.*'),
        *rest,
        ("✓", "tokens", NOT_COMPARED),
        ("✓", "generation", TIMED),
    )


async def test_no_model_at_all(check, tmp_path, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    await check(
        in_order("the local model, since no url is set"),
        ("✗", "model server", r"The embedded model is not there yet\. Run `.* backend .*"),
    )


# Something is wrong with the model server ---------------------------------------------------------


async def test_nobody_there(check, at):
    async with RawServer() as gone:
        pass
    settings, *_ = at(gone.url)
    said = f"Nothing answers at {gone.url}: connection refused. Start the model server, or .*"
    await check(settings, ("✗", "model server", said))


async def test_web_page(check, at):
    async with RawServer(plain("404 Not Found", "<html></html>")) as server:
        settings, *_ = at(server.url)
        said = f"{server.url} answers, but not as a model server does: /info gives 404 Not .*"
        await check(settings, ("✗", "model server", said))


async def test_model_that_is_not_named(check, at):
    async with RawServer(plain("200 OK", "{}")) as server:
        settings, *_ = at(server.url)
        said = f"{server.url} answers, but not as a model server does: its /info names no model.*"
        await check(settings, ("✗", "model server", said))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", r".* asks for a key \(401 Unauthorized\)\. Set ARRIERO_API_KEY to it\."),
        ("open", r".* refuses the key \(401 Unauthorized\)\. Set ARRIERO_API_KEY to the key .*"),
    ],
)
async def test_wrong_key(key, said, check, tmp_path, at, monkeypatch):
    write(tmp_path / "truth")
    monkeypatch.setenv("ARRIERO_API_KEY", key)
    async with backend(tmp_path / "truth", key="sesame") as model:
        settings, health, about, _ = at(model.url, "simulated")
        await check(settings, health, about, ("✗", "key", said))


async def test_tokens_of_another_tokenizer(check, at):
    said = "The model server makes other ids of the card's dialog than the model was trained on, .*"
    async with served(Tgi(ids=(1, 2, 3))) as client:
        await check(*at(url_of(client)), ("✗", "tokens", said), ("✓", "generation", TIMED))


async def test_generation_that_fails(check, at, monkeypatch):
    monkeypatch.setattr("arriero.model.retry.BACKOFF", wait_none())
    said = r".* gave up while it generated \(Request failed during generation: out of memory\)\. .*"
    async with served(Tgi(script=(EngineError("out of memory"),))) as client:
        await check(*at(url_of(client)), ("✓", "tokens", ".*"), ("✗", "generation", said))


# The tokenizer of the settings --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "mark", "said"),
    [
        (reference.IDS, "✓", "The tokenizer in .* makes the card's 49 reference ids of .*"),
        ((1, 2, 3), "✗", "The tokenizer in .* makes other ids of the card's dialog than .*"),
    ],
)
async def test_tokenizer_of_the_settings(ids, mark, said, check, model, at, tmp_path, monkeypatch):
    # Only the model's own files make its ids, and they are not ours to pass on.
    monkeypatch.setattr(reference, "render", lambda path: Rendered("", ids))
    monkeypatch.setenv("ARRIERO_TOKENIZER", str(tmp_path))
    await check(
        *at(model.url, "simulated"),
        ("✓", "tokens", NOT_COMPARED),
        (mark, "tokenizer", said),
        ("✓", "generation", TIMED),
    )
