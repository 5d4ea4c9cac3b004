"""`arriero tokenizer fetch` from a folder; the hub is asked in the same way."""

import json

import pytest
from tokenizers import Tokenizer, models


@pytest.fixture
def folder(tmp_path):
    def folder(name: str):
        made = tmp_path / name
        made.mkdir()
        Tokenizer(models.BPE({"a": 0}, [])).save(str(made / "tokenizer.json"))
        return made

    return folder


async def test_from_a_folder(arriero, folder, tmp_path):
    to = tmp_path / "saved.json"
    ended = await arriero("tokenizer", "fetch", str(folder("small")), "--to", str(to), "--json")
    assert (ended.code, json.loads(ended.out)) == (0, {"file": str(to), "checked": False})
    assert Tokenizer.from_file(str(to)).get_vocab_size() == 1


async def test_one_that_is_not_the_cards_is_not_saved(arriero, folder, tmp_path):
    to = tmp_path / "saved.json"
    made = folder("CodeLlama-70b-Instruct-hf")
    ended = await arriero("tokenizer", "fetch", str(made), "--to", str(to))
    assert ended.code == 1
    assert "makes other ids of the model card's dialog" in ended.err
    assert not to.exists()


async def test_what_is_neither_a_folder_nor_a_name(arriero):
    ended = await arriero("tokenizer", "fetch", "no/such/place")
    assert ended.code == 1
    assert "is no folder here and no model's name" in ended.err
