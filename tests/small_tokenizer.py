"""A small tokenizer that reads prompts as CodeLlama's does, with no piece of its vocabulary.

SentencePiece as in the model's tokenizer.json: spaces are written `▁`, one stands before each text,
what is no piece is spelled in bytes, no piece holds a line end. The flags of the added tokens are
the model's: `<step>` takes all blanks around it, is not seen at a letter, and is not hidden.
"""

from __future__ import annotations

import json
import string
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

SIGNS = ("<unk>", "<s>", "</s>")
INFILLING = ("▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>")
STEP = 32015
WORDS = ("▁Source", "▁system", "▁user", "▁return", "▁the", "step", "self", "ing", "==")


def vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return pieces with their ids, which are the model's for its signs, and the merges."""
    pieces = [*SIGNS, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *string.printable[:94]]
    merges = []
    for word in (*WORDS, *INFILLING):
        for end in range(2, len(word) + 1):
            merges.append((word[: end - 1], word[end - 1]))
            if end < len(word) or word not in INFILLING:
                pieces.append(word[:end])
    pieces = list(dict.fromkeys(pieces))
    pieces += [f"reserved {number}" for number in range(32_007 - len(pieces))]
    return {piece: id for id, piece in enumerate([*pieces, *INFILLING])}, list(
        dict.fromkeys(merges)
    )


def by_parts(*, begins_with_space: bool) -> Tokenizer:
    """Return what encodes one part of a prompt, without any sign: a `SentencePieceProcessor`."""
    pieces, merges = vocabulary()
    model = models.BPE(pieces, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    made = Tokenizer(model)
    blanks = normalizers.Replace(" ", "▁")
    first = [normalizers.Prepend("▁")] if begins_with_space else []
    made.normalizer = normalizers.Sequence([*first, blanks])
    return made


def whole() -> Tokenizer:
    """Return what encodes whole prompts, as the model's tokenizer.json does."""
    made = by_parts(begins_with_space=True)
    made.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    made.add_special_tokens(list(SIGNS))
    made.add_tokens([f"<reserved {number}>" for number in range(STEP - made.get_vocab_size())])
    step = AddedToken("<step>", lstrip=True, rstrip=True, single_word=True, normalized=False)
    made.add_tokens([step])
    return made


def save(folder: Path, template: str = "") -> Path:
    """Write the files that a model comes with into a folder, its chat template among them."""
    whole().save(str(folder / "tokenizer.json"))
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "chat_template": template,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(about), "utf-8")
    return folder
