"""A chat model of another family: its own template is written by its server, or here."""

import pytest
from tokenizers import processors

import small_tokenizer
from arriero_backend.contract import app
from arriero_backend.engine import Facts
from e2e.house import in_memory, settings
from engines import END, ScriptedEngine, on_loopback

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
FACTS = Facts("acme/coder-2b-instruct", 3000, 4096, 8, "3.3.7", None, "text-generation")


class NoTemplateEngine(ScriptedEngine):
    """A model that came without a chat template."""

    def render_chat(self, messages):
        raise ValueError("template not found")


@pytest.fixture
def folder(tmp_path):
    """The tokenizer's files, as `arriero tokenizer fetch` leaves them."""
    made = tmp_path / "tokenizer"
    made.mkdir()
    small_tokenizer.save(made, TEMPLATE)
    tokenizer = small_tokenizer.whole()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", None, [("<s>", 1)])
    tokenizer.save(str(made / "tokenizer.json"))
    return made


async def suggested(tmp_path, engine, **more):
    """Ask for a suggestion; give it, what the person was told, and the prompts."""
    async with (
        on_loopback(app(engine)) as client,
        in_memory(tmp_path, settings(str(client.base_url).rstrip("/"), **more)) as desk,
    ):
        desk.open("x = 1\ny =‸\n")
        text = await desk.suggestion()
        return text, desk.messages, [prompt for prompt, *_ in engine.asked]


async def test_the_server_writes_it(tmp_path):
    engine = ScriptedEngine((" 2", END), FACTS)
    text, messages, prompts = await suggested(tmp_path, engine)
    assert (text, messages) == (" 2", [])
    assert prompts[0].startswith("<system>You are ")
    assert prompts[0].endswith("<assistant>```python\nx = 1\ny =")


async def test_it_is_written_here_where_the_server_has_none(tmp_path, folder):
    engine = NoTemplateEngine((" 2", END), FACTS)
    text, messages, prompts = await suggested(tmp_path, engine, tokenizer=str(folder))
    assert (text, messages) == (" 2", [])
    assert prompts[0].startswith("<|system|>You are ")
    assert prompts[0].endswith("<|assistant|>```python\nx = 1\ny =")


async def test_where_neither_has_one_it_is_said_once(tmp_path):
    engine = NoTemplateEngine((" 2", END), FACTS)
    text, messages, prompts = await suggested(tmp_path, engine)
    assert (text, prompts) == (None, [])
    (message,) = messages
    assert "has no chat template for its model" in message
    assert "Set ARRIERO_TOKENIZER to the folder" in message


async def test_a_format_that_is_set_needs_no_template(tmp_path):
    engine = NoTemplateEngine((" 2", END), FACTS)
    text, _, prompts = await suggested(tmp_path, engine, dialect="plain")
    assert (text, prompts) == (" 2", ["x = 1\ny ="])
