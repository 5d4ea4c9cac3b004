"""`arriero doctor`: lines, JSON and exit code. What it finds is in tests/model/test_doctor.py."""

from __future__ import annotations

import json
import re

import pytest

from arriero.model import reference
from arriero.model.reference import Rendered
from arriero_backend import contract
from arriero_backend.engine import Facts, InputToken
from e2e.house import backend
from e2e.truth import write
from engines import END, ScriptedEngine, on_loopback
from model.rawserver import RawServer

MODEL = "codellama/CodeLlama-70b-Instruct-hf"
NOT_COMPARED = "Not compared: the card's reference ids are those of CodeLlama-70b-Instruct."
MARKS = {"✓": "good", "✗": "bad", "–": "open"}


class Tgi(ScriptedEngine):
    """TGI with the 70B, as far as can be told; a text becomes these ids, `<s>` first."""

    def __init__(self, ids=reference.IDS, model=MODEL) -> None:
        facts = Facts(model, 3584, 4096, 8, "text-generation-router", None, "text-generation")
        super().__init__(("Hello", " world", END), facts)
        self.ids = ids

    def encode(self, text, *, add_special_tokens=True):
        return [InputToken(id, "", 0, 0) for id in self.ids]


@pytest.fixture
def check(arriero):
    """Run the doctor; see these findings among its own: mark, question, what came (a pattern)."""

    async def run(*expected: tuple[str, str, str], arguments=()) -> list[dict]:
        ended = await arriero("doctor", "--json", *arguments)
        found = json.loads(ended.out)
        bad = any(each["state"] == "bad" for each in found)
        assert (ended.code, ended.err) == (1 if bad else 0, "")
        for mark, question, came in expected:
            matching = [each for each in found if each["question"] == question]
            assert any(re.fullmatch(came, each["came"]) for each in matching), matching
            assert {each["state"] for each in matching} == {MARKS[mark]}
        return found

    return run


def served(engine):
    return on_loopback(contract.app(engine))


def url_of(client) -> str:
    return str(client.base_url).rstrip("/")


@pytest.fixture
async def tgi(monkeypatch):
    """Point the doctor at a TGI with the 70B."""
    async with served(Tgi()) as client:
        monkeypatch.setenv("ARRIERO_URL", url_of(client))
        yield url_of(client)


# How it speaks ------------------------------------------------------------------------------------


async def test_each_line_says_what_was_tried_and_what_came(arriero, tgi):
    ended = await arriero("doctor")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert (
        lines[0] == "✓  settings      read the settings: They are in order: url by the environment."
    )
    assert "✓  kind          ask /info and /v1/models: It is tgi 3.3.7." in lines


async def test_what_to_do_stands_below(arriero):
    async with RawServer() as gone:
        pass
    ended = await arriero("doctor", "--url", gone.url)
    assert (ended.code, ended.err) == (1, "")
    *_, came, do = ended.out.splitlines()
    port = gone.url.rpartition(":")[2]
    assert came == f"✗  connection    connect to 127.0.0.1:{port}: Nothing listens there."
    assert do.startswith(" " * 17 + "Start the model server, or set ARRIERO_URL to its address.")


async def test_json_has_the_same_in_parts(check, tgi):
    found = await check()
    assert found[0] == {
        "question": "settings",
        "state": "good",
        "tried": "read the settings",
        "came": "They are in order: url by the environment.",
        "do": "",
    }
    assert [each["question"] for each in found] == [
        *("settings", "name", "connection", "kind", "health", "key", "model", "limits", "stops"),
        *("tokens", "generation", "stop", "cancel", "prefix cache"),
    ]


async def test_a_fault_of_our_own_leaves_what_was_found(arriero, tgi, monkeypatch):
    def broken(driver, settings):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("arriero.model.doctor.probe", broken)
    ended = await arriero("doctor", "--json")
    assert ended.code == 1
    assert [each["question"] for each in json.loads(ended.out)][-1] == "connection"
    assert "a fault in arriero itself (ZeroDivisionError)" in ended.err
    assert "secret" not in ended.err


@pytest.mark.parametrize("url", ["gpu:8080", "http://me:pw@gpu", ""])
async def test_what_is_no_address_is_a_wrong_command_line(arriero, url):
    ended = await arriero("doctor", "--url", url or "ftp://x")
    assert (ended.code, ended.out) == (2, "")
    assert "it has to be an address such as http://127.0.0.1:8080" in ended.err


# Which servers ------------------------------------------------------------------------------------


async def test_a_url_of_the_command_line_is_looked_at_alone(check, tgi, monkeypatch):
    monkeypatch.setenv("ARRIERO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ARRIERO_REPLICAS", "http://127.0.0.1:2")
    monkeypatch.setenv("ARRIERO_TYPING_URL", "http://127.0.0.1:3")
    found = await check(("✓", "generation", ".*"), arguments=("--url", tgi))
    assert len([each for each in found if each["question"] == "connection"]) == 1
    assert "url by the command line" in found[0]["came"]


async def test_every_server_of_the_settings_is_looked_at(check, tgi, monkeypatch):
    monkeypatch.setenv("ARRIERO_REPLICAS", "http://127.0.0.1:2")
    monkeypatch.setenv("ARRIERO_TYPING_URL", "http://127.0.0.1:3")
    found = await check()
    connections = [each for each in found if each["question"] == "connection"]
    assert [each["state"] for each in connections] == ["good", "bad", "bad"]


async def test_no_model_at_all(check, tmp_path, monkeypatch):
    monkeypatch.setenv("ARRIERO_CACHE", str(tmp_path / "empty"))
    await check(
        ("✓", "settings", "They are in order: nothing is set."),
        ("✗", "model server", r"The embedded model is not there yet\."),
    )


async def test_a_key_that_is_not_found(check, tgi, monkeypatch, tmp_path):
    monkeypatch.setenv("ARRIERO_API_KEY_FILE", str(tmp_path / "none"))
    await check(("✗", "model server", "The file of api_key_file, .*No such file.*"))


# The settings, the key, the tokens ----------------------------------------------------------------


async def test_wrong_settings_are_named_and_the_rest_is_looked_at(check, tgi, monkeypatch):
    monkeypatch.setenv("ARRIERO_MAX_NEW_TOKENS", "many")
    monkeypatch.setenv("ARRIERO_URI", "x")
    await check(
        ("✗", "settings", "ARRIERO_MAX_NEW_TOKENS in the environment has to be .*"),
        ("✗", "settings", '"ARRIERO_URI" in the environment .*did you mean ARRIERO_URL.*'),
        ("✓", "generation", ".*"),
    )


@pytest.mark.parametrize(
    ("key", "mark", "came"),
    [
        ("sesame", "✓", "The key is accepted."),
        ("", "✗", r".* asks for a key \(401 Unauthorized\)\."),
        ("open", "✗", r".* refuses the key \(401 Unauthorized\)\."),
    ],
)
async def test_key(key, mark, came, check, tmp_path, monkeypatch):
    write(tmp_path / "truth")
    async with backend(tmp_path / "truth", key="sesame") as model:
        monkeypatch.setenv("ARRIERO_URL", model.url)
        monkeypatch.setenv("ARRIERO_API_KEY", key)
        found = await check((mark, "key", came))
    assert key == "" or key not in json.dumps(found).replace("api_key", "")


async def test_the_settings_are_those_of_the_workspace_around(check, tgi, tmp_path, monkeypatch):
    (tmp_path / "arriero.toml").write_text("max_new_tokens = 9\n")
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    file = re.escape(str(tmp_path / "arriero.toml"))
    await check(("✓", "settings", f"They are in order: max_new_tokens by {file}, url by .*"))


async def test_tokens_are_those_of_the_card(check, tgi):
    await check(("✓", "tokens", "The card's 49 reference ids came."))


async def test_tokens_of_another_tokenizer(check, monkeypatch):
    async with served(Tgi(ids=(1, 2, 3))) as client:
        monkeypatch.setenv("ARRIERO_URL", url_of(client))
        await check(("✗", "tokens", "Other ids came than the model was trained on.*"))


async def test_another_models_tokens_are_not_compared(check, monkeypatch, tmp_path):
    monkeypatch.setenv("ARRIERO_TOKENIZER", str(tmp_path))
    async with served(Tgi(model="codellama/CodeLlama-7b-hf")) as client:
        monkeypatch.setenv("ARRIERO_URL", url_of(client))
        await check(("–", "tokens", NOT_COMPARED), ("–", "tokenizer", NOT_COMPARED))


async def test_simulated_tokens_are_not_compared(check, model):
    await check(("–", "tokens", NOT_COMPARED), ("✓", "kind", "It is simulated 3.3.7."))


@pytest.mark.parametrize(
    ("ids", "mark", "came"),
    [
        (reference.IDS, "✓", "The card's 49 reference ids came."),
        ((1, 2, 3), "✗", "Other ids came than .*"),
    ],
)
async def test_tokenizer_of_the_settings(ids, mark, came, check, model, tmp_path, monkeypatch):
    # Only the model's own files make its ids, and they are not ours to pass on.
    monkeypatch.setattr(reference, "render", lambda path: Rendered("", ids))
    monkeypatch.setenv("ARRIERO_TOKENIZER", str(tmp_path))
    await check((mark, "tokenizer", came))
