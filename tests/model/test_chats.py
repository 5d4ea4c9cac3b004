"""Chats with a model of another family: written by its server, else by its tokenizer's template."""

import json
import subprocess
import sys
import threading
from contextlib import asynccontextmanager

import pytest
from tokenizers import processors

import small_tokenizer
from arriero.assist.seam import End, Piece
from arriero.core.dialects import Prompt, Turn
from arriero.errors import Invalid, NoTemplate
from arriero.model import templates
from arriero.model.endpoint import Endpoint
from arriero.model.openai import OpenAi
from arriero.model.tgi import Tgi
from arriero_backend.engine import Token
from model.contractserver import EOS, ScriptedEngine, contract
from model.driving import everything
from model.rawserver import RawServer, event, plain, stream

# As families of chat models have it: a sign that begins the text, and a header for the reply.
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% if not loop.last or m['role'] != 'assistant' %}{{ '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
TURNS = (Turn("system", "Be good."), Turn("user", "Go on."), Turn("assistant", "```\nx ="))
WRITTEN = "<|system|>Be good.<|end|><|user|>Go on.<|end|><|assistant|>```\nx ="
PROMPT = Prompt("what is counted", (), frozenset({2}), 8, turns=TURNS)
SAID = Token(10, " 1", -0.5)


class Engine(ScriptedEngine):
    """Has the chat template of its model, or none."""

    def __init__(self, *, template: bool) -> None:
        super().__init__(SAID, EOS)
        self.facts = self.facts.__class__("toy/model", 200, 300, 2, "arriero-simulated")
        self.template = template

    def render_chat(self, messages):
        if not self.template:
            raise ValueError("template not found")
        return "".join(f"[{m['role']}]{m['content']}" for m in messages)


@asynccontextmanager
async def driven(engine, tokenizer=None):
    async with contract(engine) as url:
        driver = Tgi(Endpoint(url), tokenizer=tokenizer)
        try:
            yield driver
        finally:
            await driver.close()


@pytest.fixture
def folder(tmp_path):
    """The files of a model whose tokenizer begins every text with its sign, as most do."""
    path = small_tokenizer.save(tmp_path, TEMPLATE)
    tokenizer = small_tokenizer.whole()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", None, [("<s>", 1)])
    tokenizer.save(str(path / "tokenizer.json"))
    return path


async def test_the_server_writes_what_it_has_a_template_for(folder):
    engine = Engine(template=True)
    async with driven(engine, folder) as driver:
        items, error = await everything(driver, PROMPT)
    assert (error, items[-1].reason) == (None, "eos_token")
    assert engine.prompts == ["[system]Be good.[user]Go on.[assistant]```\nx ="]


@pytest.mark.parametrize("name", ["", "tokenizer.json"])
async def test_where_it_has_none_the_tokenizers_own_is_used(folder, name):
    engine = Engine(template=False)
    async with driven(engine, folder / name) as driver:
        first, error = await everything(driver, PROMPT)
        again, _ = await everything(driver, PROMPT)
    assert error is None
    assert [item.text for item in first if isinstance(item, Piece)] == [" 1", "</s>"]
    assert again == first
    assert engine.prompts == [WRITTEN, WRITTEN]


async def test_the_template_is_loaded_once_and_off_the_event_loop(folder, monkeypatch):
    seen = []
    writer = templates.writer

    def noted(path):
        seen.append(("load", threading.current_thread()))
        write = writer(path)
        return lambda turns: seen.append(("write", threading.current_thread())) or write(turns)

    monkeypatch.setattr(templates, "writer", noted)
    async with driven(Engine(template=False), folder) as driver:
        for _ in range(2):
            await everything(driver, PROMPT)
    assert [step for step, _ in seen] == ["load", "write", "write"]
    assert threading.main_thread() not in {thread for _, thread in seen}


async def test_with_neither_one_sentence_says_what_to_do():
    async with driven(Engine(template=False)) as driver:
        items, error = await everything(driver, PROMPT)
        assert items == []
        assert type(error) is NoTemplate
        assert str(error) == (
            f"{driver.endpoint.shown} has no chat template for its model (422 Unprocessable "
            "Entity: Template error: template not found). Set ARRIERO_TOKENIZER to the folder of "
            "the model's tokenizer, or `dialect` to the format it was trained on."
        )


async def test_a_folder_without_a_template_is_of_no_use(tmp_path):
    small_tokenizer.whole().save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"})
    )
    async with driven(Engine(template=False), tmp_path) as driver:
        _, error = await everything(driver, PROMPT)
    assert type(error) is NoTemplate
    assert str(error).startswith("The model server has no chat template. The tokenizer in ")
    assert "\n" not in str(error)


VLLM_WORDS = (
    "As of transformers v4.44, default chat template is no longer allowed, so you must provide a "
    "chat template if the tokenizer does not define one."
)
VLLM = plain("200 OK", '{"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 2048}]}')
OK = stream(event({"choices": [{"text": " 1", "finish_reason": "stop"}]}), b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "refusal",
    [
        plain("400 Bad Request", json.dumps({"error": {"message": VLLM_WORDS, "code": 400}})),
        plain("404 Not Found", '{"detail":"Not Found"}'),
        plain("405 Method Not Allowed"),
    ],
)
async def test_other_servers_without_a_template_or_the_route(refusal, folder):
    async with RawServer(VLLM, refusal, OK) as server:
        driver = OpenAi(server.endpoint(), tokenizer=folder)
        items, error = await everything(driver, PROMPT)
        await driver.close()
    assert (items, error) == ([Piece(" 1"), End("eos_token")], None)
    assert [request.path for request in server.requests[1:]] == [
        "/v1/chat/completions",
        "/v1/completions",
    ]
    assert server.requests[2].json["prompt"] == WRITTEN


async def test_what_a_template_refuses_is_not_written_by_another(folder):
    refusal = plain(
        "422 Unprocessable Entity",
        '{"error":"Template error: roles must alternate","error_type":"template_error"}',
    )
    async with RawServer(refusal) as server:
        driver = Tgi(server.endpoint(), tokenizer=folder)
        _, error = await everything(driver, PROMPT)
        await driver.close()
    assert type(error) is Invalid
    assert len(server.requests) == 1


def test_transformers_is_not_loaded_before_it_is_needed():
    serving = "import arriero.app, arriero.model.remote, arriero.model.hub, sys"
    told = subprocess.run(
        [sys.executable, "-c", f"{serving}; print('transformers' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"


def test_the_sign_that_the_server_does_not_add_stays(tmp_path):
    # The small tokenizer adds none by itself, so what the template writes is wanted.
    path = small_tokenizer.save(tmp_path, TEMPLATE)
    assert templates.writer(path)(TURNS) == "<s>" + WRITTEN
