"""Counting tokens, and the model card's check of a tokenizer, on a toy one."""

import json
import logging
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from arriero.errors import SettingsError
from arriero.model import reference, tokens
from arriero.model.tgi import Tgi
from model.rawserver import RawServer, plain

# The template of the 70B, as the model card has it.
TEMPLATE = (
    "{% for message in messages %}{% if loop.index0 == 0 %}{{ '<s>' }}{% endif %}"
    "{{ 'Source: ' + message['role'] + '\n\n ' + message['content'].strip() + ' <step> ' }}"
    "{% endfor %}{{ 'Source: assistant\nDestination: user\n\n ' }}"
)


@pytest.fixture
def directory(tmp_path):
    """A tokenizer with one token per byte, and `<s>` before each text."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: place for place, piece in enumerate(["<unk>", "<s>", *alphabet])}
    toy = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    toy.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    toy.decoder = decoders.ByteLevel()
    toy.add_special_tokens(["<s>"])
    toy.post_processor = processors.TemplateProcessing("<s> $A", None, [("<s>", 1)])
    toy.save(str(tmp_path / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "chat_template": TEMPLATE,
    }
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    return tmp_path


# Counting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("x", 1), ("x" * 18, 10), ("é", 2), ("日本", 6), ("🦙 x", 6)]
)
def test_an_estimate(text, count):
    assert tokens.estimate(text) == count


@given(st.text(), st.text())
def test_an_estimate_of_a_whole_is_never_above_that_of_its_parts(before, after):
    whole, parts = tokens.estimate(before + after), tokens.estimate(before) + tokens.estimate(after)
    assert parts - 1 <= whole <= parts


def test_half_a_surrogate_pair_counts():
    assert tokens.estimate("\ud83d") == 3


async def counted(tokenizer, *texts):
    """Count by a tokenizer on disk, as a driver does that has heard of its server."""
    async with RawServer(plain("200 OK", '{"model_id":"m"}')) as server:
        tgi = Tgi(server.endpoint(), tokenizer=tokenizer)
        before = [tgi.count(text) for text in texts]
        await tgi.info()
        await tgi.info()
        await tgi.close()
        return before, [tgi.count(text) for text in texts]


@pytest.mark.parametrize("name", ["", "tokenizer.json"])
async def test_a_tokenizer_counts_exactly_and_without_the_leading_sign(directory, name):
    before, after = await counted(directory / name, "x" * 18, "dé", "")
    assert before == [10, 3, 0]
    assert after == [18, 3, 0]


@pytest.mark.parametrize("content", [None, "{}", "no json"])
async def test_a_tokenizer_that_cannot_be_read_is_said_once(tmp_path, content, caplog):
    file = tmp_path / "tokenizer.json"
    if content is not None:
        file.write_text(content)
    counter = tokens.Counter(file)
    with caplog.at_level(logging.WARNING):
        await counter.load()
        await counter.load()
    assert counter.count("x" * 18) == 10
    assert len(caplog.records) == 1
    assert "Set ARRIERO_TOKENIZER to the model's tokenizer.json" in caplog.text


async def test_a_tokenizer_is_read_off_the_event_loop(directory, monkeypatch):
    readers = []
    monkeypatch.setattr(tokens, "load", lambda _: readers.append(threading.current_thread()))
    await tokens.Counter(directory).load()
    assert threading.main_thread() not in readers
    assert len(readers) == 1


# The card's dialog --------------------------------------------------------------------------------


def test_the_cards_ids():
    assert len(reference.IDS) == 49
    assert [reference.IDS.count(sign) for sign in (1, 32015)] == [1, 4]


@pytest.fixture
def fetched(monkeypatch):
    """What a test tried to reach; nothing can be."""
    tried = []

    def refused(*address):
        tried.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    return tried


@pytest.mark.parametrize("name", ["", "tokenizer.json"])
def test_the_cards_dialog_is_rendered_without_any_network(directory, name, fetched):
    rendered = reference.render(directory / name)
    assert fetched == []
    assert rendered.text == (
        "<s>Source: system\n\n System prompt <step> Source: user\n\n First user query <step> "
        "Source: assistant\n\n Model response to first query <step> Source: user\n\n "
        "Second user query <step> Source: assistant\nDestination: user\n\n "
    )
    assert rendered.ids.count(1) == 1
    assert len(rendered.ids) == len(rendered.text) - len("<s>") + 1


def test_a_directory_that_is_not_there_is_not_looked_for_on_the_hub(fetched):
    with pytest.raises(SettingsError):
        reference.render(Path("some/model"))
    assert fetched == []


def no_template(directory):
    (directory / "tokenizer_config.json").write_text(
        '{"tokenizer_class":"PreTrainedTokenizerFast"}'
    )


def no_files(directory):
    for file in directory.iterdir():
        file.unlink()


def code_of_its_own(directory):
    map_ = {"AutoTokenizer": ["evil.Evil", None]}
    settings = {"tokenizer_class": "Evil", "auto_map": map_}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))
    (directory / "evil.py").write_text("raise SystemExit('code of the directory was run')")
    (directory / "tokenizer.json").unlink()


def refusing_template(directory):
    template = "{{ raise_exception('roles must alternate') }}"
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": template}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))


@pytest.mark.parametrize("spoil", [no_template, no_files, code_of_its_own, refusing_template])
def test_a_directory_that_is_no_chat_tokenizer(directory, spoil):
    spoil(directory)
    with pytest.raises(SettingsError, match="cannot render a chat") as caught:
        reference.render(directory)
    assert "\n" not in str(caught.value)
