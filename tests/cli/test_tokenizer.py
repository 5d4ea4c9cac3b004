"""`arriero tokenizer fetch`, from a folder and from a hub on loopback."""

import json

import huggingface_hub.utils._http as hub_http
import pytest
from huggingface_hub import constants
from tokenizers import Tokenizer, models

import small_tokenizer
from arriero.model import reference
from hub import Hub, serving

MODEL = "owner/model"


def tokenizer_file() -> bytes:
    return Tokenizer(models.BPE({"a": 0}, [])).to_str().encode()


@pytest.fixture
def folder(tmp_path):
    def folder(name: str):
        made = tmp_path / name
        made.mkdir()
        (made / "tokenizer.json").write_bytes(tokenizer_file())
        return made

    return folder


# From a folder ------------------------------------------------------------------------------------


async def test_from_a_folder(arriero, folder, tmp_path):
    to = tmp_path / "saved.json"
    ended = await arriero("tokenizer", "fetch", str(folder("small")), "--to", str(to), "--json")
    assert (ended.code, json.loads(ended.out)) == (0, {"file": str(to), "checked": False})
    assert Tokenizer.from_file(str(to)).get_vocab_size() == 1


async def test_the_chat_template_comes_along(arriero, folder, tmp_path):
    made = folder("small")
    (made / "tokenizer_config.json").write_text("{}")
    (made / "chat_template.jinja").write_text("{{ messages }}")
    (tmp_path / "saved").mkdir()
    await arriero("tokenizer", "fetch", str(made), "--to", str(tmp_path / "saved/tokenizer.json"))
    assert sorted(file.name for file in (tmp_path / "saved").iterdir()) == [
        "chat_template.jinja",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


@pytest.mark.parametrize("name", ["CodeLlama-70b-Instruct-hf", "CodeLlama-7b-hf"])
async def test_one_that_is_not_the_cards_is_not_saved(arriero, folder, tmp_path, name):
    to = tmp_path / "saved.json"
    ended = await arriero("tokenizer", "fetch", str(folder(name)), "--to", str(to))
    assert ended.code == 1
    assert "makes other ids of the model card's dialog" in ended.err
    assert not to.exists()


def card(tokenizer: Tokenizer) -> tuple[int, ...]:
    """Return what the card would say, had its dialog been read by this tokenizer."""
    turns = [f"Source: {each['role']}\n\n {each['content'].strip()}" for each in reference.DIALOG]
    text = "<s>" + " <step> ".join([*turns, "Source: assistant\nDestination: user\n\n "])
    return tuple(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("name", ["CodeLlama-70b-Instruct-hf", "CodeLlama-34b-Instruct-hf"])
async def test_one_that_makes_the_cards_ids_is_checked(arriero, tmp_path, monkeypatch, name):
    tokenizer = small_tokenizer.whole()
    monkeypatch.setattr(reference, "IDS", card(tokenizer))
    made = tmp_path / name
    made.mkdir()
    tokenizer.save(str(made / "tokenizer.json"))
    ended = await arriero("tokenizer", "fetch", str(made), "--to", str(tmp_path / "saved.json"))
    assert ended.code == 0
    assert "the model card's 49 reference ids" in ended.err


async def test_what_is_neither_a_folder_nor_a_name(arriero):
    ended = await arriero("tokenizer", "fetch", "no/such/place")
    assert ended.code == 1
    assert "is no folder here and no model's name" in ended.err


async def test_a_folder_without_one(arriero, tmp_path):
    ended = await arriero("tokenizer", "fetch", str(tmp_path))
    assert ended.code == 1
    assert "cannot be read" in ended.err


async def test_a_place_that_cannot_be_written(arriero, folder, tmp_path):
    to = tmp_path / "no" / "such" / "folder.json"
    ended = await arriero("tokenizer", "fetch", str(folder("small")), "--to", str(to))
    assert ended.code == 1
    assert f"{to} cannot be written: " in ended.err


# From the hub -------------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with one model, and a person with a token for it and nothing in the cache."""
    with serving(Hub({"tokenizer.json": tokenizer_file(), "tokenizer_config.json": b"{}"})) as hub:
        at(monkeypatch, hub.url)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(hub_http.time, "sleep", lambda seconds: None)
        monkeypatch.setenv("HF_TOKEN", "hf_of_the_person")
        yield hub


def at(monkeypatch, url: str) -> None:
    """Have huggingface_hub ask this hub. It reads HF_ENDPOINT when it is imported only."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


async def fetched(arriero, tmp_path, *options: str):
    to = tmp_path / "saved" / "tokenizer.json"
    to.parent.mkdir(exist_ok=True)
    ended = await arriero("tokenizer", "fetch", MODEL, "--to", str(to), *options)
    return ended, to


async def test_from_the_hub_with_the_persons_token(arriero, hub, tmp_path):
    ended, to = await fetched(arriero, tmp_path)
    assert (ended.code, to.read_bytes()) == (0, tokenizer_file())
    assert to.with_name("tokenizer_config.json").read_bytes() == b"{}"
    asked = {token for _, path, token in hub.asked if "/resolve/" in path}
    assert asked == {"Bearer hf_of_the_person"}


async def test_another_revision(arriero, hub, tmp_path):
    hub.revisions = ("v1",)
    ended, _ = await fetched(arriero, tmp_path, "--revision", "v1")
    assert ended.code == 0


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((401, "GatedRepo"), "owner/model is gated, and it wants a token. Accept its licence at "),
        ((403, "GatedRepo"), "owner/model is gated, and the account of your token has no access"),
        ((404, "RepoNotFound"), "The hub has no model 'owner/model' for you. Correct the name;"),
        ((401, ""), "could not be fetched (Client error '401 Unauthorized'"),
        ((500, ""), "could not be fetched (Server error '500 Internal Server Error'"),
    ],
)
async def test_what_the_hub_refuses_is_said_in_one_sentence(arriero, hub, tmp_path, refusal, said):
    hub.refusal = refusal
    ended, to = await fetched(arriero, tmp_path)
    assert said in ended.err
    check_plain(ended, to)


async def test_a_revision_that_is_not_there(arriero, hub, tmp_path):
    ended, to = await fetched(arriero, tmp_path, "--revision", "v9")
    assert "owner/model has no revision 'v9' on the hub." in ended.err
    check_plain(ended, to)


async def test_a_model_without_a_tokenizer_json(arriero, hub, tmp_path):
    del hub.files["tokenizer.json"]
    ended, to = await fetched(arriero, tmp_path)
    assert "owner/model has no tokenizer.json on the hub" in ended.err
    check_plain(ended, to)


async def test_a_download_that_breaks_off(arriero, hub, tmp_path):
    hub.cut = True
    ended, to = await fetched(arriero, tmp_path)
    assert "could not be fetched (peer closed connection" in ended.err
    check_plain(ended, to)


async def test_what_is_fetched_is_a_tokenizer_or_is_not_saved(arriero, hub, tmp_path):
    hub.files["tokenizer.json"] = b"<html>"
    ended, to = await fetched(arriero, tmp_path)
    assert "cannot be read" in ended.err
    check_plain(ended, to)


async def test_without_network_there_is_what_was_fetched_before(
    arriero, hub, tmp_path, monkeypatch
):
    await fetched(arriero, tmp_path)
    at(monkeypatch, "http://127.0.0.1:9")
    ended, _ = await fetched(arriero, tmp_path)
    assert ended.code == 0


async def test_without_network_and_anything_fetched_before(arriero, hub, tmp_path, monkeypatch):
    at(monkeypatch, "http://127.0.0.1:9")
    ended, to = await fetched(arriero, tmp_path)
    assert "http://127.0.0.1:9 cannot be reached, and the tokenizer.json of owner" in ended.err
    check_plain(ended, to)


def check_plain(ended, to) -> None:
    """It failed, in one line, told no token and left nothing behind."""
    assert ended.code == 1
    assert len(ended.err.strip().split("\n")) == 1
    assert "hf_of_the_person" not in ended.err
    assert not to.exists()
