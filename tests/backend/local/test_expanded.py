import numpy as np
import pytest

from arriero_backend.local import expanded
from arriero_backend.local.errors import BeyondUs, ModelError
from arriero_backend.local.source import Source
from backend.local import tiny


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "expanded"


def same(model, gguf) -> bool:
    """Whether a model is what the file says, read the slow way."""
    source = Source(gguf)
    expected = source.weights()
    text = "hello <|im_end|> 12é"
    return (
        model.header == source.header
        and model.vocabulary.signs == source.signs
        and model.vocabulary.tokenizer.encode(text).ids == source.tokenizer.encode(text).ids
        and all(
            np.array_equal(getattr(model.weights, role), getattr(expected, role))
            for role in expected.__dataclass_fields__
        )
    )


def places(cache) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.name != "lock")


def never(*_):
    raise AssertionError("the GGUF was read again")


def is_mapped(array) -> bool:
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


@pytest.mark.parametrize("kind", ["gguf", "llama_gguf"])
def test_the_second_start_reads_only_the_cache(kind, request, cache, monkeypatch):
    gguf = request.getfixturevalue(kind)
    assert same(expanded.load(gguf, cache), gguf)
    kept = places(cache)
    with monkeypatch.context() as patched:
        patched.setattr(Source, "__init__", never)
        again = expanded.load(gguf, cache)
    assert same(again, gguf)
    assert places(cache) == kept
    assert len(kept) == 1
    assert is_mapped(again.weights.feed_in)


def cut_short(file):
    file.write_bytes(file.read_bytes()[:-5])


def emptied(file):
    file.write_bytes(b"")


def gone(file):
    file.unlink()


def of_other_shape(file):
    np.save(file, np.zeros((3, 3), np.float32))


def of_other_meaning(file):
    file.write_text('{"header": {}, "signs": {}, "tied": true}')


def not_a_dictionary(file):
    file.write_text("[]")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("model.json", cut_short),
        ("model.json", gone),
        ("model.json", of_other_meaning),
        ("model.json", not_a_dictionary),
        ("tokenizer.json", cut_short),
        ("tokenizer.json", gone),
        ("feed_in.npy", cut_short),
        ("feed_in.npy", emptied),
        ("feed_in.npy", gone),
        ("embedding.npy", of_other_shape),
    ],
)
def test_a_broken_cache_is_made_anew(gguf, cache, name, broken):
    expanded.load(gguf, cache)
    kept = places(cache)
    broken(cache / kept[0] / name)
    assert same(expanded.load(gguf, cache), gguf)
    assert places(cache) == kept
    assert is_mapped(expanded.load(gguf, cache).weights.feed_in)


def test_what_a_killed_process_left_behind_is_cleared_away(gguf, cache):
    (cache / "abc.partial" / "made").mkdir(parents=True)
    expanded.load(gguf, cache)
    assert len(places(cache)) == 1


def test_another_file_of_the_same_name_takes_the_place_of_the_old(tmp_path, cache):
    gguf = tiny.write(tmp_path / "model.gguf", seed=1)
    expanded.load(gguf, cache)
    old = places(cache)
    tiny.write(gguf, seed=2, tied=False)
    assert same(expanded.load(gguf, cache), gguf)
    assert len(places(cache)) == 1
    assert places(cache) != old


def test_models_of_one_name_in_two_directories_do_not_evict_each_other(tmp_path, cache):
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        expanded.load(tiny.write(tmp_path / place / "model.gguf"), cache)
    assert len(places(cache)) == 2


def test_without_a_place_to_write_the_model_is_expanded_into_memory(gguf, tmp_path):
    (tmp_path / "file").write_text("in the way")
    model = expanded.load(gguf, tmp_path / "file" / "expanded")
    assert same(model, gguf)
    assert not is_mapped(model.weights.feed_in)


def test_a_disk_that_fills_up_leaves_nothing_behind(gguf, cache, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(expanded, "_settle", full)
    assert same(expanded.load(gguf, cache), gguf)
    assert places(cache) == []


def test_the_last_gigabyte_of_a_disk_is_left_free(gguf, cache, monkeypatch):
    usage = expanded.shutil.disk_usage(cache.parent)
    nearly_full = usage._replace(free=expanded.LEAVE_FREE_BYTES)
    monkeypatch.setattr(expanded.shutil, "disk_usage", lambda _: nearly_full)
    assert same(expanded.load(gguf, cache), gguf)
    assert places(cache) == []


# Files that it does not take ---------------------------------------------------------------------


def check_refused(cache, gguf, kind, words: str) -> None:
    """See the sentence that people get for a file; nothing may be left of the attempt."""
    with pytest.raises(kind, match=words) as refused:
        expanded.load(gguf, cache)
    assert type(refused.value) is kind
    assert not cache.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"architecture": "qwen2"}, "architecture 'qwen2'"),
        ({"llama__rope__scaling__type": "linear"}, "rotary positions"),
        ({"llama__rope__dimension_count": 8}, "rotary positions"),
        ({"tokenizer__ggml__pre": "tekken"}, "by the rule 'tekken'"),
        ({"extra_tensor": "rope_freqs.weight"}, "rope_freqs.weight is there"),
        ({"tokenizer__ggml__model": "t5"}, "of the kind 't5'"),
        ({"extra_tensor": "blk.0.attn_q.bias"}, "blk.0.attn_q.bias is there"),
        ({"llama__block_count": 3}, "blk.2.attn_k.weight is missing"),
    ],
)
def test_other_networks_are_refused_and_llama_cpp_is_named(tmp_path, cache, changed, words):
    gguf = tiny.write(tmp_path / "other.gguf", **changed)
    check_refused(cache, gguf, BeyondUs, rf"{words}.*Install llama-cpp-python")


def test_numbers_that_contradict_each_other_are_refused(tmp_path, cache):
    gguf = tiny.write(tmp_path / "other.gguf", llama__feed_forward_length=97)
    check_refused(cache, gguf, ModelError, "contradicts itself")


def test_a_file_cut_short_is_refused(gguf, tmp_path, cache):
    (tmp_path / "short.gguf").write_bytes(gguf.read_bytes()[:-1000])
    check_refused(cache, tmp_path / "short.gguf", ModelError, "whole GGUF file")


def test_a_file_that_is_no_model_is_refused(tmp_path, cache):
    (tmp_path / "page.gguf").write_text("<html>")
    check_refused(cache, tmp_path / "page.gguf", ModelError, "whole GGUF file")


def test_a_file_that_is_not_there_is_named(tmp_path, cache):
    check_refused(cache, tmp_path / "none.gguf", ModelError, "none.gguf cannot be opened: No such")
