"""Text to token ids and back, by the vocabulary inside a GGUF.

Two kinds of vocabulary are known, both as the `tokenizers` library computes them:

    gpt2    byte-level BPE with a list of merges (SmolLM2, Llama 3)
    llama   SentencePiece BPE with scores and a fallback to single bytes (Llama 2)
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, cast

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from arriero_backend.engine import InputToken
from arriero_backend.local.errors import BeyondUs
from arriero_backend.local.header import Metadata

# GGUF's tokenizer.ggml.token_type (ggml-org/ggml, docs/gguf.md).
UNKNOWN, CONTROL, USER_DEFINED = 2, 3, 4

# How byte-level vocabularies cut text before merging (llama.cpp, src/llama-vocab.cpp); every other
# name has a rule of its own, and a wrong one gives wrong ids without any sign of it.
_BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False)
_LLAMA_3 = Regex(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CUTS = {
    "gpt-2": _BYTES,
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), _BYTES]),
    "llama-bpe": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(_LLAMA_3, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
}

# Those that take a word that is a piece as that piece, whatever the merges would make of it; they
# are also those that want a BOS unless they say no.
WHOLE_WORDS = ("llama-bpe",)

# Signs that end an answer under these names whatever the metadata says: a base model writes
# `<|endoftext|>` where its chat template's own end sign is another.
END_NAMES = (
    "</s>",
    "<|endoftext|>",
    "<|im_end|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
)
END_KEYS = ("eos_token_id", "eot_token_id", "eom_token_id")

SPACE = "▁"

# How SentencePiece writes a byte for which it has no piece.
SINGLE_BYTE = re.compile(r"<0x([0-9A-F]{2})>")

# How byte-level vocabularies write bytes as letters (GPT-2's bytes_to_unicode): printable ones as
# themselves, the others as the letters from U+0100 on.
PRINTABLE = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
OTHERS = [byte for byte in range(0x100) if byte not in PRINTABLE]
BYTE_OF = {chr(byte): byte for byte in PRINTABLE} | {
    chr(0x100 + place): byte for place, byte in enumerate(OTHERS)
}


@dataclass(frozen=True, slots=True)
class Signs:
    """The model's own signs. `begin` is None where the model wants none before a text."""

    begin: int | None
    special: frozenset[int]
    ends: frozenset[int]
    names: dict[str, str]  # "bos_token" and "eos_token", as a chat template knows them
    template: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the signs as JSON has them; `from_json` is the way back."""
        return {**asdict(self), "special": sorted(self.special), "ends": sorted(self.ends)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Signs:
        return cls(
            **{**value, "special": frozenset(value["special"]), "ends": frozenset(value["ends"])}
        )


class Vocabulary:
    """A tokenizer with its signs."""

    def __init__(self, tokenizer: Tokenizer, signs: Signs) -> None:
        self.tokenizer = tokenizer
        self.signs = signs
        self._added = tokenizer.get_added_tokens_decoder()
        self._is_byte_level = isinstance(tokenizer.decoder, decoders.ByteLevel)

    def encode(self, text: str, *, begin: bool) -> list[InputToken]:
        """Tokenize; signs written in the text become their ids. `begin` allows the model's BOS."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        tokens = [
            InputToken(token, text[start:stop], start, stop)
            for token, (start, stop) in zip(encoding.ids, encoding.offsets, strict=True)
        ]
        if not begin or self.signs.begin is None:
            return tokens
        return [InputToken(self.signs.begin, "", 0, 0), *tokens]

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for, which may be a part of a character."""
        if token in self._added:
            return self._added[token].content.encode()
        piece = self.tokenizer.id_to_token(token) or ""
        if self._is_byte_level:
            return bytes(BYTE_OF[letter] for letter in piece)
        if single := SINGLE_BYTE.fullmatch(piece):
            return bytes.fromhex(single[1])
        return piece.replace(SPACE, " ").encode()


def build(metadata: Metadata) -> Tokenizer:
    """Make the tokenizer; raises BeyondUs for a kind that is not one of the two."""
    kind = metadata.get("tokenizer.ggml.model")
    if kind == "gpt2":
        tokenizer = _byte_level(metadata)
    elif kind == "llama":
        tokenizer = _sentence_piece(metadata)
    else:
        raise BeyondUs(f"The model's vocabulary is of the kind {kind!r}")
    for piece, kind in zip(_pieces(metadata), _kinds(metadata), strict=True):
        if kind in (UNKNOWN, CONTROL):
            tokenizer.add_special_tokens([AddedToken(piece, normalized=False, special=True)])
        elif kind == USER_DEFINED:
            tokenizer.add_tokens([AddedToken(piece, normalized=False)])
    return tokenizer


def signs(metadata: Metadata) -> Signs:
    """Read the model's signs from the metadata."""
    pieces, kinds = _pieces(metadata), _kinds(metadata)
    special = frozenset(place for place, kind in enumerate(kinds) if kind in (UNKNOWN, CONTROL))
    told = {metadata.get(f"tokenizer.ggml.{key}") for key in END_KEYS}
    begin = metadata.get("tokenizer.ggml.bos_token_id")
    # llama.cpp's defaults: a Llama's vocabulary wants a BOS unless it says no, others none.
    llama = metadata.get("tokenizer.ggml.model") == "llama"
    llama = llama or metadata.get("tokenizer.ggml.pre") in WHOLE_WORDS
    wanted = metadata.get("tokenizer.ggml.add_bos_token", llama)
    names = {
        name: pieces[place]
        for name in ("bos_token", "eos_token")
        if isinstance(place := metadata.get(f"tokenizer.ggml.{name}_id"), int)
    }
    template = metadata.get("tokenizer.chat_template")
    return Signs(
        begin=begin if wanted and isinstance(begin, int) else None,
        special=special,
        ends=frozenset(place for place in special if place in told or pieces[place] in END_NAMES),
        names=names,
        template=template if isinstance(template, str) else None,
    )


def _byte_level(metadata: Metadata) -> Tokenizer:
    rule = metadata.get("tokenizer.ggml.pre")
    if not isinstance(rule, str) or rule not in CUTS:
        raise BeyondUs(f"The model cuts its text by the rule {rule!r}")
    merges = cast(list[str], metadata["tokenizer.ggml.merges"])
    tokenizer = Tokenizer(
        models.BPE(
            {piece: place for place, piece in enumerate(_pieces(metadata))},
            [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)],
            ignore_merges=rule in WHOLE_WORDS,
        )
    )
    tokenizer.pre_tokenizer = CUTS[rule]
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _sentence_piece(metadata: Metadata) -> Tokenizer:
    pieces = _pieces(metadata)
    unknown = pieces[cast(int, metadata.get("tokenizer.ggml.unknown_token_id", 0))]
    tokenizer = Tokenizer(
        models.BPE(
            {piece: place for place, piece in enumerate(pieces)},
            _merges_by_score(metadata),
            unk_token=unknown,
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    marks: list[normalizers.Normalizer] = [normalizers.Replace(" ", SPACE)]
    reads: list[decoders.Decoder] = [
        decoders.Replace(SPACE, " "),
        decoders.ByteFallback(),
        decoders.Fuse(),
    ]
    if metadata.get("tokenizer.ggml.add_space_prefix", True):
        marks.insert(0, normalizers.Prepend(SPACE))
        reads.append(decoders.Strip(" ", 1, 0))
    tokenizer.normalizer = normalizers.Sequence(marks)
    tokenizer.decoder = decoders.Sequence(reads)
    return tokenizer


def _merges_by_score(metadata: Metadata) -> list[tuple[str, str]]:
    """List every way to put a piece together from two others, in the order of precedence.

    SentencePiece always merges the neighbours that form the piece of the highest score. Of several
    ways to one piece, or to pieces of one score, the lower ids go first, as in transformers' own
    conversion; so the ids equal llama.cpp's (0.3.36, 3,060 texts), also in long runs of blanks.
    """
    pieces = _pieces(metadata)
    scores = dict(zip(pieces, cast(list[float], metadata["tokenizer.ggml.scores"]), strict=True))
    ids = {piece: place for place, piece in enumerate(pieces)}
    ways = sorted(
        (-scores[piece], ids[piece[:cut]], ids[piece[cut:]], piece[:cut], piece[cut:])
        for piece in pieces
        for cut in range(1, len(piece))
        if piece[:cut] in ids and piece[cut:] in ids
    )
    return [(left, right) for *_, left, right in ways]


def _pieces(metadata: Metadata) -> list[str]:
    return cast(list[str], metadata["tokenizer.ggml.tokens"])


def _kinds(metadata: Metadata) -> list[int]:
    return cast(list[int], metadata["tokenizer.ggml.token_type"])
