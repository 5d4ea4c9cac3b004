import pytest
from gguf import GGUFReader
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.pre_tokenizers import ByteLevel

from arriero_backend.local import vocabulary
from arriero_backend.local.reading import Reader
from arriero_backend.local.vocabulary import Signs, Vocabulary
from backend.local import tiny


def opened(gguf) -> Vocabulary:
    metadata = {key: field.contents() for key, field in GGUFReader(gguf).fields.items()}
    return Vocabulary(vocabulary.build(metadata), vocabulary.signs(metadata))


@pytest.fixture(scope="module")
def byte_level(gguf):
    return opened(gguf)


@pytest.fixture(scope="module")
def sentence_piece(llama_gguf):
    return opened(llama_gguf)


def check(vocabulary: Vocabulary, text: str, pieces: list[str]) -> None:
    """See the vocabulary's own pieces that the text is cut into, without a BOS."""
    tokens = vocabulary.encode(text, begin=False)
    assert [vocabulary.tokenizer.id_to_token(token.id) for token in tokens] == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("hello", ["hello"]),
        ("hello world", ["hello", "Ġw", "o", "r", "l", "d"]),
        ("hell hell", ["hell", "Ġ", "hell"]),
        ("123", ["1", "2", "3"]),
        ("é", ["Ã", "©"]),
        ("<|im_end|>he", ["<|im_end|>", "he"]),
        ("\n  x", ["Ċ", "Ġ", "Ġ", "x"]),
        ("x<a b>he", ["x", "<a b>", "he"]),
        ("", []),
    ],
)
def test_byte_level_pieces(byte_level, text, pieces):
    check(byte_level, text, pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("hello", ["▁hello"]),
        ("he he", ["▁he", "▁he"]),
        ("ello", ["▁", "e", "llo"]),
        # Four blanks and one put before: the highest score goes first, from the left.
        ("    o", ["▁▁▁▁", "▁", "o"]),
        ("12", ["▁", "12"]),
        ("é", ["▁", "é"]),
        ("\n", ["▁", "<0x0A>"]),
        ("ß", ["▁", "<0xC3>", "<0x9F>"]),
        ("</s>he", ["</s>", "▁he"]),
        ("he<step>", ["▁he", "<step>"]),
    ],
)
def test_sentence_piece_pieces(sentence_piece, text, pieces):
    check(sentence_piece, text, pieces)


def test_digits_stay_together_where_the_model_says_so(tmp_path):
    path = tiny.write(tmp_path / "gpt2.gguf", tokenizer__ggml__pre="gpt-2")
    check(opened(path), "123", ["12", "3"])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        # The merge goes before what is written: three digits together, signs with their line end.
        ("1212", ["12", "1", "2"]),
        ("hello world", ["hello", "Ġw", "o", "r", "l", "d"]),
        ("x\n\n1", ["x", "Ċ", "Ċ", "1"]),
        # A whole word that is a piece is that piece, though no merge leads to it.
        ("ehe", ["ehe"]),
        ("ehehe", ["e", "he", "he"]),
    ],
)
def test_pieces_of_llama_3(tmp_path, text, pieces):
    """The rule of which llama.cpp's own 47 cases come out right with the real vocabulary."""
    metadata = tiny.byte_level()
    tokens = [*metadata["tokenizer__ggml__tokens"], "ehe"]
    kinds = [*metadata["tokenizer__ggml__token_type"], tiny.NORMAL]
    path = tiny.write(
        tmp_path / "llama3.gguf",
        tokenizer__ggml__pre="llama-bpe",
        tokenizer__ggml__tokens=tokens,
        tokenizer__ggml__token_type=kinds,
    )
    check(opened(path), text, pieces)
    assert opened(path).signs.begin == 1  # which the other byte-level vocabularies do not want


def test_runs_of_blanks_are_cut_as_sentence_piece_does(tmp_path):
    """Real vocabularies give all runs of blanks one score; then the lower ids go first."""
    metadata = tiny.sentence_piece()
    scores = metadata["tokenizer__ggml__scores"]
    for run in ("▁▁", "▁▁▁", "▁▁▁▁"):
        scores[metadata["tokenizer__ggml__tokens"].index(run)] = -1e9
    path = tiny.write(tmp_path / "runs.gguf", "llama", tokenizer__ggml__scores=scores)
    check(opened(path), " " * 4, ["▁▁▁▁", "▁"])
    check(opened(path), " " * 7, ["▁▁▁▁", "▁▁▁▁"])


def test_a_bos_is_put_before_the_text_only_where_the_model_wants_one(byte_level, sentence_piece):
    assert [t.id for t in sentence_piece.encode("he", begin=True)][:1] == [1]
    assert [t.id for t in byte_level.encode("he", begin=True)] == [
        t.id for t in byte_level.encode("he", begin=False)
    ]


def test_a_gguf_that_says_so_gets_a_bos(tmp_path):
    path = tiny.write(tmp_path / "bos.gguf", tokenizer__ggml__add_bos_token=True)
    assert [t.id for t in opened(path).encode("he", begin=True)][:1] == [1]


def test_signs(byte_level, sentence_piece):
    assert byte_level.signs.special == {0, 1, 2}
    # <|endoftext|> too: a text that is only continued ends with it.
    assert byte_level.signs.ends == {0, 2}
    assert byte_level.signs.names == {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}
    # <step> is a piece of the user's own: it has a text, and ends nothing.
    assert sentence_piece.signs.special == {0, 1, 2}
    assert sentence_piece.signs.ends == {2}
    assert Signs.from_json(byte_level.signs.to_json()) == byte_level.signs


PARTS = ["he", " ", "llo", "12", "é", "😀", "\n", "\t  "]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(PARTS)).map(
    "".join
)
WITH_SIGNS = st.lists(st.sampled_from([*PARTS, "<a b>", "<|im_end|>", "</s>"])).map("".join)


def read(vocabulary: Vocabulary, text: str) -> str:
    reader = Reader(vocabulary.piece)
    return "".join(reader.read(token.id) for token in vocabulary.encode(text, begin=False))


@given(text=TEXTS | WITH_SIGNS)
@settings(deadline=None)
def test_reading_what_was_encoded_gives_the_text_back(text, byte_level):
    assert read(byte_level, text) == text


@given(text=TEXTS)
@settings(deadline=None)
def test_sentence_piece_adds_the_blank_that_it_puts_before_a_text(text, sentence_piece):
    assert read(sentence_piece, text) == (f" {text}" if text else "")


@pytest.mark.parametrize("kind", ["byte_level", "sentence_piece"])
@given(text=TEXTS | WITH_SIGNS)
@settings(deadline=None)
def test_offsets_point_into_the_text_and_leave_nothing_out(kind, text, byte_level, sentence_piece):
    chosen = {"byte_level": byte_level, "sentence_piece": sentence_piece}[kind]
    done = 0
    for token in chosen.encode(text, begin=False):
        assert token.text == text[token.start : token.stop]
        assert token.start <= done
        done = max(done, token.stop)
    assert done == len(text)


@pytest.mark.parametrize("character", ["é", "日", "😀"])
@pytest.mark.parametrize("kind", ["byte_level", "sentence_piece"])
def test_a_character_split_over_tokens_comes_whole_with_its_last(
    kind, character, byte_level, sentence_piece
):
    chosen = {"byte_level": byte_level, "sentence_piece": sentence_piece}[kind]
    reader = Reader(chosen.piece)
    ids = [token.id for token in chosen.encode(f"o{character}", begin=False)]
    read = [reader.read(token) for token in ids]
    assert read[-1] == character
    assert all(piece == "" for piece in read[:-1] if piece.strip() not in ("o", ""))


@given(ids=st.lists(st.integers(0, 263)))
@settings(deadline=None)
def test_any_tokens_at_all_can_be_read(ids, sentence_piece, byte_level):
    for chosen in (byte_level, sentence_piece):
        reader = Reader(chosen.piece)
        read = "".join(map(reader.read, ids))
        whole = b"".join(map(chosen.piece, ids))
        # What is left out at the end is a character that the next token might complete.
        assert whole.decode("utf-8", "replace").startswith(read)
        assert len(whole) - len(read.encode()) <= 3 or "�" in read


def test_bytes_that_can_be_no_character_read_as_broken(byte_level):
    reader = Reader(byte_level.piece)
    ids = [token.id for token in byte_level.encode("éh", begin=False)]
    assert [reader.read(token) for token in (ids[0], ids[2], ids[1])] == ["", "�h", "�"]


def test_every_letter_of_the_byte_level_alphabet_is_a_byte():
    assert set(vocabulary.BYTE_OF) == set(ByteLevel.alphabet())
    assert sorted(vocabulary.BYTE_OF.values()) == list(range(256))
