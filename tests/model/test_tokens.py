"""Counting tokens, and the model card's check of a tokenizer, on a toy one."""

import asyncio
import json
import logging
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)

from arriero.errors import Overloaded, SettingsError, WrongAddress
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
    ("text", "count"),
    [
        ("", 0),
        ("x", 2),
        ("return", 3),
        ("x = y", 4),
        ("snakeCaseWord", 5),
        ("        a", 3),
        ("\t\ta", 4),
        ("2026", 5),
        ("é", 3),
        ("日本", 7),
        ("\ud83d", 4),
    ],
)
def test_an_estimate(text, count):
    assert tokens.estimate(text) == count


texts = st.lists(st.sampled_from(["a", "B", "1", "é", "\n", "\t", "  ", "(", "word"])).map("".join)


@given(texts, texts)
def test_an_estimate_of_a_whole_is_never_above_that_of_its_parts(before, after):
    assert tokens.estimate(before + after) <= tokens.estimate(before) + tokens.estimate(after)


# Other tokenizers than the toy, by which lines do not simply add up -------------------------------


def sentence_piece() -> Tokenizer:
    """Pieces as in Llama's vocabulary, and the 70B's `<step>`, which takes the blanks around it."""
    merges = [("\u2581", "a"), ("\u2581", "S")]
    pieces = ["<unk>", "<0x0A>", "\u2581", *"abSource:", *map("".join, merges)]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    toy = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True))
    toy.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    toy.add_tokens([AddedToken("<step>", lstrip=True, rstrip=True, normalized=False)])
    return toy


def running_over_lines() -> Tokenizer:
    """Pieces that hold line ends, before and behind other signs."""
    merges = [("\n", "\n"), ("\n", " "), (")", "\n"), (" ", " "), ("\n ", " ")]
    pieces = ["<unk>", *"ab ()\n", *map("".join, merges)]
    return Tokenizer(models.BPE({piece: n for n, piece in enumerate(pieces)}, merges))


def true_count(tokenizer: Tokenizer, text: str) -> int:
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


codes = st.lists(st.sampled_from(["a", " a", "  ", "b", "(", ")", "\n", "\n\n"])).map("".join)


@given(codes)
def test_words_add_up_where_no_piece_runs_over_a_line_end(text):
    tokenizer = sentence_piece()
    assert tokens.splits(tokenizer)
    counted = tokens.by_tokenizer(tokenizer)(f"Source:\n{text}\n")
    assert counted == true_count(tokenizer, f"Source:\n{text}\n")


@given(codes)
def test_never_too_few_where_pieces_run_over_line_ends(text):
    tokenizer = running_over_lines()
    assert not tokens.splits(tokenizer)
    true = true_count(tokenizer, f"b\n{text}")
    assert true <= tokens.by_tokenizer(tokenizer)(f"b\n{text}") <= 2 * true


def test_the_end_of_a_turn_is_a_token_though_it_takes_the_blanks_around_it():
    tokenizer = sentence_piece()
    text = "Source: a <step> Source: b <step> Source:"
    assert tokens.by_tokenizer(tokenizer)(text) == true_count(tokenizer, text)


class Server:
    """Counts as a model server does: ids of `/tokenize`, a letter each, `<s>` first."""

    def __init__(self, ids=lambda text: [1, *map(ord, text)]) -> None:
        self.ids = ids
        self.asked = []

    async def tokenize(self, text):
        self.asked.append(text)
        return self.ids(text)


async def learned():
    """Wait until nothing is being asked."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)


async def test_a_server_is_asked_in_the_background():
    server = Server()
    counter = tokens.Counter(None, server.tokenize)
    text = "return x\n\n<step>\n"
    assert counter.count(text) == tokens.estimate(text)
    await learned()
    assert server.asked == ["\n\n\n\n", "\nreturn x\n<\u200bstep>"]
    assert counter.count(text) == len("return x<_step>") + 4  # three line ends, rounded up
    await learned()
    assert len(server.asked) == 2


@pytest.mark.parametrize("ids", [lambda text: [1, *text.encode()[::4]], lambda text: []])
async def test_a_server_whose_tokens_run_over_line_ends_is_not_asked_again(ids):
    server = Server(ids)
    counter = tokens.Counter(None, server.tokenize)
    for text in ("abc\nd", "ef"):
        assert counter.count(text) == tokens.estimate(text)
        await learned()
    assert len(server.asked) <= 2


async def test_a_server_that_does_not_answer_is_asked_again_later():
    def ids(text):
        if len(server.asked) == 1:
            raise Overloaded("busy")
        return [1, *map(ord, text)]

    server = Server(ids)
    counter = tokens.Counter(None, server.tokenize)
    for text in ("abc", "abcdef"):
        counter.count(text)
        await learned()
    assert counter.count("abcdef") == 6


@pytest.mark.parametrize("answer", [None, WrongAddress("no such route")])
async def test_a_server_that_never_says_is_asked_once(answer):
    asked = []

    async def ask(text):
        asked.append(text)
        if answer:
            raise answer

    counter = tokens.Counter(None, ask)
    for text in ("abc", "abcdef"):
        assert counter.count(text) == tokens.estimate(text)
        await learned()
    assert len(asked) == 1


async def test_where_the_tokenizer_cannot_be_read_the_server_is_asked(tmp_path):
    server = Server()
    counter = tokens.Counter(tmp_path / "none.json", server.tokenize)
    counter.count("abcdef")
    assert server.asked == []
    await counter.load()
    counter.count("abcdef")
    await learned()
    assert counter.count("abcdef") == 6


async def test_closing_ends_the_asking():
    hold = asyncio.Event()

    async def tokenize(text):
        await hold.wait()

    counter = tokens.Counter(None, tokenize)
    counter.count("abc")
    await counter.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


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
    assert before == [6, 4, 0]
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
    assert counter.count("x" * 18) == 6
    assert len(caplog.records) == 1
    assert "Set ARRIERO_TOKENIZER to the model's tokenizer.json" in caplog.text


async def test_a_tokenizer_is_read_off_the_event_loop(directory, monkeypatch):
    readers = []
    monkeypatch.setattr(tokens, "by_tokenizer", lambda _: len)
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
